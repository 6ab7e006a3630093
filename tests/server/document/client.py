"""A syncing device, as specified by docs/protocol.md under Requests, Sync and Changing the key."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.server.document.keys import (
    SYNC_KEY,
    Key,
    decode,
    encode,
    new_private_key,
    open_grant,
    public_bytes,
    read_secret,
    seal,
    unseal,
)
from tests.server.document.merging import (
    NoRecordError,
    Pair,
    Version,
    merge,
    newer,
    read,
    restore_fields,
    write,
)
from tests.server.document.relations import Relations

DAY = 86_400_000
LARGEST = 2**53 - 1
ID = re.compile(r"[a-z0-9-]{1,64}")
BATCH_BYTES = 1_000_000
HOLD_UNREADABLE = timedelta(days=30)
MAX_EMPTY_ANSWERS = 20


class ProblemError(Exception):
    """A problem response; `code` is its code."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body.get("code"), body)
        self.code: str = body["code"]
        self.body = body


class BadAnswerError(Exception):
    """A response that violates the protocol."""


class Clock:
    """A hybrid logical clock."""

    def __init__(self, now: Callable[[], datetime], node: str) -> None:
        self._now, self._node = now, node
        self._last = (0, 0)

    def see(self, clock: str) -> bool:
        """Advance past a received clock. Returns False if it is more than a day ahead."""
        at = int(clock[:13]), int(clock[14:18], 16)
        if at[0] > self.now() + DAY:
            return False
        self._last = max(self._last, at)
        return True

    def tick(self) -> str:
        if self._last[0] > self.now() + DAY:
            self._last = (0, 0)  # the device's time was ahead and has been corrected
        milliseconds, counter = max(self._last, (self.now(), -1))
        self._last = (milliseconds, counter + 1) if counter < 0xFFFF else (milliseconds + 1, 0)
        return f"{self._last[0]:013d}-{self._last[1]:04x}-{self._node}"

    def now(self) -> int:
        return int(self._now().timestamp() * 1000)


class DocumentClient:
    """A device of an account with its state."""

    def __init__(self, api: httpx.Client, key: Key, now: Callable[[], datetime]) -> None:
        self.api, self.now = api, now
        self.id = uuid4().hex
        self.private = new_private_key()
        self.clock = Clock(now, uuid4().hex[:8])
        self.keys = {0: key}
        self.token = ""
        self.receipt = ""
        self.cursor = 0
        self.records: dict[str, Version] = {}
        self._relations = Relations(self.records)
        self._reset_sync()
        self._lost: dict[str, dict[str, Pair]] = {}
        self._unread: dict[str, tuple[int, datetime]] = {}
        self._sent: dict[str, Version] = {}

    @classmethod
    def start(cls, api: httpx.Client, key: Key, now: Callable[[], datetime]) -> "DocumentClient":
        """Create an account with its first device."""
        client = cls(api, key, now)
        client.register("start", create=True)
        return client

    @classmethod
    def join(
        cls,
        api: httpx.Client,
        text: str,
        now: Callable[[], datetime],
        method: str = "key",
        added_by: str = "",
    ) -> "DocumentClient":
        """Register another device, given the sync key as text."""
        client = cls(api, Key(read_secret(text, SYNC_KEY)), now)
        client.register(method, added_by)
        return client

    @property
    def epoch(self) -> int:
        return max(self.keys)

    @property
    def key(self) -> Key:
        return self.keys[self.epoch]

    def register(self, method: str, added_by: str = "", *, create: bool = False) -> None:
        label = json.dumps({"name": "Written from the document", "v": 1}).encode()
        body = {
            "account": self.key.account,
            "secret": self.key.secret,
            "device": self.id,
            "label": seal(self.key.sealing, label, f"device:{self.id}"),
            "create": create,
        }
        answer = self.request("POST", "/devices", body)
        self.token = answer["token"]
        if answer["epoch"]:
            self.keys = {answer["epoch"]: self.key}
            self._read_keyring(self.request("GET", "/account/key")["keyring"])
        self.set(
            f"device-{self.id}",
            "device",
            joined_at=self.now().isoformat(),
            method=method,
            added_by=added_by,
            public_key=encode(public_bytes(self.private)),
        )

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request and return the response's JSON. Raises ProblemError."""
        headers = {"Kaeru-Protocol": "1", "Kaeru-Key": self.key.header}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = self.api.request(method, f"/api/v1{path}", json=body, headers=headers)
        if answer.is_error:
            raise ProblemError(answer.json())
        return answer.json() if answer.content else None

    # User actions.

    def set(self, id_: str, kind: str, **values: Any) -> None:
        clock = self.clock.tick()
        record = self.records.setdefault(id_, Version(kind))
        record.fields |= {name: (value, clock) for name, value in values.items()}

    def delete(self, id_: str) -> None:
        self._relations.delete(id_, self.clock.tick())

    def revoke(self, device: str) -> None:
        at = self.now().isoformat()
        self.set(f"device-{device}", "device", revoked_at=at, revoked_by=self.id)
        self.request("DELETE", f"/devices/{device}")
        self._list_devices()

    def _list_devices(self) -> list[dict[str, Any]]:
        answer = self.request("GET", "/devices")
        if answer["receipt"] is None and self.receipt:
            self.request("POST", "/account/receipt", {"receipt": self.receipt})
            answer = self.request("GET", "/devices")
        self.receipt = answer["receipt"] or self.receipt
        return list(answer["devices"])

    def fields(self, id_: str) -> dict[str, Any]:
        """The values of a living record."""
        return {name: value for name, (value, _) in self.records[id_].fields.items()}

    # Sync.

    def sync(self) -> int:
        """Sync until nothing is left to push or pull. Returns the number of changes pushed."""
        for id_, record in self.records.items():
            self.records[id_] = self._without_future(record)
        pushed, empty_answers, more = 0, 0, True
        while more or self._outgoing():
            changes = self._outgoing(0 if self._pulling else 500)
            try:
                answer = self.request("POST", "/sync", {"cursor": self.cursor, "changes": changes})
            except ProblemError as problem:
                self._handle_problem(problem)
                more = True
                continue
            self._check(answer)
            if not self._apply_answer(answer):
                more = True
                continue
            pushed += len(answer["accepted"])
            empty_answers = 0 if answer["accepted"] or answer["changes"] else empty_answers + 1
            if empty_answers == MAX_EMPTY_ANSWERS:
                raise BadAnswerError("the answers neither accept nor bring anything")
            self.cursor, more = answer["cursor"], answer["more"]
            if not more:
                self._pulling = False
                self._relations.apply_deletions(self._lost)
        self._lost.clear()
        return pushed

    def _handle_problem(self, problem: ProblemError) -> None:
        if problem.code == "key_changed":
            self._follow()
        elif problem.code == "cursor":
            self._reset_sync()
            self._revoke_again()
        else:
            raise problem

    def _reset_sync(self) -> None:
        """Restart from cursor 0, with base 0 for all records."""
        self.cursor = 0
        self._pulling = True  # pull everything first, so that only what the server lost is pushed
        self._bases: dict[str, int] = {}
        self._known: dict[str, Version] = {}
        self._sealed: dict[str, int] = {}

    def _revoke_again(self) -> None:
        for device in self._list_devices():
            record = self.records.get(f"device-{device['id']}")
            if record is not None and record.value("revoked_at"):
                self.request("DELETE", f"/devices/{device['id']}")

    def _outgoing(self, most: int = 500) -> list[dict[str, Any]]:
        changes: list[dict[str, Any]] = []
        self._sent = {}
        size = 0
        for id_, record in self.records.items():
            known = self._known.get(id_)
            if known is not None and known.same(record) and self._sealed.get(id_) == self.epoch:
                continue
            if id_ in self._unread and self.now() - self._unread[id_][1] < HOLD_UNREADABLE:
                continue
            box = seal(self.key.sealing, write(record), f"record:{id_}")
            size += len(box)
            if len(changes) == most or (changes and size > BATCH_BYTES):
                break
            changes.append({"id": id_, "base": self._bases.get(id_, 0), "box": box})
            self._sent[id_] = record.copy()
        return changes

    def _check(self, answer: dict[str, Any]) -> None:
        ids = [each["id"] for part in ("accepted", "conflicts", "changes") for each in answer[part]]
        revs = [each["rev"] for each in answer["changes"]]
        numbers = [
            answer["cursor"],
            *(each["rev"] for part in ("accepted", "conflicts") for each in answer[part]),
        ]
        if (
            any(type(number) is not int or not 0 <= number <= LARGEST for number in [*numbers, *revs])
            or not all(ID.fullmatch(id_) for id_ in ids)
            or len(set(ids)) != len(ids)
            or {each["id"] for part in ("accepted", "conflicts") for each in answer[part]} - self._sent.keys()
            or [self.cursor, *revs] != sorted({self.cursor, *revs})
            or answer["cursor"] < max([self.cursor, *revs])
        ):
            raise BadAnswerError(answer)

    def _apply_answer(self, answer: dict[str, Any]) -> bool:
        """Apply a response. Returns False if it reveals a restored server and sync restarts."""
        for each in answer["conflicts"] + answer["changes"]:
            if each["rev"] < self._bases.get(each["id"], 0):
                self._reset_sync()
                self._revoke_again()
                return False
        for each in answer["accepted"]:
            self._store_known(each["id"], each["rev"], self._sent[each["id"]], self.epoch)
        for each in answer["conflicts"] + answer["changes"]:
            self._apply_revision(each["id"], each["rev"], each["box"])
        return True

    def _store_known(self, id_: str, rev: int, version: Version, epoch: int) -> None:
        self._bases[id_], self._known[id_], self._sealed[id_] = rev, version, epoch
        self._unread.pop(id_, None)

    def _apply_revision(self, id_: str, rev: int, box: str) -> None:
        if self._bases.get(id_) == rev and id_ in self._known:
            return
        opened = self._open(id_, box)
        if opened is None:
            before = self._unread.get(id_)
            self._unread[id_] = before if before is not None and before[0] == rev else (rev, self.now())
            self._bases[id_] = rev
            self._known.pop(id_, None)
            return
        epoch, plain = opened
        try:
            theirs = read(plain)
        except NoRecordError:
            self._bases[id_] = rev
            self._known.pop(id_, None)
            self._unread.pop(id_, None)
            return
        self._store_known(id_, rev, theirs, epoch)
        if (theirs.kind == "settings") == (id_ == "settings"):
            self._merge(id_, self._without_future(theirs))

    def _without_future(self, version: Version) -> Version:
        """Replace clocks more than a day ahead with the current time; advance past the others."""

        gone = version.gone if not version.gone or self.clock.see(version.gone) else self.clock.tick()
        fields = {
            name: pair if self.clock.see(pair[1]) else (pair[0], self.clock.tick())
            for name, pair in version.fields.items()
        }
        return Version(version.kind, fields, gone)

    def _merge(self, id_: str, theirs: Version) -> None:
        mine = self.records.get(id_)
        merged = merge(mine, theirs) if mine is not None else merge(theirs, theirs)
        if merged.gone:
            had = mine.fields if mine is not None and mine.kind == merged.kind else {}
            sent = theirs.fields if theirs.kind == merged.kind else {}
            both = newer(newer(had, sent), self._lost.get(id_, {}))
            if merged.living:
                merged = restore_fields(merged, both)
            elif both:
                self._lost[id_] = both
        self.records[id_] = merged

    def _open(self, id_: str, box: str) -> tuple[int, bytes] | None:
        for epoch in sorted(self.keys, reverse=True):
            plain = unseal(self.keys[epoch].sealing, box, f"record:{id_}")
            if plain is not None:
                return epoch, plain
        return None

    # Key changes.

    def _follow(self) -> None:
        answer = self.request("GET", "/account/key")
        if answer["epoch"] <= self.epoch or answer["grant"] is None:
            raise BadAnswerError(answer)
        self.keys[answer["epoch"]] = open_grant(
            answer["grant"], self.private, answer["account"], answer["epoch"], self.id, self.keys
        )
        self._read_keyring(answer["keyring"])
        self.receipt = answer["receipt"] or self.receipt

    def _read_keyring(self, keyring: str) -> None:
        plain = unseal(self.key.sealing, keyring, f"keyring:{self.epoch}")
        assert plain is not None
        earlier = json.loads(plain)["keys"]
        self.keys |= {
            int(epoch): Key(decode(key)) for epoch, key in earlier.items() if int(epoch) < self.epoch
        }

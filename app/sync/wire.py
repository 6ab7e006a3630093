"""Request and response bodies of protocol version 1 as types; see docs/protocol.md."""

import base64
import binascii
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, TypeVar

PROTOCOL = 1
CHANGES = 500
"""Maximum number of changes per request."""
BOX_BYTES = 64 * 1024
"""Maximum size of a box."""
ID = re.compile("[a-z0-9-]{1,64}")
LARGEST = 2**53 - 1
"""The largest revision or cursor: an integer that every client can represent exactly."""
RECEIPT_CHARACTERS = 15_000
"""Maximum length of a receipt."""

T = TypeVar("T")


class MalformedAnswerError(ValueError):
    """The server's response does not conform to the protocol."""


@dataclass(frozen=True)
class WireChange:
    """A pushed record; accepted if `base` is its current revision on the server (0: not there)."""

    id: str
    base: int
    box: bytes

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "base": self.base, "box": encode(self.box)}


@dataclass(frozen=True)
class Sealed:
    """A record as stored on the server."""

    id: str
    rev: int
    box: bytes


@dataclass(frozen=True)
class SyncResponse:
    """The response to a sync request."""

    cursor: int  # all changes up to this revision have been sent
    changes: list[Sealed]
    accepted: dict[str, int]  # id → new revision
    conflicts: list[Sealed]
    more: bool  # send another request at once


@dataclass(frozen=True)
class DeviceEntry:
    id: str
    label: bytes  # sealed
    created_at: datetime
    seen_at: datetime
    this: bool  # the requesting device


@dataclass(frozen=True)
class AccountKey:
    """The account's current sync key, as stored on the server."""

    epoch: int  # number of rotations
    account: str  # the account id derived from it
    grant: bytes | None  # sealed for the requesting device
    keyring: bytes | None  # the earlier keys, sealed with the current one


@dataclass(frozen=True)
class KeptDevice:
    """A device that keeps access in a key rotation."""

    id: str
    label: bytes  # sealed with the new key
    grant: bytes | None

    def to_json(self) -> dict[str, Any]:
        grant = None if self.grant is None else encode(self.grant)
        return {"id": self.id, "label": encode(self.label), "grant": grant}


@dataclass(frozen=True)
class KeyChange:
    """A key rotation, replacing the key of epoch `base`."""

    secret: bytes  # of the server's current key
    base: int
    epoch: int
    account: str
    new_secret: bytes
    keyring: bytes
    keep: list[KeptDevice]
    revoke: list[str]

    def to_json(self) -> dict[str, Any]:
        return {
            "secret": encode(self.secret),
            "base": self.base,
            "epoch": self.epoch,
            "account": self.account,
            "new_secret": encode(self.new_secret),
            "keyring": encode(self.keyring),
            "keep": [each.to_json() for each in self.keep],
            "revoke": self.revoke,
        }


@dataclass(frozen=True)
class ServerInfo:
    """A server's description of itself."""

    oldest: int  # supported protocol versions
    newest: int
    time: datetime
    records: int | None = None  # the account's limit
    push_key: str = ""  # VAPID public key (RFC 8292), base64url; empty if the server does not support push


@dataclass(frozen=True)
class PlannedRing:
    """A reminder on the server, which sends `box` to every device from `fire_at` until `expires_at`."""

    id: str
    group: str
    fire_at: datetime
    expires_at: datetime
    urgency: str
    box: bytes

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "group": self.group,
            "fire_at": _seconds(self.fire_at),
            "expires_at": _seconds(self.expires_at),
            "urgency": self.urgency,
            "box": encode(self.box),
        }


def read_answer(body: Any) -> SyncResponse:
    """Parse a sync response. Raises MalformedAnswerError, like all functions here."""

    def read() -> SyncResponse:
        accepted = [(_id(item["id"]), _number(item["rev"])) for item in body["accepted"]]
        answer = SyncResponse(
            cursor=_number(body["cursor"]),
            changes=[_sealed(item) for item in body["changes"]],
            accepted=dict(accepted),
            conflicts=[_sealed(item) for item in body["conflicts"]],
            more=body["more"] is True,
        )
        if len(answer.accepted) != len(accepted):
            raise ValueError("a change is accepted twice")
        return answer

    return _checked(read)


def check_answer(answer: SyncResponse, cursor: int, sent: Collection[str]) -> None:
    """Check a response against its request: from `cursor`, with changes of the records `sent`.

    Raises MalformedAnswerError.
    """
    revisions = [cursor, *(each.rev for each in answer.changes)]
    if any(later <= earlier for earlier, later in pairwise(revisions)):
        raise MalformedAnswerError("changes do not ascend from the cursor")
    if answer.cursor < revisions[-1]:
        raise MalformedAnswerError("the cursor is below what was handed over")
    if any(rev <= cursor for rev in answer.accepted.values()):
        raise MalformedAnswerError("a change was accepted with an earlier revision")
    answered = [*answer.accepted, *(each.id for each in answer.conflicts)]
    if not set(sent).issuperset(answered):
        raise MalformedAnswerError("an answer to what was not sent")
    named = [*(each.id for each in answer.changes), *answered]
    if len(set(named)) < len(named):
        raise MalformedAnswerError("a record is named twice")


def read_info(body: Any) -> ServerInfo:
    def read() -> ServerInfo:
        if body["name"] != "kaeru":
            raise ValueError("not a Kaeru server")
        spoken = body["protocol"]
        push = body.get("push")
        key = _text(push["key"]) if push else ""
        limit = (body.get("limits") or {}).get("account_records")
        records = None if limit is None else _number(limit)
        return ServerInfo(
            _number(spoken["min"]), _number(spoken["max"]), _instant(body["time"]), records, key
        )

    return _checked(read)


def read_devices(body: Any) -> list[DeviceEntry]:
    return _checked(lambda: [_device(item) for item in body["devices"]])


def read_receipt(body: Any) -> str:
    """The receipt for detecting a restore; empty if there is none (older servers never send one)."""
    receipt = body.get("receipt") if isinstance(body, dict) else None
    return receipt if isinstance(receipt, str) and len(receipt) <= RECEIPT_CHARACTERS else ""


def read_revision(body: Any) -> int:
    return _checked(lambda: _number(body["rev"]))


def read_plan(body: Any) -> tuple[int, frozenset[str]]:
    """Revision and ids of the stored reminders, from a conflict response."""
    return _checked(lambda: (_number(body["rev"]), frozenset(map(_id, body["ids"]))))


def read_registration(body: Any) -> tuple[str, int]:
    """The token, and the epoch of the account's key (servers of the first edition send none: 0)."""
    return _checked(lambda: (_text(body["token"]), _number(body.get("epoch", 0))))


def read_account_key(body: Any) -> AccountKey:
    def read() -> AccountKey:
        grant, keyring = body["grant"], body["keyring"]
        return AccountKey(
            epoch=_number(body["epoch"]),
            account=_text(body["account"]),
            grant=None if grant is None else decode(grant),
            keyring=None if keyring is None else decode(keyring),
        )

    return _checked(read)


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Decode text of `encode`. Raises binascii.Error."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _checked(read: Callable[[], T]) -> T:
    try:
        return read()
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError, binascii.Error) as error:
        raise MalformedAnswerError(f"{type(error).__name__}: {error}") from error


def _sealed(item: Any) -> Sealed:
    return Sealed(_id(item["id"]), _number(item["rev"]), decode(item["box"]))


def _device(item: Any) -> DeviceEntry:
    return DeviceEntry(
        id=_id(item["id"]),
        label=decode(item["label"]),
        created_at=_instant(item["created_at"]),
        seen_at=_instant(item["seen_at"]),
        this=item["this"] is True,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _id(value: Any) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ValueError("not an id")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise TypeError("not a whole number")
    return value


def _seconds(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _instant(value: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return at

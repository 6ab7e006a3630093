"""Several devices, any edits, any network: they converge, keep every last write, and stay deleted.

The state machine records every write with its timestamp. At the end it compares the state of all devices with
the state that follows from those timestamps.
"""

import json
import random
from collections import defaultdict
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from app.domain.entities import Client, Entity, Job, Message, Part, kind_of
from app.store.changes import Change
from app.store.records import unpack_clocks
from app.sync.errors import SyncError
from app.sync.sealing import read_record
from app.sync.wire import decode
from tests.unit.store.support import Clock, assert_search_in_step, is_living, records
from tests.unit.sync.support import Device, LossyNetwork

PARENT = {"message": "client_id", "job": "client_id", "part": "job_id"}
LINKS = {"message": "job_id"}
TEXTS = {
    "client": ("name", "notes"),
    "message": ("summary", "body"),
    "job": ("title", "notes"),
    "part": ("title",),
}
FAR = timedelta(days=3 * 365)

Stamps = dict[tuple[str, str], str]
"""(id, field or "gone") → timestamp."""

few = st.sampled_from("12")
kinds = st.sampled_from(sorted(TEXTS))
devices = st.integers(0, 2)


class Write(NamedTuple):
    field: str
    value: Any
    clock: str


class Recorder(httpx.AsyncBaseTransport):
    """Records every box sent to the server."""

    def __init__(self, server: httpx.AsyncBaseTransport) -> None:
        self._server = server
        self.boxes: dict[str, list[bytes]] = defaultdict(list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/sync"):
            for change in json.loads(await request.aread())["changes"]:
                self.boxes[change["id"]].append(decode(change["box"]))
        return await self._server.handle_async_request(request)


class Convergence(RuleBasedStateMachine):
    """`network` reaches a server where `key` is new; `clock` is that server's clock."""

    def __init__(self, network: httpx.AsyncBaseTransport, key: bytes, server: str, clock: Clock) -> None:
        super().__init__()
        self.network, self.clock = Recorder(network), clock
        self.devices = [
            Device(self.network, name, Clock(clock.now), key=key, server=server) for name in ("a", "b", "c")
        ]
        self.last_change: list[Change | None] = [None, None, None]
        self.writes: dict[str, list[Write]] = defaultdict(list)
        self.deletions: dict[str, list[str]] = defaultdict(list)
        self.parents: dict[str, str] = {}
        self.counter = 0

    @initialize()
    def enter(self) -> None:
        for number, device in enumerate(self.devices):
            device.enter(create=number == 0)

    # --- user actions ----------------------------------------------------------------------------------

    @rule(number=devices, kind=kinds, id_=few, link=st.none() | few)
    def save(self, number: int, kind: str, id_: str, link: str | None) -> None:
        """Save a record with its missing client or job; links may be dangling."""
        store, wanted = self.devices[number].store, [self._new(kind, id_, link)]
        while (top := wanted[-1]) and (field := PARENT.get(kind_of(top))):
            parent = Client if field == "client_id" else Job
            if store.get(parent, getattr(top, field)) is not None:
                break
            wanted.append(self._new(kind_of(parent()), getattr(top, field)[1:], None))
        if store.get(type(wanted[0]), wanted[0].id) is None:
            self._write(number, lambda: store.save(*wanted))

    @rule(number=devices, kind=kinds, id_=few, choice=st.integers(0, 1))
    def edit(self, number: int, kind: str, id_: str, choice: int) -> None:
        store = self.devices[number].store
        entity = store.get(_MODELS[kind], f"{kind[0]}{id_}")
        if entity is not None:
            setattr(entity, TEXTS[kind][choice % len(TEXTS[kind])], self._text())
            self._write(number, lambda: store.save(entity))

    @rule(number=devices, kind=kinds, id_=few)
    def delete(self, number: int, kind: str, id_: str) -> None:
        store = self.devices[number].store
        entity = store.get(_MODELS[kind], f"{kind[0]}{id_}")
        if entity is not None:
            self._write(number, lambda: store.delete(entity))

    @rule(number=devices)
    def undo(self, number: int) -> None:
        change = self.last_change[number]
        if change:
            self._write(number, lambda: self.devices[number].store.undo(change))

    # --- devices and networks --------------------------------------------------------------------------

    @rule(number=devices, seed=st.integers(0, 2**16), loss=st.sampled_from([0.0, 0.3, 0.8]))
    def sync_once(self, number: int, seed: int, loss: float) -> None:
        try:
            self.devices[number].sync_once(LossyNetwork(self.network, random.Random(seed), loss))
        except SyncError as error:
            if error.code != "offline":
                raise

    @rule(minutes=st.integers(0, 30))
    def pass_time(self, minutes: int) -> None:
        self.clock.forward(minutes=minutes)
        for device in self.devices:
            device.clock.forward(minutes=minutes)

    @rule(number=devices, hours=st.integers(-10, 10))
    def set_clock(self, number: int, hours: int) -> None:
        """Set a wrong clock, but within the drift that others accept."""
        self.devices[number].clock.now = self.clock.now + timedelta(hours=hours)

    @rule(number=devices, id_=few, seed=st.integers(0, 2**16), loss=st.sampled_from([0.0, 0.8, 2.0]))
    def live_years_ahead(self, number: int, id_: str, seed: int, loss: float) -> None:
        """Write with a clock that is years ahead: nothing is sent before it is corrected, and writes are
        kept.

        The session that repairs the timestamps also sends them, and may end at any moment.
        """
        device = self.devices[number]
        device.clock.now += FAR
        self.edit(number, "client", id_, 0)
        self.delete(number, "message", id_)
        with pytest.raises(SyncError) as caught:
            device.sync_once()
        assert caught.value.code == "clock"
        device.clock.now -= FAR
        sync_store = device.store.sync_store
        repair = sync_store.repair_clock

        repaired = False

        def watched_repair() -> None:
            nonlocal repaired
            repaired = True
            before = _stamps(records(device.store))
            repair()
            self._restamp(number, before, _stamps(records(device.store)))

        sync_store.repair_clock = watched_repair  # type: ignore[method-assign]
        try:
            self.sync_once(number, seed, loss)
        finally:
            sync_store.repair_clock = repair  # type: ignore[method-assign]
        if not repaired:
            watched_repair()

    # --- invariants ------------------------------------------------------------------------------------

    @precondition(lambda self: self.writes)
    @rule()
    def agree(self) -> None:
        self.check()

    def teardown(self) -> None:
        self.check()
        for device in self.devices:
            device.store.close()

    def check(self) -> None:
        for device in self.devices:
            device.clock.now = self.clock.now
        for _ in range(4):
            for device in self.devices:
                device.sync_once()
        kept = [records(device.store) for device in self.devices]
        assert kept[0] == kept[1] == kept[2]
        for device in self.devices:
            assert device.store.sync_store.count_outgoing() == 0
            assert_search_in_step(device.store)
        shown = {key.id: record["fields"] for key, record in kept[0].items() if is_living(record)}
        for id_ in self.writes:
            self._check_record(id_, shown)

    def _check_record(self, id_: str, shown: dict[str, dict[str, Any]]) -> None:
        family = [other for other in self.writes if id_ in self._ancestors(other)]
        deleted = max((clock for each in self._ancestors(id_) for clock in self.deletions[each]), default="")
        if max(write.clock for write in self.writes[id_]) > deleted:
            assert id_ in shown, f"{id_} was lost"
        newest = max(write.clock for each in family for write in self.writes[each])
        if max(self.deletions[id_], default="") > newest:
            assert id_ not in shown, f"{id_} came back"
        last = {write.field: write for write in sorted(self.writes[id_], key=lambda write: write.clock)}
        for field, write in last.items():
            if id_ not in shown or write.clock <= deleted or field == "created_at":
                continue
            found = shown[id_][field]
            emptied = field in LINKS.values() and found is None and self._was_deleted(write.value)
            assert found == write.value or emptied, (
                f"the last write of {id_}.{field}, {write}, was lost: {found}"
            )

    def _was_deleted(self, id_: str) -> bool:
        return any(self.deletions[each] for each in self._ancestors(id_))

    def _ancestors(self, id_: str) -> list[str]:
        line = [id_]
        while line[-1] in self.parents:
            line.append(self.parents[line[-1]])
        return line

    # --- recording -------------------------------------------------------------------------------------

    def _write(self, number: int, work: Any) -> None:
        store = self.devices[number].store
        before = records(store)
        self.last_change[number] = work()
        after, old = records(store), _stamps(before)
        for (id_, field), clock in _stamps(after).items():
            if old.get((id_, field)) == clock:
                continue
            record = next(record for key, record in after.items() if key.id == id_)
            if field == "gone":
                self.deletions[id_].append(clock)
                continue
            self.writes[id_].append(Write(field, record["fields"][field], clock))
            if owner := record["fields"].get(PARENT.get(record["kind"], "")):
                self.parents[id_] = owner

    def _restamp(self, number: int, before: Stamps, after: Stamps) -> None:
        """Update the recorded writes after a clock repair.

        A write that this device overwrote does not count as the last one, even if its timestamp is newer than
        the repaired one: then no device has seen it.
        """
        changed = {
            (id_, clock): after[id_, field]
            for (id_, field), clock in before.items()
            if after[id_, field] != clock
        }
        limit = f"{int((self.clock.now + timedelta(days=2)).timestamp() * 1000):013d}"
        for (id_, field), clock in before.items():
            if after[id_, field] != clock:
                self._drop_overwritten(number, id_, field, after[id_, field], limit)
        for id_, writes in self.writes.items():
            new = [write._replace(clock=changed.get((id_, write.clock), write.clock)) for write in writes]
            self.writes[id_] = [write for write in new if write.clock < limit]
        for id_, clocks in self.deletions.items():
            new_clocks = [changed.get((id_, clock), clock) for clock in clocks]
            self.deletions[id_] = [clock for clock in new_clocks if clock < limit]

    def _drop_overwritten(self, number: int, id_: str, field: str, clock: str, limit: str) -> None:
        """Drop this device's unsent writes with a later timestamp than `clock`, that of the write replacing
        them.
        """

        def is_overwritten(stamp: str) -> bool:
            return clock < stamp < limit and stamp.endswith(f"-node{self.devices[number].name}")

        writes = [write for write in self.writes[id_] if field in ("gone", write.field)]
        lost = {write.clock for write in writes} | set(self.deletions[id_] if field == "gone" else ())
        lost = {stamp for stamp in lost if is_overwritten(stamp)}
        if lost:
            assert not lost & self._sent(id_), f"{id_}.{field} was sent with a later stamp than {clock}"
            self.writes[id_] = [
                write for write in self.writes[id_] if write not in writes or write.clock not in lost
            ]
            self.deletions[id_] = [stamp for stamp in self.deletions[id_] if stamp not in lost]

    def _sent(self, id_: str) -> set[str]:
        """The timestamps sent for a record by any device."""
        key = AESGCM(self.devices[0].keys.sealing)
        plain = [key.decrypt(box[:12], box[12:], f"record:{id_}".encode()) for box in self.network.boxes[id_]]
        states = [state for each in plain if (state := read_record(id_, each))]
        return {pair[1] for state in states for pair in state.fields.values()} | {
            state.gone for state in states if state.gone
        }

    def _text(self) -> str:
        self.counter += 1
        return f"text {self.counter}"

    def _new(self, kind: str, id_: str, link: str | None) -> Entity:
        at = self.clock.now
        match kind:
            case "client":
                return Client(id=f"c{id_}", created_at=at, name=self._text())
            case "job":
                # The owner never changes, or ownership would depend on the time of reading.
                return Job(
                    id=f"j{id_}", created_at=at, started_at=at, client_id=f"c{id_}", title=self._text()
                )
            case "part":
                return Part(id=f"p{id_}", created_at=at, job_id=f"j{id_}", title=self._text())
        linked = link and f"j{link}"
        return Message(
            id=f"m{id_}", created_at=at, at=at, client_id=f"c{id_}", job_id=linked, summary=self._text()
        )


_MODELS: dict[str, type[Entity]] = {"client": Client, "message": Message, "job": Job, "part": Part}


def _stamps(kept: dict[Any, dict[str, Any]]) -> Stamps:
    found: Stamps = {}
    for key, record in kept.items():
        if "gone" in record:
            found[key.id, "gone"] = record["gone"]
        for field, clock in unpack_clocks(record.get("clocks", {})).items():
            found[key.id, field] = clock
    return found

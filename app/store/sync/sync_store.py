"""Sync's side of the store: what must go out, what came in, and where this device stands with its server."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, update

from app.domain.entities import SAMPLE_PREFIX, SETTINGS_ID
from app.store.changes import Incoming, Merge, Outgoing, RecordState
from app.store.clock import HybridClock
from app.store.records import DEVICE, Key, Meta, Record, SeenDevice, SyncState, deleted, table
from app.store.sync.clock_repair import ClockRepair
from app.store.sync.device_records import DeviceRecords, is_device_record
from app.store.sync.remote_changes import UNOPENED, RemoteChanges, RevisionsWentBackError
from app.store.sync.settling import Settlement
from app.store.transactions import reading, transaction
from app.store.writing import RecordWriter

__all__ = ["RevisionsWentBackError", "SyncEndedError", "SyncStore"]

SOUND = "sound clock"
"""The newest stamp that may have been sent: none that follows may be older."""


class SyncEndedError(Exception):
    """This device no longer syncs, for instance because everything on it was deleted meanwhile."""


class SyncStore:
    """Every method raises StorageError, having changed nothing.

    Nothing here tells the store's listeners of a change: that is `announce`, once for many.
    """

    def __init__(self, engine: Engine, clock: HybridClock, committed: Callable[[], None]) -> None:
        self._engine = engine
        self._clock = clock
        self.announce = committed

    # --- where this device stands ----------------------------------------------------------------------

    def state(self) -> SyncState | None:
        """None while this device does not sync."""
        rows = table(SyncState)
        with reading(), self._engine.connect() as connection:
            row = connection.execute(select(rows)).mappings().first()
        return SyncState(**row) if row else None

    def begin(self, server: str, device: str, *, joining: bool, key_epoch: int = 0) -> None:
        """Sync from now on, with everything still to be exchanged.

        A device that joins an account takes over its settings: its own lose to whatever they meet.
        """
        records = table(Record)
        with transaction(self._engine) as connection:
            end(connection)
            connection.execute(
                insert(table(SyncState)),
                {"id": 1, "server": server, "device": device, "noted_epoch": key_epoch},
            )
            _forget_revisions(connection)
            if joining:
                connection.execute(
                    update(records).where(records.c.id == SETTINGS_ID).values(clocks={}, extra={})
                )

    def end(self) -> None:
        """Sync no more; everything stays as it is."""
        self.settle()
        with transaction(self._engine) as connection:
            end(connection)

    def start_over(self) -> None:
        """Compare everything with the server again: it was set back, or is a new one."""
        with transaction(self._engine) as connection:
            connection.execute(update(table(SyncState)).values(cursor=0, sealed_epoch=0))
            _forget_revisions(connection)

    # --- out and in ------------------------------------------------------------------------------------

    def count_outgoing(self, skip: Collection[str] = ()) -> int:
        with reading(), self._engine.connect() as connection:
            wanted = self._outgoing(connection, skip)
            return connection.execute(
                select(func.count()).select_from(table(Record)).where(*wanted)
            ).scalar_one()

    def count_shared(self) -> dict[str, int]:
        """Records by kind that other devices get once this one syncs: no deleted ones, no sample data."""
        rows = table(Record)
        with reading(), self._engine.connect() as connection:
            _dirty, *wanted = self._outgoing(connection, ())
            query = select(rows.c.kind, func.count()).where(~deleted(), rows.c.kind != DEVICE, *wanted)
            return {row[0]: row[1] for row in connection.execute(query.group_by(rows.c.kind))}

    def outgoing(self, limit: int, skip: Collection[str] = (), key_epoch: int = 0) -> list[Outgoing]:
        """At most `limit` records the server has yet to take, but those whose ids are in `skip`.

        What changed here comes first, then what the server has sealed with a key of before `key_epoch`.
        Sample data, and what was recorded for it, never leaves the device.
        """
        rows = table(Record)
        with reading(), self._engine.connect() as connection:
            query = select(rows).where(*self._outgoing(connection, skip)).order_by(rows.c.id).limit(limit)
            found = {row["id"]: dict(row) for row in connection.execute(query).mappings()}
            if key_epoch and len(found) < limit:
                stale = select(rows).where(*_stale(key_epoch, skip)).order_by(rows.c.id)
                more = connection.execute(stale.limit(limit - len(found))).mappings()
                found |= {row["id"]: dict(row) for row in more}
            states = RemoteChanges(connection, self._clock).states(found)
        return [Outgoing(states[id_], record["rev"]) for id_, record in found.items()]

    def count_stale(self, key_epoch: int, skip: Collection[str] = ()) -> int:
        """How many records the server has sealed with a key of before `key_epoch`."""
        if not key_epoch:
            return 0
        with reading(), self._engine.connect() as connection:
            query = select(func.count()).select_from(table(Record)).where(*_stale(key_epoch, skip))
            return connection.execute(query).scalar_one()

    def count_on_server(self) -> int:
        """How many of the records here the server has."""
        rows = table(Record)
        with reading(), self._engine.connect() as connection:
            query = select(func.count()).select_from(rows).where(rows.c.rev > 0)
            return connection.execute(query).scalar_one()

    def note_sealed(self, key_epoch: int) -> None:
        """All that the server has is sealed with the key of this epoch."""
        with transaction(self._engine) as connection:
            connection.execute(update(table(SyncState)).values(sealed_epoch=key_epoch))

    def note_key(self, key_epoch: int) -> None:
        """The person was shown the key of this epoch, and says that it is kept."""
        with transaction(self._engine) as connection:
            connection.execute(update(table(SyncState)).values(noted_epoch=key_epoch))

    def apply_response(
        self,
        sent: Sequence[Outgoing],
        accepted: Mapping[str, int],
        incoming: Sequence[Incoming],
        cursor: int,
        merge: Merge,
        epochs: Mapping[str, int] | None = None,
    ) -> set[str]:
        """Store one answer of the server's: what it took of `sent`, and what it has that is new.

        `epochs`: by id, the epoch of the key that the server's box is sealed with now.
        Gives the ids of changed records that wait until the server's box opens (see `RemoteChanges.take`).
        `settle` is to be called once nothing more is to come.

        Raises RevisionsWentBackError and SyncEndedError, having changed nothing.
        """
        with transaction(self._engine) as connection:
            reached: dict[str, Any] = {"cursor": cursor} | ({"unsettled": True} if incoming else {})
            if connection.execute(update(table(SyncState)).values(reached)).rowcount == 0:
                raise SyncEndedError
            changes = RemoteChanges(connection, self._clock)
            changes.acknowledge(sent, accepted)
            waiting = changes.apply(incoming, merge)
            if epochs:
                sealed = [(epoch, id_) for id_, epoch in epochs.items()]
                connection.exec_driver_sql("UPDATE record SET key_epoch = ? WHERE id = ?", sealed)
        return waiting

    def settle(self) -> None:
        """Work out what all that arrived means for the records around it: the server has nothing more.

        Does nothing where nothing arrived since. What a cut session brought waits for the next one: what is
        still to come may keep a record that would be deleted.
        """
        rows = table(SyncState)
        with transaction(self._engine) as connection:
            if connection.execute(update(rows).where(rows.c.unsettled).values(unsettled=False)).rowcount:
                Settlement(connection, self._clock).settle()

    @property
    def stamp(self) -> str:
        """The newest stamp made or seen here: what is written about anything here must have a newer one."""
        return self._clock.last

    def carry_out(self, merge: Merge, given: Sequence[RecordState] = ()) -> bool:
        """Do what was answered on notifications: event records, and those `given` by this device itself."""
        with transaction(self._engine) as connection:
            return RemoteChanges(connection, self._clock).carry_out(given, merge)

    def finished(self, at: datetime) -> None:
        """Everything had been exchanged at that moment."""
        with transaction(self._engine) as connection:
            connection.execute(update(table(SyncState)).values(synced_at=at))

    def mend_clock(self) -> None:
        """To be called before anything is sent, with a wall clock that is right.

        Takes back stamps from more than a day ahead (see `ClockRepair`), and notes how far stamps go that
        may be sent from now on.
        """
        rows = table(Meta)
        with reading(), self._engine.connect() as connection:
            sound = connection.execute(select(rows.c.value).where(rows.c.key == SOUND)).scalar() or ""
        if self._clock.is_ahead or self._clock.last > sound:
            with transaction(self._engine) as connection:
                if self._clock.is_ahead:
                    ClockRepair(connection, self._clock).mend(sound)
                connection.execute(delete(rows).where(rows.c.key == SOUND))
                connection.execute(insert(rows), {"key": SOUND, "value": self._clock.last})

    # --- the account's devices -------------------------------------------------------------------------

    def device_records(self) -> dict[str, dict[str, Any]]:
        """Device id → fields of its record, values only."""
        with reading(), self._engine.connect() as connection:
            return DeviceRecords(connection, self._clock).all()

    def put_device_record(self, device: str, values: Mapping[str, Any]) -> None:
        """Write fields of a device's record, to be sent to the other devices."""
        with transaction(self._engine) as connection:
            DeviceRecords(connection, self._clock).write(device, values)

    def keep_receipt(self, receipt: str) -> None:
        """Keep what the server stated last; nothing where it stated nothing."""
        if receipt:
            with transaction(self._engine) as connection:
                connection.execute(update(table(SyncState)).values(receipt=receipt))

    def seen_devices(self) -> dict[str, SeenDevice]:
        rows = table(SeenDevice)
        with reading(), self._engine.connect() as connection:
            found = connection.execute(select(rows)).mappings().all()
        return {row["id"]: SeenDevice(**row) for row in found}

    def remember_devices(self, devices: Iterable[SeenDevice]) -> None:
        rows = [device.model_dump() for device in devices]
        with transaction(self._engine) as connection:
            for row in rows:
                connection.execute(delete(table(SeenDevice)).where(table(SeenDevice).c.id == row["id"]))
                connection.execute(insert(table(SeenDevice)), row)

    def writer(self, connection: Connection) -> RecordWriter:
        """What writes a restored backup."""
        syncs = connection.execute(select(table(SyncState).c.id)).first() is not None
        return (ClockRepair if syncs else RecordWriter)(connection, self._clock)

    def _outgoing(self, connection: Connection, skip: Collection[str]) -> list[ColumnElement[bool]]:
        rows = table(Record)
        sample = select(rows.c.kind, rows.c.id).where(rows.c.id.startswith(SAMPLE_PREFIX))
        keys = [Key(kind, id_) for kind, id_ in connection.execute(sample.where(~deleted()))]
        family = RemoteChanges(connection, self._clock).with_children(keys)
        kept_here = {key.id for key in family} | set(skip)
        return [rows.c.dirty, ~rows.c.id.startswith(SAMPLE_PREFIX), rows.c.id.not_in(kept_here)]


def end(connection: Connection) -> None:
    """Forget the account that this device was in."""
    connection.execute(delete(table(SyncState)))
    connection.execute(delete(table(SeenDevice)))
    connection.execute(delete(table(Record)).where(*is_device_record()))


def _stale(key_epoch: int, skip: Collection[str]) -> list[ColumnElement[bool]]:
    rows = table(Record)
    return [rows.c.key_epoch < key_epoch, ~rows.c.dirty, rows.c.rev > 0, rows.c.id.not_in(set(skip))]


def _forget_revisions(connection: Connection) -> None:
    meta = table(Meta)
    connection.execute(delete(meta).where(meta.c.key.startswith(UNOPENED)))
    connection.execute(update(table(Record)).values(rev=0, dirty=True, key_epoch=0))

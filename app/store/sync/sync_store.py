"""The store's interface for sync: outgoing and incoming records, and the sync state."""

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

LAST_SENT = "sound clock"
"""Meta key of the newest timestamp that may have been sent. Later timestamps must be newer."""


class SyncEndedError(Exception):
    """This device no longer syncs, for instance because all its data was deleted meanwhile."""


class SyncStore:
    """Reads and writes of sync. Every method raises StorageError, having changed nothing.

    No method notifies the store's listeners; call `announce` once after several changes.
    """

    def __init__(self, engine: Engine, clock: HybridClock, committed: Callable[[], None]) -> None:
        self._engine = engine
        self._clock = clock
        self.announce = committed

    # --- sync state ------------------------------------------------------------------------------------

    def state(self) -> SyncState | None:
        """The sync state, or None if this device does not sync."""
        rows = table(SyncState)
        with reading(), self._engine.connect() as connection:
            row = connection.execute(select(rows)).mappings().first()
        return SyncState(**row) if row else None

    def begin(self, server: str, device: str, *, joining: bool, key_epoch: int = 0) -> None:
        """Start syncing, with all records still to be exchanged.

        When joining an account, this device adopts its settings: the local ones lose every merge.
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
        """Stop syncing; keep all data."""
        self.settle()
        with transaction(self._engine) as connection:
            end(connection)

    def start_over(self) -> None:
        """Compare all records with the server again, because it was reset or is a new one."""
        with transaction(self._engine) as connection:
            connection.execute(update(table(SyncState)).values(cursor=0, sealed_epoch=0))
            _forget_revisions(connection)

    # --- outgoing and incoming records -----------------------------------------------------------------

    def count_outgoing(self, skip: Collection[str] = ()) -> int:
        with reading(), self._engine.connect() as connection:
            wanted = self._outgoing(connection, skip)
            return connection.execute(
                select(func.count()).select_from(table(Record)).where(*wanted)
            ).scalar_one()

    def count_shared(self) -> dict[str, int]:
        """Number of records by kind that sync would share: without deleted records and sample data."""
        rows = table(Record)
        with reading(), self._engine.connect() as connection:
            _dirty, *wanted = self._outgoing(connection, ())
            query = select(rows.c.kind, func.count()).where(~deleted(), rows.c.kind != DEVICE, *wanted)
            return {row[0]: row[1] for row in connection.execute(query.group_by(rows.c.kind))}

    def outgoing(self, limit: int, skip: Collection[str] = (), key_epoch: int = 0) -> list[Outgoing]:
        """At most `limit` records to push, except those whose ids are in `skip`.

        Local changes come first, then records that the server has sealed with a key of before `key_epoch`.
        Sample data, and everything recorded for it, never leaves the device.
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
        """Number of records that the server has sealed with a key of before `key_epoch`."""
        if not key_epoch:
            return 0
        with reading(), self._engine.connect() as connection:
            query = select(func.count()).select_from(table(Record)).where(*_stale(key_epoch, skip))
            return connection.execute(query).scalar_one()

    def count_on_server(self) -> int:
        """Number of local records that the server has."""
        rows = table(Record)
        with reading(), self._engine.connect() as connection:
            query = select(func.count()).select_from(rows).where(rows.c.rev > 0)
            return connection.execute(query).scalar_one()

    def note_sealed(self, key_epoch: int) -> None:
        """Store that everything on the server is sealed with the key of this epoch."""
        with transaction(self._engine) as connection:
            connection.execute(update(table(SyncState)).values(sealed_epoch=key_epoch))

    def note_key(self, key_epoch: int) -> None:
        """Store that the user was shown the key of this epoch and confirmed having saved it."""
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
        """Store a server response: the accepted records of `sent`, and the new records.

        `epochs`: by id, the epoch of the key that now seals the server's record.
        Returns the ids of changed records that wait for a readable version (see `RemoteChanges.apply`).
        Call `settle` after the last response.

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
        """Compute the effects of received records on others. Call once the server has nothing more.

        Does nothing if nothing was received since. An interrupted session is settled by the next one, because
        records still to come may prevent a deletion.
        """
        rows = table(SyncState)
        with transaction(self._engine) as connection:
            if connection.execute(update(rows).where(rows.c.unsettled).values(unsettled=False)).rowcount:
                Settlement(connection, self._clock).settle()

    @property
    def stamp(self) -> str:
        """The newest timestamp made or seen here; later writes must have a newer one."""
        return self._clock.last

    def apply_events(self, merge: Merge, given: Sequence[RecordState] = ()) -> bool:
        """Apply answers given on notifications: stored event records, and those `given` by this device."""
        with transaction(self._engine) as connection:
            return RemoteChanges(connection, self._clock).apply_events(given, merge)

    def mark_synced(self, at: datetime) -> None:
        """Store that all records were exchanged at that moment."""
        with transaction(self._engine) as connection:
            connection.execute(update(table(SyncState)).values(synced_at=at))

    def repair_clock(self) -> None:
        """Repair wrong timestamps. Call before sending anything, with a correct wall clock.

        Replaces timestamps more than a day ahead (see `ClockRepair`), and stores the newest timestamp that
        may be sent from now on.
        """
        rows = table(Meta)
        with reading(), self._engine.connect() as connection:
            last_sent = connection.execute(select(rows.c.value).where(rows.c.key == LAST_SENT)).scalar() or ""
        if self._clock.is_ahead or self._clock.last > last_sent:
            with transaction(self._engine) as connection:
                if self._clock.is_ahead:
                    ClockRepair(connection, self._clock).repair(last_sent)
                connection.execute(delete(rows).where(rows.c.key == LAST_SENT))
                connection.execute(insert(rows), {"key": LAST_SENT, "value": self._clock.last})

    # --- the account's devices -------------------------------------------------------------------------

    def device_records(self) -> dict[str, dict[str, Any]]:
        """Device id → field values of its record."""
        with reading(), self._engine.connect() as connection:
            return DeviceRecords(connection, self._clock).all()

    def put_device_record(self, device: str, values: Mapping[str, Any]) -> None:
        """Write fields of a device's record, to be synced to the other devices."""
        with transaction(self._engine) as connection:
            DeviceRecords(connection, self._clock).write(device, values)

    def keep_receipt(self, receipt: str) -> None:
        """Store the server's last receipt; an empty one is ignored."""
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
        """The writer for restoring a backup."""
        syncs = connection.execute(select(table(SyncState).c.id)).first() is not None
        return (ClockRepair if syncs else RecordWriter)(connection, self._clock)

    def _outgoing(self, connection: Connection, skip: Collection[str]) -> list[ColumnElement[bool]]:
        rows = table(Record)
        sample = select(rows.c.kind, rows.c.id).where(rows.c.id.startswith(SAMPLE_PREFIX))
        keys = [Key(kind, id_) for kind, id_ in connection.execute(sample.where(~deleted()))]
        family = RemoteChanges(connection, self._clock).with_children(keys)
        local_only = {key.id for key in family} | set(skip)
        return [rows.c.dirty, ~rows.c.id.startswith(SAMPLE_PREFIX), rows.c.id.not_in(local_only)]


def end(connection: Connection) -> None:
    """Delete everything about the account that this device was in."""
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

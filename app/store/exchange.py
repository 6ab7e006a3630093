"""Sync's side of the store: what must go out, what came in, and where this device stands with its server."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select, update

from app.domain.entities import SAMPLE_PREFIX, SETTINGS_ID
from app.store.arrivals import UNOPENED, Arrivals, RevisionsWentBackError
from app.store.changes import Incoming, Merge, Outgoing, RecordState
from app.store.clock import HybridClock
from app.store.database import reading, transaction
from app.store.records import Key, Meta, Record, SyncState, deleted, table
from app.store.restamping import Restamping
from app.store.writing import Writer

__all__ = ["Exchange", "RevisionsWentBackError", "SyncEndedError"]

SOUND = "sound clock"
"""The newest stamp that may have been sent: none that follows may be older."""


class SyncEndedError(Exception):
    """This device no longer syncs, for instance because everything on it was deleted meanwhile."""


class Exchange:
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

    def begin(self, server: str, device: str, *, joining: bool) -> None:
        """Sync from now on, with everything still to be exchanged.

        A device that joins an account takes over its settings: its own lose to whatever they meet.
        """
        records = table(Record)
        with transaction(self._engine) as connection:
            connection.execute(delete(table(SyncState)))
            connection.execute(
                insert(table(SyncState)), {"id": 1, "server": server, "device": device, "cursor": 0}
            )
            _forget_revisions(connection)
            if joining:
                connection.execute(
                    update(records).where(records.c.id == SETTINGS_ID).values(clocks={}, extra={})
                )

    def end(self) -> None:
        """Sync no more; everything stays as it is."""
        with transaction(self._engine) as connection:
            connection.execute(delete(table(SyncState)))

    def start_over(self) -> None:
        """Compare everything with the server again: it was set back, or is a new one."""
        with transaction(self._engine) as connection:
            connection.execute(update(table(SyncState)).values(cursor=0))
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
            query = select(rows.c.kind, func.count()).where(rows.c.gone.is_(None), *wanted)
            return {row[0]: row[1] for row in connection.execute(query.group_by(rows.c.kind))}

    def outgoing(self, limit: int, skip: Collection[str] = ()) -> list[Outgoing]:
        """At most `limit` records the server has yet to take, but those whose ids are in `skip`.

        Sample data, and what was recorded for it, never leaves the device.
        """
        rows = table(Record)
        with reading(), self._engine.connect() as connection:
            query = select(rows).where(*self._outgoing(connection, skip)).order_by(rows.c.id).limit(limit)
            found = {row["id"]: dict(row) for row in connection.execute(query).mappings()}
            states = Arrivals(connection, self._clock).states(found)
        return [Outgoing(states[id_], record["rev"]) for id_, record in found.items()]

    def take(
        self,
        sent: Sequence[Outgoing],
        accepted: Mapping[str, int],
        incoming: Sequence[Incoming],
        cursor: int,
        merge: Merge,
    ) -> set[str]:
        """Store one answer of the server's: what it took of `sent`, and what it has that is new.

        Gives the ids of changed records that wait until the server's box opens (see `Arrivals.take`).

        Raises RevisionsWentBackError and SyncEndedError, having changed nothing.
        """
        with transaction(self._engine) as connection:
            if connection.execute(update(table(SyncState)).values(cursor=cursor)).rowcount == 0:
                raise SyncEndedError
            arrivals = Arrivals(connection, self._clock)
            arrivals.acknowledge(sent, accepted)
            return arrivals.take(incoming, merge)

    @property
    def stamp(self) -> str:
        """The newest stamp made or seen here: what is written about anything here must have a newer one."""
        return self._clock.last

    def carry_out(self, merge: Merge, given: Sequence[RecordState] = ()) -> bool:
        """Do what was answered on notifications: event records, and those `given` by this device itself."""
        with transaction(self._engine) as connection:
            return Arrivals(connection, self._clock).carry_out(given, merge)

    def finished(self, at: datetime) -> None:
        """Everything had been exchanged at that moment."""
        with transaction(self._engine) as connection:
            connection.execute(update(table(SyncState)).values(synced_at=at))

    def mend_clock(self) -> None:
        """To be called before anything is sent, with a wall clock that is right.

        Takes back stamps from more than a day ahead (see `Restamping`), and notes how far stamps go that
        may be sent from now on.
        """
        rows = table(Meta)
        with reading(), self._engine.connect() as connection:
            sound = connection.execute(select(rows.c.value).where(rows.c.key == SOUND)).scalar() or ""
        if self._clock.is_ahead or self._clock.last > sound:
            with transaction(self._engine) as connection:
                if self._clock.is_ahead:
                    Restamping(connection, self._clock).mend(sound)
                connection.execute(delete(rows).where(rows.c.key == SOUND))
                connection.execute(insert(rows), {"key": SOUND, "value": self._clock.last})

    def writer(self, connection: Connection) -> Writer:
        """What writes a restored backup."""
        syncs = connection.execute(select(table(SyncState).c.id)).first() is not None
        return (Restamping if syncs else Writer)(connection, self._clock)

    def _outgoing(self, connection: Connection, skip: Collection[str]) -> list[ColumnElement[bool]]:
        rows = table(Record)
        sample = select(rows.c.kind, rows.c.id).where(rows.c.id.startswith(SAMPLE_PREFIX))
        keys = [Key(kind, id_) for kind, id_ in connection.execute(sample.where(~deleted()))]
        family = Arrivals(connection, self._clock).with_children(keys)
        kept_here = {key.id for key in family} | set(skip)
        return [rows.c.dirty, ~rows.c.id.startswith(SAMPLE_PREFIX), rows.c.id.not_in(kept_here)]


def _forget_revisions(connection: Connection) -> None:
    meta = table(Meta)
    connection.execute(delete(meta).where(meta.c.key.startswith(UNOPENED)))
    connection.execute(update(table(Record)).values(rev=0, dirty=True))

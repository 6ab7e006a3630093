"""Access to the database: sessions for reading, and the only way to write."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.orm import Session

from app.domain.entities import SETTINGS_ID, Entity, Settings, kind_of
from app.domain.errors import RecordNotFoundError
from app.steps import Progress, Steps
from app.store.changes import Change, StoredRecord
from app.store.clock import HybridClock, new_node
from app.store.drafts import Drafts, forget_all
from app.store.records import Fields, Key, Meta, SyncState, table
from app.store.transactions import long_transaction, reading, transaction
from app.store.unit_of_work import UnitOfWork, checked
from app.store.writing import RecordWriter

if TYPE_CHECKING:
    from app.store.sync.sync_store import SyncStore

__all__ = ["Change", "Store"]

E = TypeVar("E", bound=Entity)
Listener = Callable[[], None]

STEP = 100  # records per step

log = logging.getLogger(__name__)


class Store:
    """The device's data. Returned entities are detached copies for display.

    `update` changes one record, `transact` several; `add` inserts new ones. Every method raises StorageError;
    a failed write changes nothing. `now` returns the current time (aware); `node` names this device's clock
    if none is stored yet.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime], node: str | None = None) -> None:
        self.engine = engine
        self.now = now
        self.revision = 0
        """Incremented by each committed write."""
        self._listeners: list[Listener] = []
        self._open: Connection | None = None  # of the running command, which reads its own writes
        meta = table(Meta)
        with reading(), engine.connect() as connection:
            known = dict(connection.execute(select(meta.c.key, meta.c.value)).all())
        self._clock = HybridClock(now, known.get("node") or node or new_node(), known.get("clock"))

    # --- reading ---------------------------------------------------------------------------------------

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for queries. Loaded objects outlive it, detached; it never writes."""
        bind = self._open or self.engine
        with reading(), Session(bind, autoflush=False, expire_on_commit=False) as session:
            yield session

    def get(self, kind: type[E], id_: str) -> E | None:
        with self.session() as session:
            return session.get(kind, id_)

    def settings(self) -> Settings:
        """The user's preferences, or the defaults if they were never saved."""
        return self.get(Settings, SETTINGS_ID) or Settings()

    @cached_property
    def sync_store(self) -> "SyncStore":
        """The reads and writes of sync."""
        from app.store.sync.sync_store import SyncStore

        return SyncStore(self.engine, self._clock, self._committed)

    @cached_property
    def drafts(self) -> Drafts:
        """Unsaved form input. Changes to it do not notify listeners."""
        return Drafts(self.engine, self.now)

    # --- writing ---------------------------------------------------------------------------------------

    def update(self, kind: type[E], id_: str, change: Callable[[E], object]) -> Change:
        """Change one record: `change` receives its current stored state.

        A displayed record may be outdated: another command, sync or another tab may have changed it. So
        commands name the record and what to change, and never write back the displayed copy.

        Raises RecordNotFoundError if the record does not exist (any more), DomainError if a rule rejects the
        change or the changed record must not be stored. Nothing is changed then.
        """
        return self.transact(lambda unit: change(unit.get(kind, id_)))

    def transact(self, command: Callable[[UnitOfWork], object]) -> Change:
        """Like `update`, for a command that changes, adds or deletes several records, all or none.

        All reads of `command` from the store happen within the transaction.
        """
        with self._kept_clock(), long_transaction(self.engine) as connection:
            self._open = connection
            try:
                unit, writer = UnitOfWork(self), RecordWriter(connection, self._clock)
                command(unit)
                unit.write(writer)
                change = writer.change()
            finally:
                self._open = None
        if change:
            self._committed()
        return change

    def add(self, *entities: Entity) -> Change:
        """Insert new records. A record whose id is already stored is skipped.

        Raises RecordNotFoundError if a record's parent does not exist (any more), DomainError for a value
        that the rules cannot handle.
        """
        return self.transact(lambda unit: unit.add(*entities))

    def save(self, *entities: Entity, delete: Iterable[Entity] = ()) -> Change:
        """Overwrite or insert whole records and delete others, all or none. For imported data.

        Commands use `update`, `transact` and `add` instead, because displayed records may be outdated. Fields
        that differ from the stored ones get a new clock. Raises DomainError for a value that the rules cannot
        handle (such as an unknown choice), ValueError for an id that belongs to another kind.
        """
        wanted = {Key(kind_of(entity), entity.id): checked(entity) for entity in entities}
        doomed = [Key(kind_of(entity), entity.id) for entity in delete]

        def work(writer: RecordWriter) -> None:
            writer.put(wanted)
            writer.remove(doomed)

        return self._write(work)

    def delete(self, *entities: Entity) -> Change:
        """Delete records with their children: a client's messages, calls, topics, updates, conversations and
        jobs, and a job's parts.

        Messages, calls and updates of a deleted job are kept, without the link to it.
        """
        keys = [Key(kind_of(entity), entity.id) for entity in entities]
        return self._write(lambda writer: writer.remove(keys))

    def undo(self, change: Change) -> Change:
        """Revert a change, as a new change (undo that one to redo).

        Later changes are kept, and `kept` of the new change names their records. Records deleted since stay
        deleted.
        """
        return self._write(lambda writer: writer.revert(change))

    def save_all(self, entities: Sequence[Entity]) -> Steps[Change]:
        """Insert many records in steps. Raises as `add`. The store is locked until the last step."""
        wanted: list[tuple[Key, Fields]] = []
        for number, entity in enumerate(entities):
            wanted.append((Key(kind_of(entity), entity.id), checked(entity)))
            yield Progress(number, 2 * len(entities))
        with self._kept_clock(), long_transaction(self.engine) as connection:
            writer = RecordWriter(connection, self._clock)
            if writer.orphans(dict(wanted)):
                raise RecordNotFoundError
            for start in range(0, len(wanted), STEP):
                writer.put(dict(wanted[start : start + STEP]))
                yield Progress(len(wanted) + start, 2 * len(wanted))
            change = writer.change()
        if change:
            self._committed()
        return change

    def replace_all(self, records: Iterable[StoredRecord], total: int) -> Steps[None]:
        """Replace all stored records by these, `total` in number, or change nothing.

        Runs in steps; the store is locked until the last one. If sync is on, other devices follow.
        """
        with self._kept_clock(), long_transaction(self.engine) as connection:
            forget_all(connection)  # drafts refer to the replaced records
            for done in self.sync_store.writer(connection).replace_all(records):
                yield Progress(done, total)
        self._committed()

    @contextmanager
    def _kept_clock(self) -> Iterator[None]:
        """Reset the clock if the write fails."""
        before = self._clock.last
        try:
            yield
        except BaseException:
            self._clock.rewind(before)
            raise

    def wipe(self) -> None:
        """Delete everything, including tombstones, and leave no trace in the file.

        Only on this device: sync is turned off, and other devices keep their data.
        """
        with transaction(self.engine) as connection:
            for _step in RecordWriter(connection, self._clock).clear():
                pass
            connection.execute(delete(table(SyncState)))
            forget_all(connection)
        with reading(), self.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._committed()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each committed write. Returns a function that unsubscribes it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def close(self) -> None:
        """Close the database file."""
        self.engine.dispose()

    def _write(self, work: Callable[[RecordWriter], None]) -> Change:
        with transaction(self.engine) as connection:
            writer = RecordWriter(connection, self._clock)
            work(writer)
            change = writer.change()
        if change:
            self._committed()
        return change

    def _committed(self) -> None:
        self.revision += 1
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:
                # The data is committed; a listener's error must not look like a failed write.
                log.exception("a listener failed")

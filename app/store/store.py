"""The one door to the database: sessions to read with, and the only way to write."""

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

STEP = 100  # things written in one step

log = logging.getLogger(__name__)


class Store:
    """The device's data. Entities handed out belong to the caller, to be shown.

    `update` changes a record, `transact` several; `add` inserts new ones. Every method raises StorageError; a
    write that failed has changed nothing. `now` tells the time (aware); `node` names this device's clock the
    first time it writes.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime], node: str | None = None) -> None:
        self.engine = engine
        self.now = now
        self.revision = 0
        """Grows by one with each committed write."""
        self._listeners: list[Listener] = []
        self._open: Connection | None = None  # of the command under way: it reads what it is about to change
        meta = table(Meta)
        with reading(), engine.connect() as connection:
            known = dict(connection.execute(select(meta.c.key, meta.c.value)).all())
        self._clock = HybridClock(now, known.get("node") or node or new_node(), known.get("clock"))

    # --- reading ---------------------------------------------------------------------------------------

    @contextmanager
    def session(self) -> Iterator[Session]:
        """For queries. What is loaded outlives the session, detached; nothing is written through it."""
        bind = self._open or self.engine
        with reading(), Session(bind, autoflush=False, expire_on_commit=False) as session:
            yield session

    def get(self, kind: type[E], id_: str) -> E | None:
        with self.session() as session:
            return session.get(kind, id_)

    def settings(self) -> Settings:
        """The user's preferences; the defaults until they are first saved."""
        return self.get(Settings, SETTINGS_ID) or Settings()

    @cached_property
    def sync_store(self) -> "SyncStore":
        """What sync reads and writes."""
        from app.store.sync.sync_store import SyncStore

        return SyncStore(self.engine, self._clock, self._committed)

    @cached_property
    def drafts(self) -> Drafts:
        """What is typed into forms: no listener hears of it."""
        return Drafts(self.engine, self.now)

    # --- writing ---------------------------------------------------------------------------------------

    def update(self, kind: type[E], id_: str, change: Callable[[E], object]) -> Change:
        """Change one record: `change` gets it as it is stored now. The one way to change what is stored.

        A screen shows a record as it was read; meanwhile another command, sync or another tab may have
        changed it. So a command names the record and what to change, and never writes back what it showed.

        Raises RecordNotFoundError for a record that does not exist (any more), DomainError if a rule refuses
        the change or the record must not be stored as changed. Then nothing is changed.
        """
        return self.transact(lambda unit: change(unit.get(kind, id_)))

    def transact(self, command: Callable[[UnitOfWork], object]) -> Change:
        """As `update`, for a command that changes, adds or deletes several records: all, or none.

        All that `command` reads from the store is as of this transaction.
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
        """Insert new records. One whose id is stored already stays as it is stored.

        Raises RecordNotFoundError if what one belongs to does not exist (any more), DomainError for a value
        that the rules cannot work with.
        """
        return self.transact(lambda unit: unit.add(*entities))

    def save(self, *entities: Entity, delete: Iterable[Entity] = ()) -> Change:
        """Overwrite or insert whole records, and delete others, all or none: for data from outside.

        Commands use `update`, `transact` and `add`: a record that a screen shows may have been changed since.
        Fields that differ from what is stored get a new clock. Raises DomainError for a value the rules
        cannot work with (such as an unknown choice), ValueError for an id that belongs to another kind.
        """
        wanted = {Key(kind_of(entity), entity.id): checked(entity) for entity in entities}
        doomed = [Key(kind_of(entity), entity.id) for entity in delete]

        def work(writer: RecordWriter) -> None:
            writer.put(wanted)
            writer.remove(doomed)

        return self._write(work)

    def delete(self, *entities: Entity) -> Change:
        """Delete with all that belongs to it: a client's messages, calls, topics,
        updates, conversations and jobs, a job's parts.

        Messages, calls and updates of a deleted job stay, without the job.
        """
        keys = [Key(kind_of(entity), entity.id) for entity in entities]
        return self._write(lambda writer: writer.remove(keys))

    def undo(self, change: Change) -> Change:
        """Take back what the change did, as a new change (undo that one to redo).

        What was changed since stays as it is, and `kept` of the new change says of which records; what was
        deleted since stays deleted.
        """
        return self._write(lambda writer: writer.revert(change))

    def save_all(self, entities: Sequence[Entity]) -> Steps[Change]:
        """Insert many, in steps; raises as `add`. While they are written, nothing else gets at the store."""
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
        """Put these, `total` in number, in the place of everything there is, or leave everything as it was.

        In steps; nothing else gets at the store meanwhile. On a device that syncs, the other devices follow.
        """
        with self._kept_clock(), long_transaction(self.engine) as connection:
            forget_all(connection)  # they are about what is replaced
            for done in self.sync_store.writer(connection).replace_all(records):
                yield Progress(done, total)
        self._committed()

    @contextmanager
    def _kept_clock(self) -> Iterator[None]:
        """A write that does not come about leaves the clock as it was."""
        before = self._clock.last
        try:
            yield
        except BaseException:
            self._clock.rewind(before)
            raise

    def wipe(self) -> None:
        """Delete everything, tombstones included, and leave no trace of it in the file.

        Only here: a device that syncs does so no more, and the others keep what they have.
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
        """Have `listener` called after each committed write; returns how to stop that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def close(self) -> None:
        """Let go of the file."""
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
                # The data is safe by now; one screen's mistake must not look like a failed write.
                log.exception("a listener failed")

"""Database access for SQLite and PostgreSQL. On SQLite one writer thread batches commits."""

import asyncio
import logging
import sqlite3
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from app.server.database.aborting import Attempt, record_sockets
from app.server.database.address import DatabaseAddress
from app.server.database.tables import ServerTable

logger = logging.getLogger("kaeru.database")

Result = TypeVar("Result")
DatabaseWork = Callable[[Connection], Result]

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # commits are durable
    "PRAGMA busy_timeout = 5000",  # milliseconds; a backup or another process may hold a lock
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -64000",  # KiB
    "PRAGMA journal_size_limit = 67108864",
)
READ_ONLY = "25006"  # SQLSTATE of a replica that is not yet, or no longer, the primary
# Writes that arrive while a commit is being prepared join it and share one fsync; this limits how long the
# first of them waits.
GATHERING_SECONDS = 0.02


class DatabaseUnavailableError(Exception):
    """The database is temporarily unusable: unreachable, locked or full. Nothing was changed."""


class DatabaseFaultError(Exception):
    """The database rejected a statement: a defect of this server. Nothing was changed."""


def open_engine(address: DatabaseAddress, connections: int) -> Engine:
    """Create an engine with explicit transactions, on SQLite too, whose errors quote no values."""
    if address.file is None:
        url = URL.create("postgresql+psycopg")
        engine = create_engine(
            url,
            connect_args=address.parameters,
            pool_size=connections,
            max_overflow=0,
            hide_parameters=True,
        )
        record_sockets(engine)
        return engine
    url = URL.create("sqlite", database=str(address.file))
    # One more connection, for the writer.
    engine = create_engine(url, pool_size=connections + 1, max_overflow=0, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: object) -> None:
        connection.isolation_level = None  # sqlite3 must not begin or commit implicitly
        for pragma in PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        # Writers take the lock at BEGIN: a read transaction can't be upgraded after another commit.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def insert_or(dialect: str, table: type[ServerTable]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that supports ON CONFLICT; the dialects share the methods but no base class."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


class Database:
    """Runs work (a function of a connection) in a transaction on another thread.

    `seconds`: how long a caller waits for PostgreSQL before the transaction is aborted. A frozen PostgreSQL
    keeps its connections open and doesn't respond. SQLite has its own timeout (`busy_timeout`).
    """

    def __init__(self, address: DatabaseAddress, connections: int, seconds: float = 10) -> None:
        self.engine = open_engine(address, connections)
        self._threads = ThreadPoolExecutor(connections, "database")
        self._seconds = seconds
        self._writer = DatabaseWriter(self.engine) if address.is_sqlite else None

    async def read(self, work: DatabaseWork[Result]) -> Result:
        """Run work that changes nothing and return its result.

        Raises DatabaseUnavailableError, DatabaseFaultError and whatever the work raises.
        """
        if self._writer is None:
            return await self._transaction(work)

        def reading() -> Result:
            with self.engine.connect().execution_options(reading=True) as connection, connection.begin():
                return work(connection)

        return await self._outcome(asyncio.wrap_future(self._threads.submit(reading)))

    async def write(self, work: DatabaseWork[Result]) -> Result:
        """Run work and return its result once its changes are on disk. If it raises, nothing was changed.

        Exception: if PostgreSQL doesn't answer a COMMIT in time, the outcome is unknown.
        Raises DatabaseUnavailableError, DatabaseFaultError and whatever the work raises.
        """
        if self._writer is None:
            return await self._transaction(work)
        return await self._outcome(asyncio.wrap_future(self._writer.submit(work)))

    def close(self) -> None:
        """Finish the submitted work, then close all connections."""
        if self._writer:
            self._writer.close()
        self._threads.shutdown()
        self.engine.dispose()

    async def _transaction(self, work: DatabaseWork[Result]) -> Result:
        """Run work on PostgreSQL. Raises DatabaseUnavailableError after `seconds`."""
        attempt = Attempt()

        def transaction() -> Result:
            with self.engine.connect() as connection, attempt.on(connection), connection.begin():
                return work(connection)

        future = asyncio.wrap_future(self._threads.submit(transaction))
        try:
            await asyncio.wait([future], timeout=self._seconds)
        finally:
            # Also if the caller was cancelled: the thread must not block forever.
            if not future.done():
                future.cancel()
                attempt.give_up()
        if future.cancelled():
            logger.error("database", extra={"fields": {"error": f"no answer in {self._seconds:g} s"}})
            raise DatabaseUnavailableError
        return await self._outcome(future)

    async def _outcome(self, future: asyncio.Future[Result]) -> Result:
        try:
            return await future
        except DBAPIError as error:
            # The database's message may quote a key, so only the kind of error is logged.
            fields = {
                "error": error_name(error),
                "traceback": "".join(traceback.format_tb(error.__traceback__)),
            }
            logger.error("database", extra={"fields": fields})  # noqa: TRY400 - its message stays out
            is_transient = (
                isinstance(error, OperationalError | InterfaceError) or sqlstate_of(error) == READ_ONLY
            )
        raise DatabaseUnavailableError if is_transient else DatabaseFaultError


def sqlstate_of(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state


def error_name(error: DBAPIError) -> str:
    """Name the kind of error with the database's code: SQLITE_FULL, or 53300 (an SQLSTATE)."""
    detail = getattr(error.orig, "sqlite_errorname", None) or sqlstate_of(error)
    return f"{type(error.orig).__name__} {detail or ''}".strip()


@dataclass
class WriteRequest:
    """Work for the writer, and the future of its result, set once the changes are on disk."""

    work: DatabaseWork[Any]
    future: Future[Any] = field(default_factory=Future)
    settle: Callable[[], None] = lambda: None

    def attempt(self, connection: Connection) -> None:
        """Run the work in a savepoint. Raises only if SQLite has rolled back the whole transaction."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            with connection.begin_nested():
                result = self.work(connection)
        except Exception as error:
            if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
                raise
            self.settle = partial(self.future.set_exception, error)
        else:
            self.settle = partial(self.future.set_result, result)

    def fail(self, error: Exception) -> None:
        if not self.future.cancelled():
            self.future.set_exception(error)


class DatabaseWriter:
    """The only writer of an SQLite database: a thread that runs queued work and commits it in batches."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[WriteRequest | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, work: DatabaseWork[Result]) -> Future[Result]:
        request = WriteRequest(work)
        self._waiting.put(request)
        return request.future

    def close(self) -> None:
        """Finish the submitted work, then stop."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while request := self._waiting.get():
            self._commit_batch(request)

    def _commit_batch(self, first: WriteRequest) -> None:
        requests = [first]
        try:
            with self._engine.begin() as connection:
                until = monotonic() + GATHERING_SECONDS
                first.attempt(connection)
                while monotonic() < until and (request := self._next_waiting()):
                    requests.append(request)
                    request.attempt(connection)
        except Exception as error:  # noqa: BLE001 - every waiting caller gets the error
            for request in requests:
                request.fail(error)
        else:
            for request in requests:
                request.settle()

    def _next_waiting(self) -> WriteRequest | None:
        try:
            request = self._waiting.get_nowait()
        except Empty:
            return None
        if request is None:
            self._waiting.put(None)  # ends the loop in `_run`
        return request

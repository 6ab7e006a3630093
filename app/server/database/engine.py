"""The database: the same statements on SQLite, where one writer commits for many, and on PostgreSQL."""

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

from app.server.database.aborting import Attempt, keep_sockets
from app.server.database.address import DatabaseAddress
from app.server.database.tables import ServerTable

logger = logging.getLogger("kaeru.database")

Result = TypeVar("Result")
DatabaseWork = Callable[[Connection], Result]

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit that returned is on disk
    "PRAGMA busy_timeout = 5000",  # milliseconds; a backup or another process may be at it
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -64000",  # KiB
    "PRAGMA journal_size_limit = 67108864",
)
READ_ONLY = "25006"  # the SQLSTATE of a server that has not taken over yet, or will give over
# Work that arrives while a commit is prepared joins it, so that many share one wait for the disk; but not for
# longer than this, so that the first ones do not wait for the last.
GATHERING_SECONDS = 0.02


class DatabaseUnavailableError(Exception):
    """The database cannot do it now: not reachable, locked, full. Nothing was changed."""


class DatabaseFaultError(Exception):
    """The database refused a statement, which is a mistake of ours. Nothing was changed."""


def open_engine(address: DatabaseAddress, connections: int) -> Engine:
    """An engine whose `begin()` is a transaction for real on SQLite too, and whose errors quote no values."""
    if address.file is None:
        url = URL.create("postgresql+psycopg")
        engine = create_engine(
            url,
            connect_args=address.parameters,
            pool_size=connections,
            max_overflow=0,
            hide_parameters=True,
        )
        keep_sockets(engine)
        return engine
    url = URL.create("sqlite", database=str(address.file))
    # One connection is the writer's.
    engine = create_engine(url, pool_size=connections + 1, max_overflow=0, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: object) -> None:
        connection.isolation_level = None  # or Python would begin and commit at times of its own choice
        for pragma in PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        # Who will write says so first: a reader cannot become a writer after another has written.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def insert_or(dialect: str, table: type[ServerTable]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that says what to do about rows that are there; both databases know the same words for it."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


class Database:
    """Runs work, a function of a connection, in a transaction and on another thread than the caller's.

    `seconds`: how long a caller waits for PostgreSQL. A server that is frozen keeps its connections open and
    says nothing; what was asked of it is then given up. SQLite ends its waits by itself (`busy_timeout`).
    """

    def __init__(self, address: DatabaseAddress, connections: int, seconds: float = 10) -> None:
        self.engine = open_engine(address, connections)
        self._threads = ThreadPoolExecutor(connections, "database")
        self._seconds = seconds
        self._writer = DatabaseWriter(self.engine) if address.is_sqlite else None

    async def read(self, work: DatabaseWork[Result]) -> Result:
        """The result of work that changes nothing.

        Raises DatabaseUnavailableError, and what the work raises.
        """
        if self._writer is None:
            return await self._transaction(work)

        def reading() -> Result:
            with self.engine.connect().execution_options(reading=True) as connection, connection.begin():
                return work(connection)

        return await self._outcome(asyncio.wrap_future(self._threads.submit(reading)))

    async def write(self, work: DatabaseWork[Result]) -> Result:
        """The result of work once its changes are on disk; if it raises, it has changed nothing.

        An exception is PostgreSQL when it is given up while it commits: then nobody knows.
        Raises DatabaseUnavailableError, and what the work raises.
        """
        if self._writer is None:
            return await self._transaction(work)
        return await self._outcome(asyncio.wrap_future(self._writer.submit(work)))

    def close(self) -> None:
        """Finish what was begun, then let go of the database."""
        if self._writer:
            self._writer.close()
        self._threads.shutdown()
        self.engine.dispose()

    async def _transaction(self, work: DatabaseWork[Result]) -> Result:
        """Do work on PostgreSQL. Raises DatabaseUnavailableError once it has taken too long."""
        attempt = Attempt()

        def transaction() -> Result:
            with self.engine.connect() as connection, attempt.on(connection), connection.begin():
                return work(connection)

        future = asyncio.wrap_future(self._threads.submit(transaction))
        try:
            await asyncio.wait([future], timeout=self._seconds)
        finally:
            # Also where the caller does not wait any more: the thread must not wait for ever.
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
            # What the database says may quote a key: only what kind of error it is gets into the log.
            fields = {"error": name_of(error), "traceback": "".join(traceback.format_tb(error.__traceback__))}
            logger.error("database", extra={"fields": fields})  # noqa: TRY400 - its message stays out
            passing = isinstance(error, OperationalError | InterfaceError) or sqlstate_of(error) == READ_ONLY
        raise DatabaseUnavailableError if passing else DatabaseFaultError


def sqlstate_of(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state


def name_of(error: DBAPIError) -> str:
    """What kind of error it is, in the database's own words: SQLITE_FULL, or 53300 (an SQLSTATE)."""
    detail = getattr(error.orig, "sqlite_errorname", None) or sqlstate_of(error)
    return f"{type(error.orig).__name__} {detail or ''}".strip()


@dataclass
class WriteRequest:
    """Work for the writer, and the future of its result, which is set once the change is on disk."""

    work: DatabaseWork[Any]
    future: Future[Any] = field(default_factory=Future)
    settle: Callable[[], None] = lambda: None

    def attempt(self, connection: Connection) -> None:
        """Do the work. Where it raises, it alone is undone; raises where SQLite has undone everything."""
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
    """SQLite's one writer: a thread that takes work as it comes and commits what came together at once."""

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
        """Do what was submitted, then stop."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while request := self._waiting.get():
            self._commit_with_followers(request)

    def _commit_with_followers(self, first: WriteRequest) -> None:
        requests = [first]
        try:
            with self._engine.begin() as connection:
                until = monotonic() + GATHERING_SECONDS
                first.attempt(connection)
                while monotonic() < until and (follower := self._follower()):
                    requests.append(follower)
                    follower.attempt(connection)
        except Exception as error:  # noqa: BLE001 - whatever it was, those who wait are told
            for request in requests:
                request.fail(error)
        else:
            for request in requests:
                request.settle()

    def _follower(self) -> WriteRequest | None:
        try:
            request = self._waiting.get_nowait()
        except Empty:
            return None
        if request is None:
            self._waiting.put(None)  # for the thread's own loop to end at
        return request

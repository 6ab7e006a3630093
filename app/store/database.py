"""Opens the SQLite file and says in four words what can be wrong with it."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, StaticPool

IN_BROWSER = sys.platform == "emscripten"

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit that returned is on disk
    "PRAGMA foreign_keys = OFF",  # sync may bring a message before its client
    "PRAGMA temp_store = MEMORY",  # the browser's file system knows the database's own files only
    "PRAGMA cache_size = -16000",  # KiB; reading pages again is what costs in the browser
    "PRAGMA journal_size_limit = 4194304",
)

Reason = Literal["full", "corrupt", "unavailable", "newer"]


class StorageError(Exception):
    """The database cannot be used.

    `reason`: "full" (no room to write; nothing was changed), "corrupt" (salvage what can be read),
    "unavailable" (cannot be opened, or another program holds it), "newer" (a newer app made it).
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason


class OneConnection(StaticPool):
    """The database's one connection, for everyone in turn.

    While `reserved`, it is in a transaction that goes on beyond one turn of the event loop: what others did
    meanwhile would become a part of it, so they get StorageError("unavailable").
    """

    reserved = False

    def connect(self) -> PoolProxiedConnection:
        if self.reserved:
            raise StorageError("unavailable", "something else is being written")
        return super().connect()


def open_database(path: Path | str, *, exclusive: bool = IN_BROWSER) -> Engine:
    """The database at `path` (":memory:" for none), created or brought up to date, on its one connection.

    `exclusive` keeps other programs out and needs no shared memory, which browsers lack. Raises StorageError.
    """
    from app.store.migrations import migrate
    from app.store.records import from_json, to_json

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=2, check_same_thread=False)

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=OneConnection,
        isolation_level="AUTOCOMMIT",
        json_serializer=to_json,
        json_deserializer=from_json,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        # The locking mode comes first: it decides how the write-ahead log is shared.
        connection.execute(f"PRAGMA locking_mode = {'EXCLUSIVE' if exclusive else 'NORMAL'}")
        for pragma in PRAGMAS:
            connection.execute(pragma)

    try:
        integrity_check(engine)  # damage is best met here, before anything is written
        migrate(engine)
    except StorageError:
        engine.dispose()
        raise
    return engine


def integrity_check(engine: Engine) -> None:
    """Read the whole file; raises StorageError("corrupt") naming the first fault found."""
    with reading(), engine.connect() as connection:
        fault = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if fault != "ok":
        raise StorageError("corrupt", str(fault))


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One durable transaction: everything in it, or nothing. Raises StorageError."""
    with _storage_errors(writing=True), engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
                connection.exec_driver_sql("ROLLBACK")
            raise


@contextmanager
def long_transaction(engine: Engine) -> Iterator[Connection]:
    """As `transaction`, for one that goes on beyond one turn of the event loop: it keeps others out."""
    pool = engine.pool
    if not isinstance(pool, OneConnection):
        raise TypeError("this engine was not made by open_database")
    with transaction(engine) as connection:
        pool.reserved = True
        try:
            yield connection
        finally:
            pool.reserved = False


@contextmanager
def reading() -> Iterator[None]:
    """Raises StorageError for what SQLite reports while something is read."""
    with _storage_errors(writing=False):
        yield


@contextmanager
def _storage_errors(*, writing: bool) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        reason = _reason(error.orig, writing=writing)
        if reason is None:
            raise
        raise StorageError(reason, str(error.orig)) from error
    except sqlite3.Error as error:
        reason = _reason(error, writing=writing)
        if reason is None:
            raise
        raise StorageError(reason, str(error)) from error


_REASONS: dict[int, Reason] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
    sqlite3.SQLITE_CANTOPEN: "unavailable",
    sqlite3.SQLITE_BUSY: "unavailable",
    sqlite3.SQLITE_LOCKED: "unavailable",
    sqlite3.SQLITE_READONLY: "unavailable",
    sqlite3.SQLITE_PERM: "unavailable",
}


def _reason(error: BaseException | None, *, writing: bool) -> Reason | None:
    """What a SQLite error means to the user; None: it is a mistake of ours."""
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if primary == sqlite3.SQLITE_IOERR:
        # Browsers report an exhausted quota as a failed write, not as a full disk.
        return "full" if writing else "unavailable"
    return _REASONS.get(primary)

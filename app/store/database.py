"""Opens the device's SQLite file: integrity check, migration, and pragmas."""

import sqlite3
import sys
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from app.store.migrations.migrate import migrate
from app.store.records import from_json, to_json
from app.store.transactions import OneConnection, StorageError, reading

IN_BROWSER = sys.platform == "emscripten"

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on disk when it returns
    "PRAGMA foreign_keys = OFF",  # sync may bring a message before its client
    "PRAGMA temp_store = MEMORY",  # the browser's file system supports only the database's own files
    "PRAGMA cache_size = -16000",  # KiB; re-reading pages is expensive in the browser
    "PRAGMA journal_size_limit = 4194304",
)


def open_database(path: Path | str, *, exclusive: bool = IN_BROWSER) -> Engine:
    """Open, and create or migrate, the database at `path` (":memory:" for an in-memory one).

    `exclusive` locks out other programs and needs no shared memory, which browsers lack. Raises StorageError.
    """

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
        # The locking mode must be set first: it decides how the write-ahead log is shared.
        connection.execute(f"PRAGMA locking_mode = {'EXCLUSIVE' if exclusive else 'NORMAL'}")
        for pragma in PRAGMAS:
            connection.execute(pragma)

    try:
        integrity_check(engine)  # detect damage before anything is written
        migrate(engine)
    except StorageError:
        engine.dispose()
        raise
    return engine


def integrity_check(engine: Engine) -> None:
    """Read the whole file. Raises StorageError("corrupt") naming the first fault."""
    with reading(), engine.connect() as connection:
        fault = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if fault != "ok":
        raise StorageError("corrupt", str(fault))

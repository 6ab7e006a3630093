"""Transactions on the device's SQLite file, and the one exception for all its failures."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection, StaticPool

Reason = Literal["full", "corrupt", "unavailable", "newer"]


class StorageError(Exception):
    """The database cannot be used.

    `reason`: "full" (disk full; nothing was changed), "corrupt" (salvage what is readable),
    "unavailable" (cannot be opened, or locked by another program), "newer" (written by a newer app).
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason


class OneConnection(StaticPool):
    """The database's single connection, shared by all users.

    While `reserved`, it is in a transaction that spans several turns of the event loop. Other statements
    would become part of that transaction, so other users get StorageError("unavailable").
    """

    reserved = False

    def connect(self) -> PoolProxiedConnection:
        if self.reserved:
            raise StorageError("unavailable", "something else is being written")
        return super().connect()


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One durable transaction, all or nothing. Raises StorageError."""
    with _storage_errors(writing=True), engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            # SQLite rolls back by itself when the disk is full.
            if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
                connection.exec_driver_sql("ROLLBACK")
            raise


@contextmanager
def long_transaction(engine: Engine) -> Iterator[Connection]:
    """Like `transaction`, but may span several turns of the event loop: it locks out all other users."""
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
    """Convert SQLite errors during reads to StorageError."""
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
    """Map a SQLite error to a reason; None for programming errors."""
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if primary == sqlite3.SQLITE_IOERR:
        # Browsers report an exceeded quota as a failed write, not as a full disk.
        return "full" if writing else "unavailable"
    return _REASONS.get(primary)

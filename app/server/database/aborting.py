"""Ends what PostgreSQL does not answer, so that no thread of the server waits for ever.

libpq has no limit for an answer, and TCP's own do not help: the kernel of a machine whose PostgreSQL is
stopped goes on acknowledging. So another thread ends the wait: it asks PostgreSQL to cancel the statement, in
case it only waits for a lock, then shuts the connection's socket down.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

CANCEL_SECONDS = 2
SOCKET = "socket"


class GivenUpError(Exception):
    """Nobody waits for this work any more. It has not begun."""


def keep_sockets(engine: Engine) -> None:
    """Keep a handle of each connection's socket beside it.

    libpq closes its own handle on the thread that uses the connection, and the number may soon be another's.
    """

    @event.listens_for(engine, "connect")
    def keep(connection: psycopg.Connection, entry: ConnectionPoolEntry) -> None:
        entry.info[SOCKET] = socket.socket(fileno=os.dup(connection.pgconn.socket))

    @event.listens_for(engine, "close")
    def forget(_connection: psycopg.Connection, entry: ConnectionPoolEntry) -> None:
        if handle := entry.info.pop(SOCKET, None):
            handle.close()


class Attempt:
    """One transaction on a thread of its own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._given_up = False
        self._driver: psycopg.Connection | None = None
        self._socket: socket.socket | None = None

    @contextmanager
    def on(self, connection: Connection) -> Iterator[None]:
        """The connection may be shut down until the block ends. Raises GivenUpError if that is too late."""
        with self._lock:
            if self._given_up:
                raise GivenUpError
            self._driver = connection.connection.driver_connection
            self._socket = connection.info[SOCKET]
        try:
            yield
        finally:
            with self._lock:
                self._driver = self._socket = None

    def give_up(self) -> None:
        """Returns at once; the transaction fails on its own thread within a few seconds."""
        Thread(target=self._shut_down, name="database-abort", daemon=True).start()

    def _shut_down(self) -> None:
        # While the lock is held the connection does not go back to the pool, where others would take it.
        with self._lock:
            self._given_up = True
            if self._driver is None or self._socket is None:
                return
            if psycopg.capabilities.has_cancel_safe():
                with suppress(psycopg.Error):
                    self._driver.cancel_safe(timeout=CANCEL_SECONDS)
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

"""Aborts transactions that PostgreSQL doesn't answer, so that no server thread blocks forever.

libpq has no timeout for a response, and TCP's timeouts don't help: if PostgreSQL is stopped, its machine's
kernel still acknowledges packets. So another thread aborts: it asks PostgreSQL to cancel the statement, in
case that is only waiting for a lock, then shuts down the connection's socket.
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
    """The caller gave up before the work began."""


def record_sockets(engine: Engine) -> None:
    """Store a duplicate of each connection's socket in the pool entry.

    libpq closes its own descriptor on the thread that uses the connection, and the number may be reused.
    """

    @event.listens_for(engine, "connect")
    def keep(connection: psycopg.Connection, entry: ConnectionPoolEntry) -> None:
        entry.info[SOCKET] = socket.socket(fileno=os.dup(connection.pgconn.socket))

    @event.listens_for(engine, "close")
    def forget(_connection: psycopg.Connection, entry: ConnectionPoolEntry) -> None:
        if handle := entry.info.pop(SOCKET, None):
            handle.close()


class Attempt:
    """A transaction on another thread that its caller may abort."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._given_up = False
        self._driver: psycopg.Connection | None = None
        self._socket: socket.socket | None = None

    @contextmanager
    def on(self, connection: Connection) -> Iterator[None]:
        """Let `give_up` shut down the connection within the block. Raises GivenUpError after `give_up`."""
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
        """Abort the transaction. Returns at once; the transaction's thread fails within a few seconds."""
        Thread(target=self._shut_down, name="database-abort", daemon=True).start()

    def _shut_down(self) -> None:
        # While the lock is held, the connection isn't returned to the pool and reused.
        with self._lock:
            self._given_up = True
            if self._driver is None or self._socket is None:
                return
            if psycopg.capabilities.has_cancel_safe():
                with suppress(psycopg.Error):
                    self._driver.cancel_safe(timeout=CANCEL_SECONDS)
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

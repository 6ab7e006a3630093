"""Checks whether requests can be served: the database has this version and writes reach the disk."""

import asyncio
import logging
import shutil
import time
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from app.server.database import migrations
from app.server.database.engine import Database, DatabaseFaultError, DatabaseUnavailableError, insert_or
from app.server.database.tables import ServerKeyRow

logger = logging.getLogger("kaeru.readiness")

CHECK_SECONDS = 2
"""Timeout of the whole check."""
PROBE_SECONDS = 5
"""How long a successful write counts; this bounds the writes that frequent checks cause."""
LEAST_FREE_BYTES = 32_000_000
"""Minimum free space of the file system with the SQLite file. The largest request takes twice its 8 MB, in
the write-ahead log and in the database. The test write alone isn't enough: on a full disk it may still
succeed by reusing pages of the log."""
PROBE = "probe"


class Readiness:
    """The state behind /readyz."""

    def __init__(self, database: Database, file: Path | None) -> None:
        """`file`: the SQLite file; None for PostgreSQL."""
        self._database = database
        self._file = file
        self._written_at: float | None = None  # monotonic clock
        self._probing = asyncio.Lock()
        self._reason = ""

    async def check(self) -> bool:
        """Return whether requests can be served; log changes."""
        reason = await self._find_reason()
        if reason != self._reason:
            if reason:
                logger.error("not ready", extra={"fields": {"reason": reason}})
            else:
                logger.warning("ready again")
            self._reason = reason
        return not reason

    async def _find_reason(self) -> str:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._database.read(migrations.check)
                if self._file and (free := free_bytes(self._file.parent)) < LEAST_FREE_BYTES:
                    return f"only {free // 1_000_000} MB of disk space left"
                async with self._probing:
                    await self._write()
        except migrations.DatabaseVersionError:
            return "the database is of another version"
        except (DatabaseUnavailableError, DatabaseFaultError):
            return "the database cannot be used or written to"
        except TimeoutError:
            return "the database does not answer"
        except OSError as error:
            return f"the data folder cannot be used: {error.strerror}"
        return ""

    async def _write(self) -> None:
        now = time.monotonic()
        if self._written_at is not None and now - self._written_at < PROBE_SECONDS:
            return
        # A rollback or an unchanged value would not be written to disk.
        await self._database.write(partial(write_probe, value=time.time_ns().to_bytes(8, "big")))
        self._written_at = now


def free_bytes(folder: Path) -> int:
    """Free disk space for unprivileged users. Raises OSError."""
    return shutil.disk_usage(folder).free


def write_probe(connection: Connection, value: bytes) -> None:
    statement = insert_or(connection.dialect.name, ServerKeyRow)
    new = {"value": statement.excluded.value}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_=new), {"name": PROBE, "value": value}
    )

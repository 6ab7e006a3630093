"""Whether requests can be served: the database is of this version, and a change to it reaches the disk."""

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

READY_SECONDS = 2
"""How long all of it may take."""
PROBE_SECONDS = 5
"""How long a successful write counts: whoever asks all the time causes no more writes than that."""
LEAST_FREE_BYTES = 32_000_000
"""Of the file system with SQLite's file. One request of the largest size takes twice its 8 MB, in the
write-ahead log and in the database; and a write may still succeed on a full disk, in the log's old pages."""
PROBE = "probe"


class Readiness:
    """What /readyz answers from."""

    def __init__(self, database: Database, file: Path | None) -> None:
        """`file`: SQLite's, None with PostgreSQL."""
        self._database = database
        self._file = file
        self._written_at: float | None = None  # of the monotonic clock
        self._probing = asyncio.Lock()
        self._reason = ""

    async def check(self) -> bool:
        """Find out, and log it when that has changed."""
        reason = await self._trouble()
        if reason != self._reason:
            if reason:
                logger.error("not ready", extra={"fields": {"reason": reason}})
            else:
                logger.warning("ready again")
            self._reason = reason
        return not reason

    async def _trouble(self) -> str:
        try:
            async with asyncio.timeout(READY_SECONDS):
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
        # A change that is rolled back would not reach the disk, nor would a value that is there already.
        await self._database.write(partial(write_probe, value=time.time_ns().to_bytes(8, "big")))
        self._written_at = now


def free_bytes(folder: Path) -> int:
    """Raises OSError."""
    return shutil.disk_usage(folder).free


def write_probe(connection: Connection, value: bytes) -> None:
    statement = insert_or(connection.dialect.name, ServerKeyRow)
    new = {"value": statement.excluded.value}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_=new), {"name": PROBE, "value": value}
    )

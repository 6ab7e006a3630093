"""A device in a separate process that changes the sync key, to be killed midway.

`python -m tests.server.rotating FOLDER DEVICE…` opens the account whose database and secrets are in the
folder, revokes the devices with a key change, and prints a line per step.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.platform.native import FileVault, NativePlatform
from app.store.database import open_database
from app.store.store import Store
from app.sync.service import Sync
from app.sync.status import Status


class KeptPlatform(NativePlatform):
    """A platform that keeps its secrets beside the database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def vault(self) -> FileVault:
        return FileVault(self._folder / "secrets")


def now() -> datetime:
    return datetime.now(UTC)


def open_sync(folder: Path) -> Sync:
    """Open the sync of a device whose database is a file."""
    folder.mkdir(exist_ok=True)
    return Sync(Store(open_database(folder / "kaeru.db"), now), KeptPlatform(folder), now)


def report(status: Status) -> None:
    if status.sealing:
        print("sealing", status.done, status.total, flush=True)


async def work(folder: Path, devices: list[str]) -> None:
    sync = open_sync(folder)
    sync.subscribe(report)
    await sync._resume()
    await sync.change_key(devices)
    print("changed", flush=True)
    await sync.sync_once()
    print("done", sync.status.state, flush=True)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2:]))

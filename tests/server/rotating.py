"""A device in a process of its own that changes the sync key, to be killed while it does.

`python -m tests.server.rotating FOLDER DEVICE…`: goes on with the account whose database and secrets lie in
the folder, shuts the devices out for good, and says how far it is, a line a step.
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
    """Its secrets lie beside the database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def vault(self) -> FileVault:
        return FileVault(self._folder / "secrets")


def now() -> datetime:
    return datetime.now(UTC)


def open_sync(folder: Path) -> Sync:
    """Sync of a device whose database is a file."""
    folder.mkdir(exist_ok=True)
    return Sync(Store(open_database(folder / "kaeru.db"), now), KeptPlatform(folder), now)


def say(status: Status) -> None:
    if status.sealing:
        print("sealing", status.done, status.total, flush=True)


async def work(folder: Path, devices: list[str]) -> None:
    sync = open_sync(folder)
    sync.subscribe(say)
    await sync._resume()
    await sync.change_key(devices)
    print("changed", flush=True)
    await sync.sync_once()
    print("done", sync.status.state, flush=True)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2:]))

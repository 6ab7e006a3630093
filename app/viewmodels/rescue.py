"""What can be done about a database that cannot be opened: save what can be saved, then start afresh."""

from pathlib import Path

from app.store.backup.backup import salvage
from app.store.transactions import StorageError

# What SQLite keeps beside the database.
COMPANIONS = ("-wal", "-journal", "-shm")


def rescued(path: Path) -> tuple[bytes, bool]:
    """A backup of every row that can be read, and True; else the damaged file itself, and False.

    Raises OSError if not even the file can be read.
    """
    try:
        return salvage(path), True
    except StorageError:
        return path.read_bytes(), False


def start_afresh(path: Path) -> None:
    """Let the database go, so that the next start makes a new one. Raises OSError."""
    for file in (path, *(path.with_name(path.name + suffix) for suffix in COMPANIONS)):
        file.unlink(missing_ok=True)

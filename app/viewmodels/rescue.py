"""Recovery from a database that cannot be opened: save what is readable, then start afresh."""

from pathlib import Path

from app.store.backup.backup import salvage
from app.store.transactions import StorageError

# Suffixes of the files that SQLite keeps beside the database.
SQLITE_SUFFIXES = ("-wal", "-journal", "-shm")


def rescued(path: Path) -> tuple[bytes, bool]:
    """A backup of every readable row, and True; if salvaging fails, the damaged file and False.

    Raises OSError if the file cannot be read either.
    """
    try:
        return salvage(path), True
    except StorageError:
        return path.read_bytes(), False


def start_afresh(path: Path) -> None:
    """Delete the database, so that the next start creates a new one. Raises OSError."""
    for file in (path, *(path.with_name(path.name + suffix) for suffix in SQLITE_SUFFIXES)):
        file.unlink(missing_ok=True)

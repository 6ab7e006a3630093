"""The server's data folder: accessible only to the server's user, because it holds keys and records."""

import errno
import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex

logger = logging.getLogger("kaeru.data")

REPOSITORY = Path(__file__).resolve().parents[3]
FOLDER_MODE, FILE_MODE = 0o700, 0o600
# SQLite's files, and copies that an operator put beside them: they hold the same keys.
PATTERNS = ("*.db", "*.db-wal", "*.db-shm", "*.db-journal")


def prepare(folder: Path) -> None:
    """Create the folder if missing and restrict the folder and its databases to their user.

    Raises OSError if the folder cannot be created or written to.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    probe = folder / ".writable"
    probe.touch(mode=FILE_MODE)
    probe.unlink()
    if is_shared(folder):
        logger.warning(
            "other users need this folder: choose one for Kaeru alone",
            extra={"fields": {"path": str(folder)}},
        )
    else:
        restrict_mode(folder, FOLDER_MODE)
    for pattern in PATTERNS:
        for file in folder.glob(pattern):
            if file.is_file():
                restrict_mode(file, FILE_MODE)


def is_shared(folder: Path) -> bool:
    """Whether other users need access to the folder: /tmp, or a parent of home directories."""
    resolved = folder.resolve()
    needed = {*Path.home().resolve().parents, *REPOSITORY.parents, REPOSITORY, Path("/")}
    return resolved in needed or bool(resolved.stat().st_mode & stat.S_ISVTX)


def make_private(file: Path) -> None:
    """Create an empty file readable only by its user, unless it exists. Raises OSError.

    SQLite gives the files that it creates beside a database the database's mode.
    """
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, FILE_MODE))


def restrict_mode(path: Path, mode: int) -> None:
    """Remove permissions beyond `mode`; log a warning if that fails."""
    found = path.stat()
    if not found.st_mode & 0o777 & ~mode:
        return
    # Some file systems refuse mode changes, others ignore them.
    try:
        path.chmod(found.st_mode & mode)
        tightened = not path.stat().st_mode & 0o777 & ~mode
    except OSError:
        tightened = False
    before = f"{found.st_mode & 0o777:04o}"
    if tightened:
        fields = {"path": str(path), "before": before, "after": f"{found.st_mode & mode:04o}"}
        logger.info("mode tightened", extra={"fields": fields})
    else:
        fields = {"path": str(path), "mode": before, "wanted": f"{mode:04o}"}
        logger.warning("other users may read this: change its owner or mode", extra={"fields": fields})


def copy_database(source: Path, target: Path) -> None:
    """Write a consistent copy of an SQLite database to a new file readable only by its user.

    `target` appears once the copy is complete and on disk; after a failure it doesn't exist.
    Raises FileExistsError, OSError, sqlite3.Error.
    """
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    with temporary_beside(target) as temporary:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
            closing(sqlite3.connect(temporary)) as copy,
        ):
            original.backup(copy)
        fsync_path(temporary)
        rename_without_replacing(temporary, target)
        fsync_path(target.parent)


@contextmanager
def temporary_beside(target: Path) -> Iterator[Path]:
    """Create a private empty file in the target's folder; delete it and SQLite's files beside it on exit."""
    temporary = target.with_name(f".{target.name}.{token_hex(4)}.partial")
    temporary.touch(mode=FILE_MODE, exist_ok=False)
    try:
        yield temporary
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            temporary.with_name(temporary.name + ending).unlink(missing_ok=True)


def rename_without_replacing(file: Path, target: Path) -> None:
    """Rename a file without replacing an existing one. Raises FileExistsError, OSError."""
    try:
        os.link(file, target)  # a rename would replace an existing file
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links, such as FAT on a USB stick: reserve the name, then replace its
        # file.
        target.touch(mode=FILE_MODE, exist_ok=False)
        try:
            file.replace(target)
        except OSError:
            target.unlink()
            raise


def fsync_path(path: Path) -> None:
    """Flush a file, or a folder's entries, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems don't support fsync for a folder.
        if not (path.is_dir() and error.errno in {errno.EINVAL, errno.ENOTSUP}):
            raise
    finally:
        os.close(descriptor)

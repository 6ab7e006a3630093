"""The folder of what the server keeps: private to its user, as it holds keys and people's records."""

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
# SQLite's own files, and copies that an operator has put beside them: they hold the same keys.
PATTERNS = ("*.db", "*.db-wal", "*.db-shm", "*.db-journal")


def prepare(folder: Path) -> None:
    """Make the folder if it is missing, and see that nobody else can read it or the databases in it.

    Raises OSError where the folder cannot be made or written to.
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
        tighten(folder, FOLDER_MODE)
    for pattern in PATTERNS:
        for file in folder.glob(pattern):
            if file.is_file():
                tighten(file, FILE_MODE)


def is_shared(folder: Path) -> bool:
    """Whether taking the folder from other users would break something: /tmp, a parent of people's homes."""
    resolved = folder.resolve()
    needed = {*Path.home().resolve().parents, *REPOSITORY.parents, REPOSITORY, Path("/")}
    return resolved in needed or bool(resolved.stat().st_mode & stat.S_ISVTX)


def make_private(file: Path) -> None:
    """Make an empty file that only its user can read, unless it is there. Raises OSError.

    SQLite gives the files that it makes beside a database the database's mode.
    """
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, FILE_MODE))


def tighten(path: Path, mode: int) -> None:
    """Take away the rights that go beyond `mode`; log a warning where that cannot be done."""
    found = path.stat()
    if not found.st_mode & 0o777 & ~mode:
        return
    # Some file systems refuse to change modes, others ignore it.
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
    """Copy an SQLite database, as of one moment, to a new file that only its user can read.

    The copy is at `target` once it is whole and on disk; where that fails, nothing is left there.
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
        sync(temporary)
        move_to_new(temporary, target)
        sync(target.parent)


@contextmanager
def temporary_beside(target: Path) -> Iterator[Path]:
    """A private empty file in the target's folder; it and what SQLite made beside it are gone afterwards."""
    temporary = target.with_name(f".{target.name}.{token_hex(4)}.partial")
    temporary.touch(mode=FILE_MODE, exist_ok=False)
    try:
        yield temporary
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            temporary.with_name(temporary.name + ending).unlink(missing_ok=True)


def move_to_new(file: Path, target: Path) -> None:
    """Give a file another name that no other file has. Raises FileExistsError, OSError."""
    try:
        os.link(file, target)  # a rename would replace what is there
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links, such as a memory stick's: take the name, then replace its file.
        target.touch(mode=FILE_MODE, exist_ok=False)
        try:
            file.replace(target)
        except OSError:
            target.unlink()
            raise


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot do this for a folder.
        if not (path.is_dir() and error.errno in {errno.EINVAL, errno.ENOTSUP}):
            raise
    finally:
        os.close(descriptor)

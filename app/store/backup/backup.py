"""Exports all records to a backup file and restores it, after checking the whole file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.entities import KINDS
from app.steps import Steps, finish
from app.store.backup.backup_format import (
    FORMAT,
    LARGEST_FILE,
    MOST_RECORDS,
    VERSION,
    BackupError,
    BackupSummary,
    CheckedBackup,
    check,
    pack,
    records,
    to_bytes,
    to_file,
)
from app.store.backup.salvage import salvage
from app.store.changes import StoredRecord
from app.store.records import DEVICE, Fields, Key, Record, encode_values, table, table_of
from app.store.store import Store

__all__ = [
    "FORMAT",
    "LARGEST_FILE",
    "MOST_RECORDS",
    "VERSION",
    "BackupError",
    "BackupSummary",
    "CheckedBackup",
    "check",
    "export",
    "inspect",
    "restore",
    "restore_checked",
    "salvage",
    "to_bytes",
    "to_file",
]


def export(store: Store, now: datetime) -> dict[str, Any]:
    """All records with fields, clocks and tombstones, including data written by a newer app."""
    with store.session() as session:
        return pack(_records(session), now)


def inspect(data: bytes) -> BackupSummary:
    """Check a whole backup file and summarise it. Raises BackupError."""
    return finish(check(data)).summary


def restore(store: Store, data: bytes) -> None:
    """Replace all stored records by a backup.

    Raises BackupError or StorageError, having changed nothing.
    """
    finish(restore_checked(store, finish(check(data))))


def restore_checked(store: Store, backup: CheckedBackup) -> Steps[None]:
    """Like `restore`, in steps. The store is locked until the last one."""
    return store.replace_all(records(backup), backup.size)


def _records(session: Session) -> Iterator[StoredRecord]:
    fields: dict[Key, Fields] = {}
    for kind in KINDS:
        for row in session.execute(select(table_of(kind))).mappings():
            values = dict(row)
            key = Key(kind, values.pop("id"))
            fields[key] = encode_values(kind, values)
    rows = table(Record)
    for record in session.execute(select(rows).order_by(rows.c.kind, rows.c.id)).mappings():
        key = Key(record["kind"], record["id"])
        if key.kind == DEVICE:
            continue  # belongs to the account, not to the user's data
        yield StoredRecord(key, fields.get(key, {}), record["clocks"], record["gone"], record["extra"])

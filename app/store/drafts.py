"""Unsaved form input. Stored on this device only, never synced, never in a backup."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.sqlite import insert

from app.store.records import KeptDraft, table
from app.store.transactions import reading, transaction

LIFE = timedelta(days=30)
"""Older drafts are dropped."""


@dataclass(frozen=True)
class StoredDraft:
    """A form's draft as last stored. `value` is JSON."""

    kept_at: datetime
    value: Any


class Drafts:
    """Drafts by the name of their form and record. Every method raises StorageError."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def find(self, name: str) -> StoredDraft | None:
        rows = table(KeptDraft).c
        query = select(rows.kept_at, rows.value).where(rows.name == name)
        with reading(), self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None or row.kept_at < self._now() - LIFE else StoredDraft(*row)

    def keep(self, name: str, value: Any) -> None:
        """Store a draft, replacing the previous one of that name."""
        rows = table(KeptDraft)
        changed = {"kept_at": self._now(), "value": value}
        kept = insert(rows).values(name=name, **changed).on_conflict_do_update(["name"], set_=changed)
        with transaction(self._engine) as connection:
            connection.execute(kept)
            connection.execute(delete(rows).where(rows.c.kept_at < self._now() - LIFE))

    def forget(self, name: str) -> None:
        rows = table(KeptDraft)
        with transaction(self._engine) as connection:
            connection.execute(delete(rows).where(rows.c.name == name))


def forget_all(connection: Connection) -> None:
    connection.execute(delete(table(KeptDraft)))

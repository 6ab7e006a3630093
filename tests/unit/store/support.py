"""Helpers for the store's tests: an adjustable clock, and access to everything stored."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.domain.entities import (
    KINDS,
    Call,
    Client,
    Conversation,
    Entity,
    Job,
    Message,
    Part,
    StatusUpdate,
    Topic,
)
from app.domain.normalisation import normalise
from app.store.backup import backup
from app.store.backup.backup_format import _digest
from app.store.clock import HybridClock
from app.store.database import open_database
from app.store.records import Key, Record
from app.store.search_index import texts_of
from app.store.store import Store

PAGE = 4096
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)  # a Wednesday


class Clock:
    """A clock that returns the time it was set to."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


STAMP = HybridClock(Clock(), "ffffffff").tick()
"""A timestamp of another device."""


def family() -> dict[str, Entity]:
    """A client with one record of each kind, by id."""
    client = Client(id="client", name="Ana")
    job = Job(id="job", client_id="client", title="Page")
    update = StatusUpdate(id="update", client_id="client", job_id="job", text="half done")
    return {
        "client": client,
        "job": job,
        "part": Part(id="part", job_id="job"),
        "message": Message(id="message", client_id="client", job_id="job", summary="hello"),
        "call": Call(id="call", client_id="client", job_id="job", answered_by_update_id="update"),
        "update": update,
        "conversation": Conversation(id="conversation", client_id="client", note="by telephone"),
        "topic": Topic(id="topic", client_id="client", text="the invoice", call_id="call"),
        "next": Job(id="next", client_id="client", continued_from_id="job"),
    }


def open_store(path: Path, clock: Clock | None = None) -> Store:
    return Store(open_database(path), clock or Clock())


def records(store: Store) -> dict[Key, dict[str, Any]]:
    """Everything stored about every record, including deleted ones: fields, clocks, gone, extra."""
    return {Key(record["kind"], record["id"]): record for record in backup.export(store, NOON)["records"]}


def contents(store: Store) -> dict[Key, dict[str, Any]]:
    """The fields of the living records."""
    return {
        key: record.get("fields", {}) | {name: pair[0] for name, pair in record.get("extra", {}).items()}
        for key, record in records(store).items()
        if is_living(record)
    }


def is_living(record: dict[str, Any]) -> bool:
    """Whether a packed record is not deleted."""
    return "gone" not in record or bool(record.keys() & {"clocks", "extra"})


def signed(packed: list[Any], **head: Any) -> bytes:
    """A backup file with a valid checksum for any content."""
    whole = {"format": backup.FORMAT, "version": backup.VERSION, "exported_at": NOON.isoformat()}
    return json.dumps(whole | {"sha256": _digest(packed), "records": packed} | head).encode()


def stored(store: Store, id_: str) -> Record:
    """A record's metadata, as sync reads it."""
    with store.session() as session:
        return session.scalars(select(Record).where(Record.id == id_)).one()


def assert_search_in_step(store: Store) -> None:
    """Assert that the search index matches the stored records."""
    expected = {}
    for (kind, id_), fields in contents(store).items():
        if kind in KINDS and (texts := texts_of(kind, fields)):
            expected[id_] = "\n".join(map(normalise, texts))
    with store.session() as session:
        connection = session.connection()
        found = dict(connection.exec_driver_sql("SELECT id, text FROM search_doc").all())
        connection.exec_driver_sql(
            "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"
        )
    assert found == expected


def data_pages(path: Path) -> range:
    """The pages (from 0) of a closed database that hold only rows, no schema and no root pages."""
    with closing(sqlite3.connect(path)) as connection:
        first = connection.execute("SELECT max(rootpage) FROM sqlite_schema").fetchone()[0]
        return range(first, connection.execute("PRAGMA page_count").fetchone()[0])


def overwrite(path: Path, page: int, byte: bytes = b"\xa5") -> None:
    """Damage a page, as a bad sector or a stray write does."""
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(byte * PAGE)

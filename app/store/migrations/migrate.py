"""Migrates a database file, one transaction per version.

Released steps are never changed. A step that adds a field to a kind also moves the values that older versions
stored in `record.extra` into the new column.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine

from app.store import search_index
from app.store.migrations.backfill import ColumnEncoding, backfill_fields, backfill_kind
from app.store.records import Key
from app.store.transactions import StorageError, reading, transaction

MigrationStep = tuple[str | Callable[[Connection], None], ...]

# The indexes serve frequent queries: unanswered messages, open jobs, a client's history.
# search_doc holds normalised text, search_index its trigrams; triggers keep the two consistent.
_FIRST: MigrationStep = (
    """CREATE TABLE client (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, name VARCHAR NOT NULL, honorific
        VARCHAR NOT NULL, language VARCHAR NOT NULL, channels JSON NOT NULL, time_zone VARCHAR NOT NULL,
        working_hours JSON NOT NULL, reply_minutes INTEGER, reply_basis VARCHAR, call_allowance INTEGER,
        standing_call_rule VARCHAR NOT NULL, standing_call_start DATETIME, standing_call_minutes INTEGER
        NOT NULL, unpaid_limit INTEGER, rate INTEGER, availability_rate INTEGER, currency VARCHAR NOT
        NULL, stance VARCHAR NOT NULL, notes VARCHAR NOT NULL, status VARCHAR NOT NULL)""",
    """CREATE TABLE message (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, client_id VARCHAR NOT NULL,
        job_id VARCHAR, channel VARCHAR NOT NULL, direction VARCHAR NOT NULL, at DATETIME NOT NULL,
        summary VARCHAR NOT NULL, body VARCHAR NOT NULL, kind VARCHAR NOT NULL, needs_reply BOOLEAN NOT
        NULL, due_at DATETIME, acknowledged_at DATETIME, promised_at DATETIME, replied_at DATETIME,
        snoozed_until DATETIME, followed_up_at JSON NOT NULL, questions JSON NOT NULL, checklists JSON
        NOT NULL)""",
    "CREATE INDEX message_open ON message (at) WHERE replied_at IS NULL AND needs_reply = 1",
    "CREATE INDEX message_client ON message (client_id, at)",
    "CREATE INDEX message_job ON message (job_id) WHERE job_id IS NOT NULL",
    "CREATE INDEX message_at ON message (at, client_id)",
    """CREATE TABLE call (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, client_id VARCHAR NOT NULL,
        job_id VARCHAR, at DATETIME NOT NULL, minutes INTEGER NOT NULL, scheduled BOOLEAN NOT NULL,
        outcome VARCHAR NOT NULL, said_why BOOLEAN, answered_by_update_id VARCHAR, deferred_to DATETIME,
        note VARCHAR NOT NULL)""",
    "CREATE INDEX call_client ON call (client_id, at)",
    "CREATE INDEX call_at ON call (at, client_id)",
    """CREATE TABLE "update" (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, client_id VARCHAR NOT NULL,
        job_id VARCHAR, channel VARCHAR NOT NULL, at DATETIME NOT NULL, text VARCHAR NOT NULL)""",
    'CREATE INDEX update_client ON "update" (client_id, at)',
    'CREATE INDEX update_at ON "update" (at, client_id)',
    """CREATE TABLE job (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, client_id VARCHAR NOT NULL, title
        VARCHAR NOT NULL, platform VARCHAR NOT NULL, status VARCHAR NOT NULL, started_at DATETIME NOT
        NULL, deadline DATETIME, fee INTEGER, currency VARCHAR NOT NULL, basis VARCHAR NOT NULL,
        estimate_minutes INTEGER, spent_minutes INTEGER NOT NULL, rating INTEGER, rating_comment VARCHAR
        NOT NULL, continued_from_id VARCHAR, notes VARCHAR NOT NULL, snoozed_until DATETIME, questions
        JSON NOT NULL, checklists JSON NOT NULL)""",
    "CREATE INDEX job_client ON job (client_id, started_at)",
    "CREATE INDEX job_status ON job (status, started_at)",
    "CREATE INDEX job_started ON job (started_at, client_id)",
    """CREATE TABLE part (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, job_id VARCHAR NOT NULL, position
        INTEGER NOT NULL, title VARCHAR NOT NULL, due_at DATETIME, amount INTEGER, delivered_at
        DATETIME, paid_at DATETIME)""",
    "CREATE INDEX part_job ON part (job_id, position)",
    """CREATE TABLE script (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, builtin_id VARCHAR NOT NULL,
        language VARCHAR NOT NULL, title VARCHAR NOT NULL, moment VARCHAR NOT NULL, tone VARCHAR NOT
        NULL, body VARCHAR NOT NULL)""",
    """CREATE TABLE checklist (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, builtin_id VARCHAR NOT NULL,
        language VARCHAR NOT NULL, title VARCHAR NOT NULL, moment VARCHAR NOT NULL, items JSON NOT NULL)""",
    """CREATE TABLE settings (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, name VARCHAR NOT NULL, language
        VARCHAR NOT NULL, currency VARCHAR NOT NULL, time_zone VARCHAR NOT NULL, working_hours JSON NOT
        NULL, days_off JSON NOT NULL, quiet_hours JSON NOT NULL,
        reply_minutes INTEGER NOT NULL, reply_basis VARCHAR NOT NULL, buffer_percent INTEGER NOT NULL,
        buffer_days INTEGER NOT NULL, call_allowance INTEGER NOT NULL, follow_up_days INTEGER NOT NULL,
        reminder_minutes JSON NOT NULL, theme VARCHAR NOT NULL, introduced BOOLEAN NOT NULL)""",
    """CREATE TABLE record (
        id VARCHAR NOT NULL PRIMARY KEY, kind VARCHAR NOT NULL, clocks TEXT NOT NULL, gone VARCHAR,
        dirty BOOLEAN NOT NULL, rev INTEGER NOT NULL, extra JSON NOT NULL)""",
    "CREATE INDEX record_dirty ON record (id) WHERE dirty = 1",
    "CREATE TABLE meta (key VARCHAR NOT NULL PRIMARY KEY, value VARCHAR NOT NULL)",
    """CREATE TABLE search_doc (
        number INTEGER PRIMARY KEY, id VARCHAR NOT NULL UNIQUE, kind VARCHAR NOT NULL, at VARCHAR NOT
        NULL, title_size INTEGER NOT NULL, text VARCHAR NOT NULL)""",
    """CREATE VIRTUAL TABLE search_index USING fts5 (
        text, content = 'search_doc', content_rowid = 'number', tokenize = 'trigram case_sensitive 1')""",
    """CREATE TRIGGER search_added AFTER INSERT ON search_doc BEGIN
        INSERT INTO search_index (rowid, text) VALUES (new.number, new.text); END""",
    """CREATE TRIGGER search_removed AFTER DELETE ON search_doc BEGIN
        INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', old.number, old.text); END""",
    """CREATE TRIGGER search_changed AFTER UPDATE ON search_doc BEGIN
        INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', old.number, old.text);
        INSERT INTO search_index (rowid, text) VALUES (new.number, new.text); END""",
)

_SYNC: MigrationStep = (
    """CREATE TABLE sync_state (
        id INTEGER NOT NULL PRIMARY KEY, server VARCHAR NOT NULL, device VARCHAR NOT NULL, cursor INTEGER NOT
        NULL, synced_at DATETIME)""",
)

# The coach: the boundary ladder's conversations; dates of delivery, invoice, payment and payment reminders.
_CONVERSATION: dict[str, ColumnEncoding] = {
    "created_at": "instant",
    "client_id": "plain",
    "step": "plain",
    "at": "instant",
    "outcome": "plain",
    "answered_at": "instant",
    "standing_call_rule": "plain",
    "standing_call_minutes": "plain",
    "call_allowance": "plain",
    "rate": "plain",
    "decision": "plain",
    "note": "plain",
}
_JOB: dict[str, ColumnEncoding] = {
    "delivered_at": "instant",
    "invoiced_at": "instant",
    "paid_at": "instant",
    "reminded_at": "json",
    "followed_up_at": "json",
}

_COACH: MigrationStep = (
    "ALTER TABLE client ADD COLUMN payment_days INTEGER",
    "ALTER TABLE job ADD COLUMN delivered_at DATETIME",
    "ALTER TABLE job ADD COLUMN invoiced_at DATETIME",
    "ALTER TABLE job ADD COLUMN paid_at DATETIME",
    "ALTER TABLE job ADD COLUMN reminded_at JSON NOT NULL DEFAULT '[]'",
    "ALTER TABLE job ADD COLUMN followed_up_at JSON NOT NULL DEFAULT '[]'",
    "ALTER TABLE part ADD COLUMN invoiced_at DATETIME",
    "ALTER TABLE part ADD COLUMN reminded_at JSON NOT NULL DEFAULT '[]'",
    "ALTER TABLE settings ADD COLUMN payment_days INTEGER NOT NULL DEFAULT 30",
    "ALTER TABLE settings ADD COLUMN first_weekday INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE conversation (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, client_id VARCHAR NOT NULL, step
        INTEGER NOT NULL, at DATETIME NOT NULL, outcome VARCHAR NOT NULL, answered_at DATETIME,
        standing_call_rule VARCHAR NOT NULL, standing_call_minutes INTEGER, call_allowance INTEGER, rate
        INTEGER, decision VARCHAR, note VARCHAR NOT NULL)""",
    "CREATE INDEX conversation_client ON conversation (client_id, at)",
    "CREATE INDEX part_unpaid ON part (job_id) WHERE delivered_at IS NOT NULL AND paid_at IS NULL",
    partial(backfill_kind, kind="conversation", forms=_CONVERSATION),
    partial(backfill_fields, kind="client", forms={"payment_days": "plain"}),
    partial(backfill_fields, kind="job", forms=_JOB),
    partial(backfill_fields, kind="part", forms={"invoiced_at": "instant", "reminded_at": "json"}),
    partial(backfill_fields, kind="settings", forms={"payment_days": "plain", "first_weekday": "plain"}),
)

# Which reminders are on.
_RINGS: dict[str, ColumnEncoding] = {
    "ring_replies": "plain",
    "ring_deadlines": "plain",
    "ring_follow_ups": "plain",
    "ring_calls": "plain",
    "ring_on_days_off": "plain",
}

_REMINDERS: MigrationStep = (
    "ALTER TABLE settings ADD COLUMN ring_replies BOOLEAN NOT NULL DEFAULT 1",
    "ALTER TABLE settings ADD COLUMN ring_deadlines BOOLEAN NOT NULL DEFAULT 1",
    "ALTER TABLE settings ADD COLUMN ring_follow_ups BOOLEAN NOT NULL DEFAULT 1",
    "ALTER TABLE settings ADD COLUMN ring_calls BOOLEAN NOT NULL DEFAULT 1",
    "ALTER TABLE settings ADD COLUMN ring_on_days_off BOOLEAN NOT NULL DEFAULT 0",
    partial(backfill_fields, kind="settings", forms=_RINGS),
)

# A living record keeps its last deletion in `record.gone`. Versions that treat such records as deleted must
# not open the file. Also resets cursors and revisions from a broken server, which every server rejects.
_JOINS: MigrationStep = (
    "UPDATE record SET rev = 0, dirty = 1 WHERE rev > 9007199254740991",
    """UPDATE record SET rev = 0, dirty = 1
        WHERE EXISTS (SELECT 1 FROM sync_state WHERE cursor > 9007199254740991)""",
    "UPDATE sync_state SET cursor = 0 WHERE cursor > 9007199254740991",
)

# Key rotation, and announcements of new devices.
_KEYS: MigrationStep = (
    "ALTER TABLE record ADD COLUMN key_epoch INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX record_key_epoch ON record (key_epoch)",
    "ALTER TABLE sync_state ADD COLUMN sealed_epoch INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sync_state ADD COLUMN noted_epoch INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE seen_device (
        id VARCHAR NOT NULL PRIMARY KEY, public_key VARCHAR NOT NULL, acknowledged BOOLEAN NOT NULL,
        revoked BOOLEAN NOT NULL)""",
)

# A default limit for unpaid work, and the start of a proposed standing call.
_PROPOSALS: MigrationStep = (
    "ALTER TABLE settings ADD COLUMN unpaid_limit INTEGER",
    "ALTER TABLE conversation ADD COLUMN standing_call_start DATETIME",
    partial(backfill_fields, kind="settings", forms={"unpaid_limit": "plain"}),
    partial(backfill_fields, kind="conversation", forms={"standing_call_start": "instant"}),
)

# Effects of deletions on other records are computed at the end of a sync session. The server's last receipt
# is kept, to be sent back if the server is restored from a backup.
_SETTLING: MigrationStep = (
    "ALTER TABLE sync_state ADD COLUMN unsettled BOOLEAN NOT NULL DEFAULT 0",
    "ALTER TABLE sync_state ADD COLUMN receipt VARCHAR NOT NULL DEFAULT ''",
    "CREATE TABLE lost_fields (id VARCHAR NOT NULL PRIMARY KEY, fields JSON NOT NULL)",
    "CREATE INDEX record_gone ON record (kind, id) WHERE gone IS NOT NULL",
)

# Clients may be a person at an organisation, and have a reading; more channels.
_CHANNELS = frozenset({"whatsapp", "teams", "messenger", "zoom", "google_chat"})
_KNOWN_CHANNELS = _CHANNELS | {
    *("email", "chat", "chatwork", "slack", "line", "skype", "phone", "crowdworks", "lancers", "other")
}


def _are_channels(value: Any) -> bool:
    """Whether a newer version's value is a list of channels that this version supports."""
    return isinstance(value, list) and all(
        isinstance(each, dict)
        and each.get("kind") in _KNOWN_CHANNELS
        and isinstance(each.get("handle"), str)
        and each.keys() == {"kind", "handle"}
        for each in value
    )


def _index_organisations(connection: Connection) -> None:
    """Add the backfilled organisations and readings to the search index."""
    rows = connection.exec_driver_sql(
        """SELECT id, created_at, name, channels, notes, organisation, reading FROM client
        WHERE organisation != '' OR reading != ''"""
    ).mappings()
    found = []
    for row in rows:
        at = datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC).isoformat()
        fields = {**row, "channels": json.loads(row["channels"]), "created_at": at}
        found.append((Key("client", row["id"]), fields))
    search_index.index(connection, found)


_PEOPLE: MigrationStep = (
    "ALTER TABLE client ADD COLUMN party VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE client ADD COLUMN organisation VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE client ADD COLUMN reading VARCHAR NOT NULL DEFAULT ''",
    partial(
        backfill_fields,
        kind="client",
        forms={"party": "plain"},
        usable=lambda value: value in ("", "person", "organisation"),
    ),
    partial(
        backfill_fields,
        kind="client",
        forms={"organisation": "plain", "reading": "plain"},
        usable=lambda value: isinstance(value, str),
    ),
    partial(backfill_fields, kind="client", forms={"channels": "json"}, usable=_are_channels),
    *(
        partial(
            backfill_fields, kind=kind, forms={"channel": "plain"}, usable=lambda value: value in _CHANNELS
        )
        for kind in ("message", "update")
    ),
    _index_organisations,
)

# A job's price: unit price, quantity, and deductions.
_PRICES: dict[str, ColumnEncoding] = {
    "unit_price": "plain",
    "quantity": "plain",
    "platform_fee": "plain",
    "withholding": "plain",
}

_PRICING: MigrationStep = (
    "ALTER TABLE job ADD COLUMN unit_price INTEGER",
    "ALTER TABLE job ADD COLUMN quantity INTEGER",
    "ALTER TABLE job ADD COLUMN platform_fee INTEGER",
    "ALTER TABLE job ADD COLUMN withholding BOOLEAN NOT NULL DEFAULT 0",
    partial(backfill_fields, kind="job", forms=_PRICES),
)

# Public holidays, and drafts of forms.
_HOLIDAYS_AND_DRAFTS: MigrationStep = (
    "ALTER TABLE settings ADD COLUMN holiday_country VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE settings ADD COLUMN worked_holidays JSON NOT NULL DEFAULT '[]'",
    "CREATE TABLE draft (name VARCHAR NOT NULL PRIMARY KEY, kept_at DATETIME NOT NULL, value JSON NOT NULL)",
    partial(backfill_fields, kind="settings", forms={"holiday_country": "plain", "worked_holidays": "json"}),
)

# Topics of standing calls; changes to single standing calls; fields that close items on Today.
_TOPIC: dict[str, ColumnEncoding] = {
    "created_at": "instant",
    "client_id": "plain",
    "text": "plain",
    "raised_by": "plain",
    "message_id": "plain",
    "call_id": "plain",
    "done_at": "instant",
    "became_message_id": "plain",
    "became_update_id": "plain",
    "became_job_id": "plain",
}

_TOPICS: MigrationStep = (
    "ALTER TABLE client ADD COLUMN standing_call_changes JSON NOT NULL DEFAULT '{}'",
    "ALTER TABLE client ADD COLUMN ladder_snoozed_until DATETIME",
    "ALTER TABLE message ADD COLUMN boundary_step INTEGER",
    "ALTER TABLE call ADD COLUMN answered_at DATETIME",
    """CREATE TABLE topic (
        id VARCHAR NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, client_id VARCHAR NOT NULL, text
        VARCHAR NOT NULL, raised_by VARCHAR NOT NULL, message_id VARCHAR, call_id VARCHAR, done_at DATETIME,
        became_message_id VARCHAR, became_update_id VARCHAR, became_job_id VARCHAR)""",
    "CREATE INDEX topic_client ON topic (client_id, created_at)",
    "CREATE INDEX topic_open ON topic (client_id) WHERE done_at IS NULL",
    "CREATE INDEX topic_call ON topic (call_id) WHERE call_id IS NOT NULL",
    "CREATE INDEX call_deferred ON call (client_id) WHERE deferred_to IS NOT NULL",
    "CREATE INDEX message_questions ON message (id) WHERE questions != '[]'",
    partial(backfill_kind, kind="topic", forms=_TOPIC),
    partial(
        backfill_fields,
        kind="client",
        forms={"standing_call_changes": "json", "ladder_snoozed_until": "instant"},
    ),
    partial(backfill_fields, kind="message", forms={"boundary_step": "plain"}),
    partial(backfill_fields, kind="call", forms={"answered_at": "instant"}),
)

# Whether the user has chosen how far to go with a client.
_STANCES: MigrationStep = (
    "ALTER TABLE client ADD COLUMN stance_chosen BOOLEAN NOT NULL DEFAULT 0",
    partial(
        backfill_fields,
        kind="client",
        forms={"stance_chosen": "plain"},
        usable=lambda value: isinstance(value, bool),
    ),
)

# When clients expect standing calls that they were told of, or that were changed since.
_TOLD: MigrationStep = (
    "ALTER TABLE client ADD COLUMN standing_call_told JSON NOT NULL DEFAULT '{}'",
    partial(
        backfill_fields,
        kind="client",
        forms={"standing_call_told": "json"},
        usable=lambda value: isinstance(value, dict),
    ),
)

STEPS: tuple[MigrationStep, ...] = (
    _FIRST,
    _SYNC,
    _COACH,
    _REMINDERS,
    _JOINS,
    _KEYS,
    _PROPOSALS,
    _SETTLING,
    _PEOPLE,
    _PRICING,
    _HOLIDAYS_AND_DRAFTS,
    _TOPICS,
    _STANCES,
    _TOLD,
)


def migrate(engine: Engine, steps: tuple[MigrationStep, ...] = STEPS) -> None:
    """Apply the steps that the file is missing.

    Raises StorageError("newer") if a newer version of the app has migrated the file further.
    """
    with reading(), engine.connect() as connection:
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if version > len(steps):
        raise StorageError("newer", f"the file is of version {version}, this app knows {len(steps)}")
    for number, step in enumerate(steps[version:], start=version + 1):
        with transaction(engine) as connection:
            for statement in step:
                if isinstance(statement, str):
                    connection.exec_driver_sql(statement)
                else:
                    statement(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {number}")

"""Sync of records: applies a device's changes and returns the other devices', in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from app.server.database.engine import insert_or
from app.server.database.tables import AccountRow, RecordRow
from app.server.push.reminders import check_bytes
from app.server.sync.accounts import note_seen
from app.server.web.access import Caller, Token, caller_of
from app.server.web.limits import CHANGES, CONFLICT_BYTES, PAGE_BYTES, Limits
from app.server.web.problems import HttpProblem

# Statements are built once: building one takes SQLAlchemy longer than the database takes to run it.
RECORD = col(RecordRow.id), col(RecordRow.rev), col(RecordRow.box)
SIZE = func.length(col(RecordRow.box)).label("size")
NAMED = (
    col(RecordRow.account) == bindparam("account"),
    col(RecordRow.id).in_(bindparam("ids", expanding=True)),
)
ABOVE = (
    col(RecordRow.account) == bindparam("account"),
    col(RecordRow.rev) > bindparam("cursor"),
    col(RecordRow.rev) <= bindparam("last"),
)
CURRENT_REVISIONS = select(col(RecordRow.id), col(RecordRow.rev), SIZE).where(*NAMED)
CURRENT = select(*RECORD).where(*NAMED)
PAGE_SIZES = select(col(RecordRow.rev), SIZE).where(*ABOVE).order_by(col(RecordRow.rev)).limit(CHANGES + 1)
CHANGES_PAGE = select(*RECORD).where(*ABOVE).order_by(col(RecordRow.rev))
UPDATE_COUNTS = (
    update(AccountRow)
    .where(col(AccountRow.id) == bindparam("account"))
    .values(rev=bindparam("new_rev"), records=bindparam("new_records"), box_bytes=bindparam("new_box_bytes"))
)


@cache
def put_statement(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Build the upsert of a record's revision and box."""
    statement = insert_or(dialect, RecordRow)
    new = {"rev": statement.excluded.rev, "box": statement.excluded.box}
    return statement.on_conflict_do_update(index_elements=["account", "id"], set_=new)


class SubmittedChange(NamedTuple):
    """A record submitted by a device, based on revision `base` (0: new)."""

    id: str
    base: int
    box: bytes


class Accepted(NamedTuple):
    """An accepted change and its new revision."""

    id: str
    rev: int


class Revision(NamedTuple):
    """A stored record with its revision."""

    id: str
    rev: int
    box: bytes


class Taken(NamedTuple):
    """The results of a device's changes."""

    accepted: list[Accepted]
    conflicts: list[Revision]


@dataclass(frozen=True)
class SyncResult:
    """The result of a sync request.

    `cursor`: the device now has all revisions up to this one; None for a push without a pull.
    `more`: there are revisions above the cursor.
    """

    cursor: int | None
    changes: list[Revision]
    accepted: list[Accepted]
    conflicts: list[Revision]
    more: bool


def pull(connection: Connection, token: Token, cursor: int) -> tuple[Caller, SyncResult]:
    """Return the changes after the cursor. Raises HttpProblem("cursor")."""
    caller = caller_of(connection, token, locked=False, sealing=True)
    check_cursor(caller, cursor)
    changes, last = changes_after(connection, caller, cursor)
    return caller, exchange(caller, Taken([], []), changes, last)


def push(
    connection: Connection, token: Token, changes: Sequence[SubmittedChange], limits: Limits, now: datetime
) -> SyncResult:
    """Apply changes without returning others', for push-only clients such as a service worker.

    Raises HttpProblem and changes nothing: "cursor", "quota".
    """
    caller = caller_of(connection, token, locked=True, sealing=True)
    taken = apply_changes(connection, caller, changes, limits)
    note_seen(connection, caller, now)
    return SyncResult(None, [], taken.accepted, taken.conflicts, more=False)


def push_and_pull(
    connection: Connection,
    token: Token,
    cursor: int,
    changes: Sequence[SubmittedChange],
    limits: Limits,
    now: datetime,
) -> SyncResult:
    """Apply changes, then return the changes after the cursor.

    The account is locked from the first read until the commit. So revisions become visible in order, and no
    cursor can skip a revision that is committed later.
    Raises HttpProblem and changes nothing: "cursor", "quota".
    """
    caller = caller_of(connection, token, locked=True, sealing=True)
    check_cursor(caller, cursor)
    taken = apply_changes(connection, caller, changes, limits)
    note_seen(connection, caller, now)
    pulled, last = changes_after(connection, caller, cursor)
    conflict_ids = {conflict.id for conflict in taken.conflicts}
    return exchange(caller, taken, [change for change in pulled if change.id not in conflict_ids], last)


def exchange(caller: Caller, taken: Taken, changes: list[Revision], last: int) -> SyncResult:
    """Build the result. `last`: the last revision returned, of those from before this request."""
    more = last < caller.rev
    # If all earlier revisions are returned, the cursor also covers the device's own changes after them.
    cursor = last if more else caller.rev + len(taken.accepted)
    return SyncResult(cursor, changes, taken.accepted, taken.conflicts, more)


def check_cursor(caller: Caller, cursor: int) -> None:
    """Raise HttpProblem("cursor") for a cursor that was never given out, or was before a restore."""
    if cursor > caller.rev or 0 < cursor < caller.oldest_cursor:
        raise HttpProblem("cursor")


def apply_changes(
    connection: Connection, caller: Caller, changes: Sequence[SubmittedChange], limits: Limits
) -> Taken:
    """Store the changes whose base is the record's current revision; the others are conflicts.

    Conflicts come with the current record, up to `CONFLICT_BYTES`; the rest are left unanswered, or a small
    request could cause a huge response.
    """
    parameters = {"account": caller.account, "ids": [change.id for change in changes]}
    current = {row.id: row for row in connection.execute(CURRENT_REVISIONS, parameters)}
    rows: list[dict[str, object]] = []
    conflicting: list[str] = []
    records = size = conflict_bytes = 0
    for change in changes:
        known = current.get(change.id)
        rev = known.rev if known else 0
        if change.base > rev:
            raise HttpProblem("cursor")  # given out by a history lost in a restore
        if known and change.base < rev:
            conflict_bytes += known.size
            if not conflicting or conflict_bytes <= CONFLICT_BYTES:
                conflicting.append(change.id)
            continue
        records += known is None
        size += len(change.box) - (known.size if known else 0)
        rev = caller.rev + len(rows) + 1
        rows.append({"account": caller.account, "id": change.id, "rev": rev, "box": change.box})
    check_quota(connection, caller, records, size, limits)
    if rows:
        store_rows(connection, caller, rows, records, size)
    accepted = [Accepted(str(row["id"]), caller.rev + number) for number, row in enumerate(rows, 1)]
    return Taken(accepted, current_records(connection, caller, conflicting))


def check_quota(connection: Connection, caller: Caller, records: int, size: int, limits: Limits) -> None:
    """Raise HttpProblem("quota") if the account would outgrow it; shrinking is always allowed."""
    if size > 0:
        check_bytes(connection, caller, size, limits)
    if records > 0 and caller.records + records > limits.records:
        raise HttpProblem("quota", of="records", used=caller.records, limit=limits.records)


def store_rows(
    connection: Connection, caller: Caller, rows: list[dict[str, object]], records: int, size: int
) -> None:
    connection.execute(put_statement(connection.dialect.name), rows)
    counts = {
        "new_rev": caller.rev + len(rows),
        "new_records": caller.records + records,
        "new_box_bytes": caller.box_bytes + size,
    }
    connection.execute(UPDATE_COUNTS, {"account": caller.account, **counts})


def changes_after(connection: Connection, caller: Caller, cursor: int) -> tuple[list[Revision], int]:
    """Return a page of records above the cursor, up to the account's revision when it was read.

    Also returns the revision up to which the page is complete: its last one, or the account's.
    """
    parameters = {"account": caller.account, "cursor": cursor, "last": caller.rev}
    last, count, total = cursor, 0, 0
    for row in connection.execute(PAGE_SIZES, parameters):
        total += row.size
        if count == CHANGES or (count and total > PAGE_BYTES):
            break
        last, count = row.rev, count + 1
    else:
        last = caller.rev
    if not count:
        return [], last
    return [Revision(*row) for row in connection.execute(CHANGES_PAGE, {**parameters, "last": last})], last


def current_records(connection: Connection, caller: Caller, ids: list[str]) -> list[Revision]:
    if not ids:
        return []
    rows = connection.execute(CURRENT, {"account": caller.account, "ids": ids})
    return [Revision(*row) for row in rows]

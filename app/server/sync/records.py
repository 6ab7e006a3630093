"""Records: takes what a device has changed and hands it what the others have, in one transaction."""

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

# Statements are built once: building one takes SQLAlchemy longer than running it takes the database.
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
KNOWN = select(col(RecordRow.id), col(RecordRow.rev), SIZE).where(*NAMED)
CURRENT = select(*RECORD).where(*NAMED)
UPCOMING = select(col(RecordRow.rev), SIZE).where(*ABOVE).order_by(col(RecordRow.rev)).limit(CHANGES + 1)
PAGE = select(*RECORD).where(*ABOVE).order_by(col(RecordRow.rev))
COUNT = (
    update(AccountRow)
    .where(col(AccountRow.id) == bindparam("account"))
    .values(rev=bindparam("new_rev"), records=bindparam("new_records"), box_bytes=bindparam("new_box_bytes"))
)


@cache
def put_statement(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Insert a record, or give the one that is there its new revision and box."""
    statement = insert_or(dialect, RecordRow)
    new = {"rev": statement.excluded.rev, "box": statement.excluded.box}
    return statement.on_conflict_do_update(index_elements=["account", "id"], set_=new)


class SubmittedChange(NamedTuple):
    """A record as a device wants it, made from revision `base` (0: from none)."""

    id: str
    base: int
    box: bytes


class Accepted(NamedTuple):
    """A change that was taken, and the revision it got."""

    id: str
    rev: int


class Revision(NamedTuple):
    """A record as it is."""

    id: str
    rev: int
    box: bytes


class Taken(NamedTuple):
    """What became of a device's changes."""

    accepted: list[Accepted]
    conflicts: list[Revision]


@dataclass(frozen=True)
class SyncResult:
    """One sync's outcome. All up to revision `cursor` is handed over; `more`: there is more above it.

    Without a cursor nothing was to be handed over.
    """

    cursor: int | None
    changes: list[Revision]
    accepted: list[Accepted]
    conflicts: list[Revision]
    more: bool


def pull(connection: Connection, token: Token, cursor: int) -> tuple[Caller, SyncResult]:
    """Hand over what came after the cursor. Raises Problem("cursor")."""
    caller = caller_of(connection, token, locked=False, sealing=True)
    check_cursor(caller, cursor)
    changes, last = changes_after(connection, caller, cursor)
    return caller, exchange(caller, Taken([], []), changes, last)


def push(
    connection: Connection, token: Token, changes: Sequence[SubmittedChange], limits: Limits, now: datetime
) -> SyncResult:
    """Take what fits, and hand nothing over: for who has no room for others' records, as a service worker.

    Raises Problem: "cursor", "quota"; nothing is changed then.
    """
    caller = caller_of(connection, token, locked=True, sealing=True)
    taken = take(connection, caller, changes, limits)
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
    """Take what fits, then hand over what came after the cursor.

    The account's lock is held from before the first look until the commit. So revisions become visible in the
    order in which they were given, and nobody's cursor can go past one that is still to come.
    Raises Problem: "cursor", "quota"; nothing is changed then.
    """
    caller = caller_of(connection, token, locked=True, sealing=True)
    check_cursor(caller, cursor)
    taken = take(connection, caller, changes, limits)
    note_seen(connection, caller, now)
    given, last = changes_after(connection, caller, cursor)
    told = {conflict.id for conflict in taken.conflicts}
    return exchange(caller, taken, [change for change in given if change.id not in told], last)


def exchange(caller: Caller, taken: Taken, changes: list[Revision], last: int) -> SyncResult:
    """`last`: the revision up to which changes go, of those that were there before this request."""
    more = last < caller.rev
    # With all that was there handed over, the device's own changes, which follow, are known to it too.
    cursor = last if more else caller.rev + len(taken.accepted)
    return SyncResult(cursor, changes, taken.accepted, taken.conflicts, more)


def check_cursor(caller: Caller, cursor: int) -> None:
    """Raises Problem("cursor") for one never given out, or given out before a backup was restored."""
    if cursor > caller.rev or 0 < cursor < caller.oldest_cursor:
        raise HttpProblem("cursor")


def take(connection: Connection, caller: Caller, changes: Sequence[SubmittedChange], limits: Limits) -> Taken:
    """Write the changes whose base is the record's revision; give the current record for the others.

    Conflicts beyond `CONFLICT_BYTES` are left unanswered, or a small request could ask for a huge answer.
    """
    wanted = {"account": caller.account, "ids": [change.id for change in changes]}
    current = {row.id: row for row in connection.execute(KNOWN, wanted)}
    rows: list[dict[str, object]] = []
    conflicting: list[str] = []
    records = size = conflict_bytes = 0
    for change in changes:
        known = current.get(change.id)
        rev = known.rev if known else 0
        if change.base > rev:
            raise HttpProblem("cursor")  # only a history that was lost can have given it
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
        write(connection, caller, rows, records, size)
    accepted = [Accepted(str(row["id"]), caller.rev + number) for number, row in enumerate(rows, 1)]
    return Taken(accepted, current_records(connection, caller, conflicting))


def check_quota(connection: Connection, caller: Caller, records: int, size: int, limits: Limits) -> None:
    """Raises Problem("quota") for what grows beyond it; what makes an account smaller is always taken."""
    if size > 0:
        check_bytes(connection, caller, size, limits)
    if records > 0 and caller.records + records > limits.records:
        raise HttpProblem("quota", of="records", used=caller.records, limit=limits.records)


def write(
    connection: Connection, caller: Caller, rows: list[dict[str, object]], records: int, size: int
) -> None:
    connection.execute(put_statement(connection.dialect.name), rows)
    counts = {
        "new_rev": caller.rev + len(rows),
        "new_records": caller.records + records,
        "new_box_bytes": caller.box_bytes + size,
    }
    connection.execute(COUNT, {"account": caller.account, **counts})


def changes_after(connection: Connection, caller: Caller, cursor: int) -> tuple[list[Revision], int]:
    """Records above the cursor that were there when the account was read, a page of them.

    Also gives the revision up to which nothing is missing: the last one's, or the account's.
    """
    between = {"account": caller.account, "cursor": cursor, "last": caller.rev}
    last, count, total = cursor, 0, 0
    for row in connection.execute(UPCOMING, between):
        total += row.size
        if count == CHANGES or (count and total > PAGE_BYTES):
            break
        last, count = row.rev, count + 1
    else:
        last = caller.rev
    if not count:
        return [], last
    return [Revision(*row) for row in connection.execute(PAGE, {**between, "last": last})], last


def current_records(connection: Connection, caller: Caller, ids: list[str]) -> list[Revision]:
    if not ids:
        return []
    rows = connection.execute(CURRENT, {"account": caller.account, "ids": ids})
    return [Revision(*row) for row in rows]

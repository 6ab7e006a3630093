"""Pairings: the boxes that a member of an account and a new device exchange, in fixed steps, once.

Member and new device find the pairing by an id that both derive from the pairing secret. The server keeps
only its hash, so that nobody can claim anything with what is stored.
"""

from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlmodel import col

from app.server.database.tables import PairingRow, ServerTable
from app.server.web.access import Token, caller_of, hashed, is_secret
from app.server.web.limits import PAIRING_MINUTES, PAIRINGS
from app.server.web.problems import HttpProblem

PairingState = Literal[
    "offered", "claimed", "requested", "revealed", "answered", "refused", "declined", "failed", "done"
]
PairingOutcome = Literal["declined", "failed", "done"]
"""How it ended for the new device: its person said no, it could not join, it joined."""

PAIRING = ServerTable.metadata.tables["pairing"]
NO_BOXES = {"offer": None, "request": None, "reveal": None, "answer": None}


class PairingProgress(NamedTuple):
    """How far a pairing has come, with what the other device has handed in."""

    state: PairingState
    expires_at: datetime
    request: bytes | None = None
    reveal: bytes | None = None
    answer: bytes | None = None


class ClaimedOffer(NamedTuple):
    """What a new device gets for its claim."""

    offer: bytes
    expires_at: datetime


# --- the member --------------------------------------------------------------------------------------------


def offer(connection: Connection, token: Token, id_: bytes, box: bytes, now: datetime) -> datetime:
    """Open a pairing in the place of the device's last one; gives when it expires.

    Repeating it changes nothing. Raises Problem("pairing_used") where the id is taken.
    """
    caller = caller_of(connection, token, locked=True)
    sweep(connection, now)
    known = connection.execute(select(PAIRING).where(is_pairing(id_))).one_or_none()
    if known is not None:
        owned = (known.account, known.device) == (caller.account, caller.device)
        if owned and known.claim_hash is None and known.offer == box:
            return known.expires_at  # type: ignore[no-any-return]
        raise HttpProblem("pairing_used")
    forget(connection, caller.account, caller.device)
    of_account = (
        select(col(PairingRow.id_hash))
        .where(col(PairingRow.account) == caller.account)
        .order_by(col(PairingRow.created_at).desc(), col(PairingRow.id_hash))
    )
    for oldest in connection.execute(of_account.offset(PAIRINGS - 1)).scalars().all():
        connection.execute(delete(PairingRow).where(col(PairingRow.id_hash) == oldest))
    expires_at = now + timedelta(minutes=PAIRING_MINUTES)
    row = {"id_hash": hashed(id_), "account": caller.account, "device": caller.device, "offer": box}
    connection.execute(insert(PairingRow), {**row, "created_at": now, "expires_at": expires_at})
    return expires_at


def progress(connection: Connection, token: Token, id_: bytes, now: datetime) -> PairingProgress:
    """Raises Problem("no_pairing"), as all of the member's do."""
    row = of_member(connection, token, id_, now, locked=False)
    return PairingProgress(state_of(row), row.expires_at, request=row.request)


def reveal(connection: Connection, token: Token, id_: bytes, box: bytes, now: datetime) -> None:
    """Hand in what answers the new device's request. Raises Problem("pairing_step")."""
    row = of_member(connection, token, id_, now, locked=True)
    hand_in(connection, row, "reveal", box, after="requested")


def answer(connection: Connection, token: Token, id_: bytes, box: bytes, now: datetime) -> None:
    """Hand in the sealed key. Raises Problem("pairing_step")."""
    row = of_member(connection, token, id_, now, locked=True)
    hand_in(connection, row, "answer", box, after="revealed")


def cancel(connection: Connection, token: Token, id_: bytes, now: datetime) -> None:
    """End it from the member's side; once it has ended, this changes nothing."""
    row = of_member(connection, token, id_, now, locked=True)
    if row.claim_hash is None:
        connection.execute(delete(PairingRow).where(is_pairing(id_)))
    elif row.outcome is None:
        change(connection, row, outcome="refused", **NO_BOXES)


# --- the new device ----------------------------------------------------------------------------------------


def claim(connection: Connection, id_: bytes, secret: bytes, now: datetime) -> ClaimedOffer:
    """Take the offer: the first does, and may repeat it.

    Raises Problem: "no_pairing", "pairing_used" for everybody else and once it has ended.
    """
    row = found(connection, id_, now, locked=True)
    if row.claim_hash is None:
        change(connection, row, claim_hash=hashed(secret))
    elif not is_secret(secret, row.claim_hash):
        raise HttpProblem("pairing_used")
    if row.outcome is not None:
        raise HttpProblem("pairing_used")
    return ClaimedOffer(row.offer, row.expires_at)


def request(connection: Connection, id_: bytes, secret: bytes, box: bytes, now: datetime) -> None:
    """Ask to be added. Raises Problem("pairing_step"), and what `of_claimant` raises."""
    row = of_claimant(connection, id_, secret, now, locked=True)
    hand_in(connection, row, "request", box, after="claimed")


def watch(connection: Connection, id_: bytes, secret: bytes, now: datetime) -> PairingProgress:
    """Raises what `of_claimant` raises."""
    row = of_claimant(connection, id_, secret, now, locked=False)
    return PairingProgress(state_of(row), row.expires_at, reveal=row.reveal, answer=row.answer)


def end(connection: Connection, id_: bytes, secret: bytes, outcome: PairingOutcome, now: datetime) -> None:
    """Say how it ended; the boxes go. The first word counts. Raises what `of_claimant` raises."""
    row = of_claimant(connection, id_, secret, now, locked=True)
    if row.outcome is None:
        change(connection, row, outcome=outcome, **NO_BOXES)


# --- both --------------------------------------------------------------------------------------------------


def forget(connection: Connection, account: bytes, device: str | None = None) -> None:
    """Remove the pairings of a device, or of all the account's devices."""
    which = [] if device is None else [col(PairingRow.device) == device]
    connection.execute(delete(PairingRow).where(col(PairingRow.account) == account, *which))


def sweep(connection: Connection, now: datetime) -> int:
    """Remove what has expired; gives how many."""
    return connection.execute(delete(PairingRow).where(col(PairingRow.expires_at) <= now)).rowcount


def is_pairing(id_: bytes) -> Any:
    return col(PairingRow.id_hash) == hashed(id_)


def found(connection: Connection, id_: bytes, now: datetime, *, locked: bool) -> Row[Any]:
    """Raises Problem("no_pairing")."""
    statement = select(PAIRING).where(is_pairing(id_), col(PairingRow.expires_at) > now)
    row = connection.execute(statement.with_for_update() if locked else statement).one_or_none()
    if row is None:
        raise HttpProblem("no_pairing")
    return row


def of_member(connection: Connection, token: Token, id_: bytes, now: datetime, *, locked: bool) -> Row[Any]:
    """The pairing that this device offered. Raises Problem("no_pairing") for another's too."""
    caller = caller_of(connection, token, locked=locked)
    row = found(connection, id_, now, locked=locked)
    if (row.account, row.device) != (caller.account, caller.device):
        raise HttpProblem("no_pairing")
    return row


def of_claimant(
    connection: Connection, id_: bytes, secret: bytes, now: datetime, *, locked: bool
) -> Row[Any]:
    """The pairing that this secret claimed. Raises Problem: "no_pairing", "pairing_used" for another's."""
    row = found(connection, id_, now, locked=locked)
    if row.claim_hash is None or not is_secret(secret, row.claim_hash):
        raise HttpProblem("pairing_used" if row.claim_hash else "no_pairing")
    return row


def state_of(row: Row[Any]) -> PairingState:
    if row.outcome is not None:
        return row.outcome  # type: ignore[no-any-return]
    steps: dict[PairingState, bytes | None] = {
        "answered": row.answer,
        "revealed": row.reveal,
        "requested": row.request,
        "claimed": row.claim_hash,
    }
    return next((state for state, value in steps.items() if value is not None), "offered")


def hand_in(connection: Connection, row: Row[Any], name: str, box: bytes, *, after: PairingState) -> None:
    """Keep a box if its step has come; the same box once more changes nothing.

    Raises Problem("pairing_step").
    """
    if row.outcome is None and getattr(row, name) == box:
        return
    if state_of(row) != after:
        raise HttpProblem("pairing_step")
    change(connection, row, **{name: box})


def change(connection: Connection, row: Row[Any], **values: Any) -> None:
    connection.execute(update(PairingRow).where(col(PairingRow.id_hash) == row.id_hash).values(**values))

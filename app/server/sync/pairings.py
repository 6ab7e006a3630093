"""Pairings: a member of an account and a new device exchange boxes in fixed steps, once.

Both find the pairing by an id derived from the pairing secret. The server stores only the id's hash, so
stored data doesn't suffice to claim a pairing.
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
"""Outcome for the new device: the user declined, joining failed, or it joined."""

PAIRING = ServerTable.metadata.tables["pairing"]
NO_BOXES = {"offer": None, "request": None, "reveal": None, "answer": None}


class PairingProgress(NamedTuple):
    """A pairing's state, with the boxes from the other device."""

    state: PairingState
    expires_at: datetime
    request: bytes | None = None
    reveal: bytes | None = None
    answer: bytes | None = None


class ClaimedOffer(NamedTuple):
    """The offer that a new device has claimed."""

    offer: bytes
    expires_at: datetime


# --- the member --------------------------------------------------------------------------------------------


def offer(connection: Connection, token: Token, id_: bytes, box: bytes, now: datetime) -> datetime:
    """Open a pairing, replacing the device's previous one. Returns its expiry.

    Idempotent. Raises HttpProblem("pairing_used") if the id is taken.
    """
    caller = caller_of(connection, token, locked=True)
    sweep(connection, now)
    known = connection.execute(select(PAIRING).where(is_pairing(id_))).one_or_none()
    if known is not None:
        is_own = (known.account, known.device) == (caller.account, caller.device)
        if is_own and known.claim_hash is None and known.offer == box:
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
    """Return the state. Like all of the member's functions, raises HttpProblem("no_pairing")."""
    row = member_pairing(connection, token, id_, now, locked=False)
    return PairingProgress(state_of(row), row.expires_at, request=row.request)


def reveal(connection: Connection, token: Token, id_: bytes, box: bytes, now: datetime) -> None:
    """Store the box that answers the new device's request. Raises HttpProblem("pairing_step")."""
    row = member_pairing(connection, token, id_, now, locked=True)
    store_box(connection, row, "reveal", box, after="requested")


def answer(connection: Connection, token: Token, id_: bytes, box: bytes, now: datetime) -> None:
    """Store the sealed key. Raises HttpProblem("pairing_step")."""
    row = member_pairing(connection, token, id_, now, locked=True)
    store_box(connection, row, "answer", box, after="revealed")


def cancel(connection: Connection, token: Token, id_: bytes, now: datetime) -> None:
    """Cancel the pairing from the member's side; does nothing once it has ended."""
    row = member_pairing(connection, token, id_, now, locked=True)
    if row.claim_hash is None:
        connection.execute(delete(PairingRow).where(is_pairing(id_)))
    elif row.outcome is None:
        change(connection, row, outcome="refused", **NO_BOXES)


# --- the new device ----------------------------------------------------------------------------------------


def claim(connection: Connection, id_: bytes, secret: bytes, now: datetime) -> ClaimedOffer:
    """Claim the offer. Only the first device can; it may repeat the claim.

    Raises HttpProblem: "no_pairing"; "pairing_used" for any other device, or once the pairing has ended.
    """
    row = find(connection, id_, now, locked=True)
    if row.claim_hash is None:
        change(connection, row, claim_hash=hashed(secret))
    elif not is_secret(secret, row.claim_hash):
        raise HttpProblem("pairing_used")
    if row.outcome is not None:
        raise HttpProblem("pairing_used")
    return ClaimedOffer(row.offer, row.expires_at)


def request(connection: Connection, id_: bytes, secret: bytes, box: bytes, now: datetime) -> None:
    """Request to be added. Raises HttpProblem("pairing_step"), and like `claimant_pairing`."""
    row = claimant_pairing(connection, id_, secret, now, locked=True)
    store_box(connection, row, "request", box, after="claimed")


def watch(connection: Connection, id_: bytes, secret: bytes, now: datetime) -> PairingProgress:
    """Return the state. Raises like `claimant_pairing`."""
    row = claimant_pairing(connection, id_, secret, now, locked=False)
    return PairingProgress(state_of(row), row.expires_at, reveal=row.reveal, answer=row.answer)


def end(connection: Connection, id_: bytes, secret: bytes, outcome: PairingOutcome, now: datetime) -> None:
    """Store the first outcome and delete the boxes. Raises like `claimant_pairing`."""
    row = claimant_pairing(connection, id_, secret, now, locked=True)
    if row.outcome is None:
        change(connection, row, outcome=outcome, **NO_BOXES)


# --- both --------------------------------------------------------------------------------------------------


def forget(connection: Connection, account: bytes, device: str | None = None) -> None:
    """Delete the pairings of a device, or of all devices of the account."""
    which = [] if device is None else [col(PairingRow.device) == device]
    connection.execute(delete(PairingRow).where(col(PairingRow.account) == account, *which))


def sweep(connection: Connection, now: datetime) -> int:
    """Delete expired pairings. Returns their number."""
    return connection.execute(delete(PairingRow).where(col(PairingRow.expires_at) <= now)).rowcount


def is_pairing(id_: bytes) -> Any:
    return col(PairingRow.id_hash) == hashed(id_)


def find(connection: Connection, id_: bytes, now: datetime, *, locked: bool) -> Row[Any]:
    """Read an unexpired pairing. Raises HttpProblem("no_pairing")."""
    statement = select(PAIRING).where(is_pairing(id_), col(PairingRow.expires_at) > now)
    row = connection.execute(statement.with_for_update() if locked else statement).one_or_none()
    if row is None:
        raise HttpProblem("no_pairing")
    return row


def member_pairing(
    connection: Connection, token: Token, id_: bytes, now: datetime, *, locked: bool
) -> Row[Any]:
    """Read a pairing offered by this device. Raises HttpProblem("no_pairing")."""
    caller = caller_of(connection, token, locked=locked)
    row = find(connection, id_, now, locked=locked)
    if (row.account, row.device) != (caller.account, caller.device):
        raise HttpProblem("no_pairing")
    return row


def claimant_pairing(
    connection: Connection, id_: bytes, secret: bytes, now: datetime, *, locked: bool
) -> Row[Any]:
    """Read a pairing claimed with this secret. Raises HttpProblem: "no_pairing", "pairing_used"."""
    row = find(connection, id_, now, locked=locked)
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


def store_box(connection: Connection, row: Row[Any], name: str, box: bytes, *, after: PairingState) -> None:
    """Store a box if the pairing is at the right step. Idempotent.

    Raises HttpProblem("pairing_step").
    """
    if row.outcome is None and getattr(row, name) == box:
        return
    if state_of(row) != after:
        raise HttpProblem("pairing_step")
    change(connection, row, **{name: box})


def change(connection: Connection, row: Row[Any], **values: Any) -> None:
    connection.execute(update(PairingRow).where(col(PairingRow.id_hash) == row.id_hash).values(**values))

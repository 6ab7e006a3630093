"""The API's endpoints for pairing: a member of an account adds a new device.

Ids and secrets are sent in bodies because paths are logged. The new device has no token yet. It authenticates
with the pairing's id, which cannot be guessed, and a claim secret of its choice.
"""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BeforeValidator, Field

from app.server.sync import pairings
from app.server.web import wire
from app.server.web.bodies import BoundedRoute
from app.server.web.dependencies import WITH_PROTOCOL, WITH_TOKEN, Authorized, Deps, address_of, versioned
from app.server.web.limits import PAIRING_BYTES
from app.server.web.problems import HttpProblem, documented

EXAMPLE_ID = "6d1b5a0c94e84f37a2c60e1f8b93d745"

PairingId = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{32}$", examples=[EXAMPLE_ID], description="Derived from the pairing secret."),
]
ClaimSecret = Annotated[
    bytes,
    BeforeValidator(wire.decode_base64url),
    Field(min_length=32, max_length=32),
    wire.base64url(
        wire.EXAMPLE_SECRET, minLength=43, maxLength=43, description="Random; the new device chose it."
    ),
]


PairingBox = Annotated[bytes, wire.sealed(PAIRING_BYTES), wire.AS_TEXT, Field(min_length=1), wire.BOX_SCHEMA]


class PairingBody(wire.Body):
    id: PairingId


class PairingBoxBody(PairingBody):
    box: PairingBox


class ClaimBody(PairingBody):
    secret: ClaimSecret


class RequestBody(ClaimBody):
    box: PairingBox


class EndBody(ClaimBody):
    outcome: pairings.PairingOutcome = Field(
        description="declined: its person said no. failed: it could not join. done: it has joined."
    )


class ExpiryBody(wire.Body):
    expires_at: datetime


class OfferBody(wire.Body):
    offer: wire.Box
    expires_at: datetime


class MemberProgressBody(wire.Body):
    state: pairings.PairingState
    expires_at: datetime
    request: wire.Box | None = Field(description="What the new device asks with; null: nothing yet.")


class ClaimantProgressBody(wire.Body):
    state: pairings.PairingState
    expires_at: datetime
    reveal: wire.Box | None = Field(description="What the member answered the request with; null: not yet.")
    answer: wire.Box | None = Field(description="The sealed key; null: not yet, or no longer.")


def limit_claims(request: Request, deps: Deps) -> None:
    if seconds := deps.claims.wait(address_of(request.scope)):
        raise HttpProblem.rate_limited(seconds)


router = APIRouter(prefix="/pairing", route_class=BoundedRoute)


@router.post("", status_code=201, responses=documented(*WITH_TOKEN, "pairing_used", "too_large"), **versioned)
async def offer_pairing(deps: Deps, token: Authorized, body: PairingBoxBody) -> ExpiryBody:
    """Offer a pairing, replacing this device's previous offer."""
    work = partial(pairings.offer, token=token, id_=bytes.fromhex(body.id), box=body.box, now=deps.now())
    return ExpiryBody(expires_at=await deps.database.write(work))


@router.post("/progress", responses=documented(*WITH_TOKEN, "no_pairing", "too_large"), **versioned)
async def follow_pairing(deps: Deps, token: Authorized, body: PairingBody) -> MemberProgressBody:
    """State of the pairing that this device offered."""
    work = partial(pairings.progress, token=token, id_=bytes.fromhex(body.id), now=deps.now())
    now = await deps.database.read(work)
    return MemberProgressBody(state=now.state, expires_at=now.expires_at, request=now.request)


@router.post(
    "/reveal",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN, "no_pairing", "pairing_step", "too_large"),
    **versioned,
)
async def reveal_pairing(deps: Deps, token: Authorized, body: PairingBoxBody) -> None:
    """Reveal what the offer committed to, after the new device's request."""
    work = partial(pairings.reveal, token=token, id_=bytes.fromhex(body.id), box=body.box, now=deps.now())
    await deps.database.write(work)


@router.post(
    "/answer",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN, "no_pairing", "pairing_step", "too_large"),
    **versioned,
)
async def answer_pairing(deps: Deps, token: Authorized, body: PairingBoxBody) -> None:
    """Send the key, sealed to the new device, after the user has compared the codes."""
    work = partial(pairings.answer, token=token, id_=bytes.fromhex(body.id), box=body.box, now=deps.now())
    await deps.database.write(work)


@router.post(
    "/cancel",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN, "no_pairing", "too_large"),
    **versioned,
)
async def cancel_pairing(deps: Deps, token: Authorized, body: PairingBody) -> None:
    """Cancel the pairing that this device offered, refusing the device that claimed it."""
    work = partial(pairings.cancel, token=token, id_=bytes.fromhex(body.id), now=deps.now())
    await deps.database.write(work)


@router.post(
    "/claim",
    dependencies=[*versioned["dependencies"], Depends(limit_claims)],
    responses=documented(*WITH_PROTOCOL, "no_pairing", "pairing_used", "too_large"),
)
async def claim_pairing(deps: Deps, body: ClaimBody) -> OfferBody:
    """Claim an offer. Only the first device can; later steps require the secret chosen here."""
    work = partial(pairings.claim, id_=bytes.fromhex(body.id), secret=body.secret, now=deps.now())
    claimed = await deps.database.write(work)
    return OfferBody(offer=claimed.offer, expires_at=claimed.expires_at)


@router.post(
    "/request",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_PROTOCOL, "no_pairing", "pairing_used", "pairing_step", "too_large"),
    **versioned,
)
async def request_pairing(deps: Deps, body: RequestBody) -> None:
    """Request to be added, after the claim."""
    work = partial(
        pairings.request,
        id_=bytes.fromhex(body.id),
        secret=body.secret,
        box=body.box,
        now=deps.now(),
    )
    await deps.database.write(work)


@router.post(
    "/watch",
    responses=documented(*WITH_PROTOCOL, "no_pairing", "pairing_used", "too_large"),
    **versioned,
)
async def watch_pairing(deps: Deps, body: ClaimBody) -> ClaimantProgressBody:
    """State of the pairing that this device claimed."""
    work = partial(pairings.watch, id_=bytes.fromhex(body.id), secret=body.secret, now=deps.now())
    now = await deps.database.read(work)
    return ClaimantProgressBody(
        state=now.state, expires_at=now.expires_at, reveal=now.reveal, answer=now.answer
    )


@router.post(
    "/end",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_PROTOCOL, "no_pairing", "pairing_used", "too_large"),
    **versioned,
)
async def end_pairing(deps: Deps, body: EndBody) -> None:
    """Report the outcome for the new device. The exchanged boxes are deleted."""
    work = partial(
        pairings.end,
        id_=bytes.fromhex(body.id),
        secret=body.secret,
        outcome=body.outcome,
        now=deps.now(),
    )
    await deps.database.write(work)

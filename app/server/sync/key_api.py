"""The API's endpoints for the account's sync key and receipts."""

from functools import partial

from fastapi import APIRouter, Response

from app.server.sync import key_change, receipts
from app.server.web import wire
from app.server.web.bodies import BoundedRoute
from app.server.web.dependencies import WITH_TOKEN, Authorized, Deps, versioned
from app.server.web.limits import KEY_EPOCHS
from app.server.web.problems import HttpProblem, documented

router = APIRouter(route_class=BoundedRoute)


@router.get("/account/key", responses=documented(*WITH_TOKEN), **versioned)
async def current_key(deps: Deps, token: Authorized) -> wire.KeyBody:
    """The account's current key, sealed to the device that asks, and the earlier ones sealed with it."""
    found = await deps.database.read(partial(key_change.current_key, token=token, now=deps.now()))
    return wire.KeyBody(**found._asdict())


@router.post(
    "/account/key",
    responses=documented(
        *WITH_TOKEN, "key_changed", "devices_changed", "restored", "wrong_secret", "too_large"
    ),
    **versioned,
)
async def change_key(deps: Deps, token: Authorized, body: wire.KeyChangeBody) -> wire.EpochBody:
    """Change the account's key, revoke devices, and store the new key sealed to each other device."""
    work = partial(key_change.change_key, token=token, change=change_from(body), now=deps.now())
    epoch, receipt = await deps.database.write(work)
    return wire.EpochBody(epoch=epoch, receipt=receipt)


@router.post(
    "/account/receipt",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN, "too_large"),
    **versioned,
)
async def hand_in_receipt(deps: Deps, token: Authorized, body: wire.ReceiptBody) -> None:
    """Hand in a receipt, from which a restored server learns of revoked devices and the current key."""
    work = partial(receipts.hand_in, token=token, text=body.receipt, now=deps.now())
    await deps.database.write(work)


def change_from(body: wire.KeyChangeBody) -> key_change.KeyChangeRequest:
    """Convert a request's key change. Raises HttpProblem("malformed")."""
    named = [each.id for each in body.keep] + body.revoke
    if len(set(named)) < len(named):
        raise HttpProblem("malformed", where=["body.keep"], detail="A device may be in it once.")
    if not body.base < body.epoch <= body.base + KEY_EPOCHS:
        raise HttpProblem("malformed", where=["body.epoch"])
    return key_change.KeyChangeRequest(
        secret=body.secret,
        base=body.base,
        epoch=body.epoch,
        account=body.account,
        new_secret=body.new_secret,
        keyring=body.keyring,
        keep=[key_change.KeptGrant(each.id, each.label, each.grant) for each in body.keep],
        revoke=body.revoke,
    )

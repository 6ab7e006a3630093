"""The API's endpoints for devices, the account and sync."""

from functools import partial

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from app.server.sync import accounts, records
from app.server.web import wire
from app.server.web.bodies import BoundedRoute, json_response
from app.server.web.dependencies import (
    WITH_KEY,
    WITH_PROTOCOL,
    WITH_TOKEN,
    Authorized,
    Deps,
    DeviceInPath,
    address_of,
    versioned,
)
from app.server.web.problems import HttpProblem, documented

EXCHANGE = TypeAdapter(wire.ExchangeBody)

router = APIRouter(route_class=BoundedRoute)


@router.post(
    "/devices",
    status_code=201,
    responses=documented(
        *WITH_PROTOCOL,
        "no_account",
        "wrong_secret",
        "device_revoked",
        "restored",
        "closed",
        "too_many_devices",
        "too_large",
    ),
    **versioned,
)
async def register_device(request: Request, deps: Deps, body: wire.RegistrationBody) -> wire.TokenBody:
    """Register a device, and create the account if requested. Repeating it replaces the device's token."""
    proof = partial(accounts.knows_secret, derived=body.account, secret=body.secret)
    # Requests with the right secret count by account, so wrong ones from the same address don't block them.
    key = body.account if await deps.database.read(proof) else address_of(request.scope)
    if seconds := deps.registrations.wait(key):
        raise HttpProblem.rate_limited(seconds)
    registration = accounts.Registration(body.account, body.secret, body.device, body.label, body.create)
    work = partial(accounts.register, registration=registration, limits=deps.limits, now=deps.now())
    token, epoch = await deps.database.write(work)
    return wire.TokenBody(token=token, epoch=epoch)


@router.get("/devices", responses=documented(*WITH_TOKEN), **versioned)
async def list_devices(deps: Deps, token: Authorized) -> wire.DevicesBody:
    """The account's active devices, oldest first."""
    work = partial(accounts.devices, token=token, now=deps.now())
    caller, devices, receipt = await deps.database.read(work)
    listed = [wire.DeviceBody(**device._asdict(), this=device.id == caller.device) for device in devices]
    return wire.DevicesBody(devices=listed, receipt=receipt)


@router.patch(
    "/devices/{device}",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_KEY, "no_device", "too_large"),
    **versioned,
)
async def rename_device(deps: Deps, token: Authorized, device: DeviceInPath, body: wire.LabelBody) -> None:
    """Change a device's label."""
    await deps.database.write(partial(accounts.rename, token=token, device=device, label=body.label))


@router.delete(
    "/devices/{device}",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN, "no_device", "restored"),
    **versioned,
)
async def revoke_device(deps: Deps, token: Authorized, device: DeviceInPath) -> None:
    """Revoke a device, which invalidates its token at once. With the caller's own id: leave the account."""
    await deps.database.write(partial(accounts.revoke, token=token, device=device, now=deps.now()))


@router.delete(
    "/account",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN, "wrong_secret", "too_large"),
    **versioned,
)
async def delete_account(deps: Deps, token: Authorized, body: wire.DeletionBody) -> None:
    """Delete the account with all its devices and records, permanently."""
    await deps.database.write(partial(accounts.delete_account, token=token, secret=body.secret))


@router.post(
    "/sync",
    response_model=wire.ExchangeBody,
    responses=documented(*WITH_KEY, "cursor", "too_large", "quota"),
    **versioned,
)
async def sync(deps: Deps, token: Authorized, body: wire.SyncBody) -> Response:
    """Push the device's changes; with a cursor, also pull the changes after it."""
    changes = changes_from(body)
    now = deps.now()
    if body.cursor is None:
        outcome = await deps.database.write(
            partial(records.push, token=token, changes=changes, limits=deps.limits, now=now)
        )
    elif changes:
        work = partial(
            records.push_and_pull,
            token=token,
            cursor=body.cursor,
            changes=changes,
            limits=deps.limits,
            now=now,
        )
        outcome = await deps.database.write(work)
    else:
        caller, outcome = await deps.database.read(partial(records.pull, token=token, cursor=body.cursor))
        if accounts.needs_seen_update(caller, now):
            await deps.database.write(partial(accounts.note_seen, caller=caller, now=now))
    deps.metrics.synced(
        accepted=len(outcome.accepted), conflicting=len(outcome.conflicts), pulled=len(outcome.changes)
    )
    size = sum(len(revision.box) for revision in (*outcome.changes, *outcome.conflicts))
    return await json_response(EXCHANGE, outcome, size)


def changes_from(body: wire.SyncBody) -> list[records.SubmittedChange]:
    """Convert a request's changes. Raises HttpProblem("malformed")."""
    if len({change.id for change in body.changes}) < len(body.changes):
        raise HttpProblem("malformed", where=["body.changes"], detail="A record may be in it once.")
    return [records.SubmittedChange(change.id, change.base, change.box) for change in body.changes]

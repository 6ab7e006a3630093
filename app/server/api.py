"""The API, version 1: reads requests, refuses what is too much, hands the work to the database."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import TypeAdapter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.server import accounts, records, wire
from app.server.bodies import BoundedRoute, encoded
from app.server.database import Database
from app.server.endpoints import Allowed
from app.server.key_api import router as key_router
from app.server.limits import (
    KEY_CHANGE_BYTES,
    PLAN_BYTES,
    REFUSALS,
    REQUEST_BYTES,
    TESTS,
    Limits,
    RateLimit,
)
from app.server.metrics import Metrics
from app.server.pairing_api import router as pairing_router
from app.server.problems import Problem, answer, documented, handle_problems
from app.server.push_api import router as push_router
from app.server.service import (
    WITH_KEY,
    WITH_PROTOCOL,
    WITH_TOKEN,
    Authorized,
    DeviceInPath,
    Service,
    Using,
    address_of,
    token_in,
    versioned,
)
from app.server.settings import Settings
from app.server.vapid import Identity

SMALL_REQUEST_BYTES = 16_000
LONG_REQUESTS = {"sync": REQUEST_BYTES, "reminders": PLAN_BYTES, "key": KEY_CHANGE_BYTES}


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_api(
    settings: Settings,
    database: Database,
    metrics: Metrics,
    identity: Identity,
    now: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """The API as an application of its own, to be mounted at /api/v1."""
    api = FastAPI(
        title="Kaeru",
        version=__version__,
        summary="Sealed records for all devices of one person",
        description="docs/protocol.md tells what the boxes hold and how a client merges them.",
        license_info={"name": "MIT", "identifier": "MIT"},
        docs_url=None,  # these pages would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    service = Service(
        database=database,
        metrics=metrics,
        limits=Limits.of(settings),
        by_account=RateLimit(settings.account_rate, 60),
        refusals=RateLimit(REFUSALS, 60),
        registrations=RateLimit(settings.registration_rate, 3600),
        tests=RateLimit(TESTS, 3600),
        claims=RateLimit(settings.registration_rate, 3600),
        identity=identity,
        allowed=Allowed(settings),
        now=now,
    )
    api.state.service = service
    api.include_router(router)
    api.add_middleware(Gate, limit=RateLimit(settings.address_rate, 60), refusals=service.refusals)
    handle_problems(api)
    return api


class Gate:
    """Refuses an address that asks too much, and a body that is too long, before it is read whole.

    A token that was refused often just now is refused at once, and its address is not charged: a revoked
    device behind the same address as its owner's others does not use up their share.
    It also marks every answer as not to be stored.
    """

    def __init__(self, app: ASGIApp, limit: RateLimit, refusals: RateLimit) -> None:
        self.app = app
        self.limit = limit
        self.refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_uncached(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = "no-store"
            await send(message)

        longest = LONG_REQUESTS.get(scope["path"].rpartition("/")[2], SMALL_REQUEST_BYTES)
        left = longest

        async def receive_in_bounds() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise Problem("too_large", limit=longest)
            return message

        length = Headers(scope=scope).get("content-length", "0")
        if seconds := self.seconds_to_wait(scope):
            refusal = Problem.rate_limited(seconds)
        elif not length.isdecimal() or int(length) > longest:
            refusal = Problem("too_large", limit=longest)
        else:
            await self.app(scope, receive_in_bounds, send_uncached)
            return
        response = await answer(Request(scope), refusal)
        await response(scope, receive, send_uncached)

    def seconds_to_wait(self, scope: Scope) -> float:
        token = token_in(scope)
        return (token and self.refusals.wait_before(token.hash)) or self.limit.wait(address_of(scope))


EXCHANGE = TypeAdapter(wire.ExchangeBody)

router = APIRouter(route_class=BoundedRoute)
router.include_router(push_router)
router.include_router(pairing_router)
router.include_router(key_router)


@router.get("/info", responses=documented("rate_limited", "unavailable"))
async def info(service: Using) -> wire.Info:
    """What this server speaks and allows, and its time (UTC), for a client to compare its own clock with."""
    limits = service.limits
    return wire.Info(
        limits=wire.InfoLimits(
            account_bytes=limits.bytes,
            account_records=limits.records,
            account_devices=limits.devices,
            account_idle_days=limits.idle_days,
        ),
        new_accounts=limits.new_accounts,
        push=wire.InfoPush(key=await service.identity.public_key()) if service.allowed.any else None,
        time=service.now(),
    )


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
async def register_device(request: Request, service: Using, body: wire.RegistrationBody) -> wire.TokenBody:
    """Register a device, and start the account if asked to. Once more: a new token; the old one stops."""
    proof = partial(accounts.knows_secret, derived=body.account, secret=body.secret)
    # Whoever has the account's secret is counted by it: wrong ones at the same address cost it nothing.
    key = body.account if await service.database.read(proof) else address_of(request.scope)
    if seconds := service.registrations.wait(key):
        raise Problem.rate_limited(seconds)
    wish = accounts.Registration(body.account, body.secret, body.device, body.label, body.create)
    work = partial(accounts.register, wish=wish, limits=service.limits, now=service.now())
    token, epoch = await service.database.write(work)
    return wire.TokenBody(token=token, epoch=epoch)


@router.get("/devices", responses=documented(*WITH_TOKEN), **versioned)
async def list_devices(service: Using, token: Authorized) -> wire.DevicesBody:
    """The account's devices that were not revoked, oldest first."""
    work = partial(accounts.devices, token=token, now=service.now())
    caller, devices, receipt = await service.database.read(work)
    listed = [wire.DeviceBody(**device._asdict(), this=device.id == caller.device) for device in devices]
    return wire.DevicesBody(devices=listed, receipt=receipt)


@router.patch(
    "/devices/{device}",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_KEY, "no_device", "too_large"),
    **versioned,
)
async def rename_device(
    service: Using, token: Authorized, device: DeviceInPath, body: wire.LabelBody
) -> None:
    """Give one of the account's devices another label."""
    await service.database.write(partial(accounts.rename, token=token, device=device, label=body.label))


@router.delete(
    "/devices/{device}",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN, "no_device", "restored"),
    **versioned,
)
async def revoke_device(service: Using, token: Authorized, device: DeviceInPath) -> None:
    """Revoke a device: its token stops at once. With the caller's own id: leave."""
    await service.database.write(partial(accounts.revoke, token=token, device=device, now=service.now()))


@router.delete(
    "/account",
    status_code=204,
    response_class=Response,
    responses=documented(*WITH_TOKEN, "wrong_secret", "too_large"),
    **versioned,
)
async def delete_account(service: Using, token: Authorized, body: wire.DeletionBody) -> None:
    """Delete the account with all its devices and records, at once and for good."""
    await service.database.write(partial(accounts.delete_account, token=token, secret=body.secret))


@router.post(
    "/sync",
    response_model=wire.ExchangeBody,
    responses=documented(*WITH_KEY, "cursor", "too_large", "quota"),
    **versioned,
)
async def sync(service: Using, token: Authorized, body: wire.SyncBody) -> Response:
    """Hand in what changed on the device; with a cursor, get what changed elsewhere since."""
    changes = changes_in(body)
    now = service.now()
    if body.cursor is None:
        outcome = await service.database.write(
            partial(records.push, token=token, changes=changes, limits=service.limits, now=now)
        )
    elif changes:
        work = partial(
            records.push_and_pull,
            token=token,
            cursor=body.cursor,
            changes=changes,
            limits=service.limits,
            now=now,
        )
        outcome = await service.database.write(work)
    else:
        caller, outcome = await service.database.read(partial(records.pull, token=token, cursor=body.cursor))
        if accounts.is_news(caller, now):
            await service.database.write(partial(accounts.note_seen, caller=caller, now=now))
    service.metrics.synced(
        accepted=len(outcome.accepted), conflicting=len(outcome.conflicts), pulled=len(outcome.changes)
    )
    size = sum(len(revision.box) for revision in (*outcome.changes, *outcome.conflicts))
    return await encoded(EXCHANGE, outcome, size)


def changes_in(body: wire.SyncBody) -> list[records.Change]:
    """The changes of a request. Raises Problem("malformed")."""
    if len({change.id for change in body.changes}) < len(body.changes):
        raise Problem("malformed", where=["body.changes"], detail="A record may be in it once.")
    return [records.Change(change.id, change.base, change.box) for change in body.changes]

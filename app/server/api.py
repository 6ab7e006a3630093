"""The API, version 1: combines the sync and push routers and serves /info."""

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter, FastAPI

from app import __version__
from app.server.database.engine import Database
from app.server.push.api import PushDependencies, PushDeps
from app.server.push.api import router as push_router
from app.server.push.endpoints import Allowed
from app.server.push.vapid import Identity
from app.server.settings import ServerSettings
from app.server.sync.api import router as sync_router
from app.server.sync.key_api import router as key_router
from app.server.sync.pairing_api import router as pairing_router
from app.server.web import wire
from app.server.web.bodies import BoundedRoute
from app.server.web.dependencies import Dependencies, Deps
from app.server.web.gate import Gate
from app.server.web.limits import REFUSALS, TESTS, Limits, RateLimit
from app.server.web.metrics import Metrics
from app.server.web.problems import documented, handle_problems

router = APIRouter(route_class=BoundedRoute)
for each in (sync_router, push_router, pairing_router, key_router):
    router.include_router(each)


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_api(
    settings: ServerSettings,
    database: Database,
    metrics: Metrics,
    identity: Identity,
    now: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """Build the API as a separate application, to be mounted at /api/v1."""
    api = FastAPI(
        title="Kaeru",
        version=__version__,
        summary="Sealed records for all devices of one person",
        description="docs/protocol.md tells what the boxes hold and how a client merges them.",
        license_info={"name": "MIT", "identifier": "MIT"},
        docs_url=None,  # these pages would load scripts from other origins
        redoc_url=None,
        redirect_slashes=False,
    )
    refusals = RateLimit(REFUSALS, 60)
    api.state.dependencies = Dependencies(
        database=database,
        metrics=metrics,
        limits=Limits.of(settings),
        by_account=RateLimit(settings.account_rate, 60),
        refusals=refusals,
        registrations=RateLimit(settings.registration_rate, 3600),
        tests=RateLimit(TESTS, 3600),
        claims=RateLimit(settings.registration_rate, 3600),
        now=now,
    )
    api.state.push_dependencies = PushDependencies(identity, Allowed(settings))
    api.include_router(router)
    api.add_middleware(Gate, limit=RateLimit(settings.address_rate, 60), refusals=refusals)
    handle_problems(api)
    return api


@router.get("/info", responses=documented("rate_limited", "unavailable"))
async def info(deps: Deps, push: PushDeps) -> wire.InfoBody:
    """Protocol versions, limits and the server's time (UTC), with which a client checks its own clock."""
    limits = deps.limits
    return wire.InfoBody(
        limits=wire.InfoLimits(
            account_bytes=limits.bytes,
            account_records=limits.records,
            account_devices=limits.devices,
            account_idle_days=limits.idle_days,
        ),
        new_accounts=limits.new_accounts,
        push=wire.InfoPush(key=await push.identity.public_key()) if push.allowed.any else None,
        time=deps.now(),
    )

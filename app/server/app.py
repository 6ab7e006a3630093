"""Builds the ASGI applications: health checks, API, dispatcher, and the packaged app for all other paths."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import __version__
from app.server.api import create_api
from app.server.database.engine import Database
from app.server.ops.expiry import Expiry
from app.server.ops.readiness import Readiness
from app.server.ops.steady_clock import SteadyClock
from app.server.push.dispatcher import Dispatcher
from app.server.push.vapid import Identity
from app.server.settings import ServerSettings
from app.server.web.headers import SecurityHeaders
from app.server.web.logs import AccessLog, UnnamedProxyWarning
from app.server.web.metrics import Metrics
from app.server.web.problems import HttpProblem, answer
from app.server.web.pwa import PackagedApp
from app.server.web.security_txt import PATH as SECURITY_TXT
from app.server.web.security_txt import SecurityTxt

EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(settings: ServerSettings, now: Callable[[], datetime] | None = None) -> FastAPI:
    """Build the server's ASGI application. Raises `WebFolderMissingError` if the packaged app is missing.

    `now`: the clock, in UTC; a `SteadyClock` by default. The database is opened when the application starts;
    `app.server.cli` checks it beforehand.
    """
    packaged = PackagedApp(settings.web)
    components = Components.of(settings)
    now = now or components.steady_clock()
    dispatcher = components.dispatcher(settings, now) if settings.dispatcher else None
    app = base_app(settings, components, dispatcher, Expiry(components.database, settings.idle_days, now))
    app.mount(
        "/api/v1", create_api(settings, components.database, components.metrics, components.identity, now)
    )
    app.add_api_route("/api", unknown_endpoint, methods=EVERY_METHOD)
    app.add_api_route("/api/{path:path}", unknown_endpoint, methods=EVERY_METHOD)
    app.add_api_route(SECURITY_TXT, SecurityTxt(settings, now).endpoint, methods=["GET", "HEAD"])
    app.mount("/", packaged)
    return app


def create_dispatcher(settings: ServerSettings, now: Callable[[], datetime] | None = None) -> FastAPI:
    """Build the application of `kaeru dispatch`: it sends reminders and serves only health and metrics."""
    components = Components.of(settings)
    return base_app(settings, components, components.dispatcher(settings, now or components.steady_clock()))


@dataclass(frozen=True)
class Components:
    """The components that both applications share."""

    database: Database
    metrics: Metrics
    identity: Identity

    @classmethod
    def of(cls, settings: ServerSettings) -> "Components":
        database = Database(settings.database, settings.database_connections, settings.database_seconds)
        key = settings.vapid_key.get_secret_value() if settings.vapid_key else None
        return cls(database, Metrics(settings.metrics_token), Identity(database, key))

    def steady_clock(self) -> SteadyClock:
        """Create the clock that ignores jumps of the system's clock; /metrics shows their offset."""
        clock = SteadyClock()
        self.metrics.clock_offset.set_function(lambda: clock.offset)
        return clock

    def dispatcher(self, settings: ServerSettings, now: Callable[[], datetime]) -> Dispatcher:
        return Dispatcher(settings, self.database, self.identity, self.metrics, now)


def base_app(
    settings: ServerSettings,
    components: Components,
    dispatcher: Dispatcher | None,
    expiry: Expiry | None = None,
) -> FastAPI:
    """Build an application with health, metrics and background tasks. It closes the database on shutdown."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sending = asyncio.create_task(dispatcher.run()) if dispatcher else None
        expiring = asyncio.create_task(expiry.run()) if expiry else None
        yield
        if expiring:
            expiring.cancel()
            await asyncio.wait([expiring])
        if dispatcher and sending:
            dispatcher.stop()
            await sending
        await asyncio.to_thread(components.database.close)

    app = FastAPI(title="Kaeru", version=__version__, openapi_url=None, lifespan=lifespan)
    app.state.readiness = Readiness(components.database, settings.database.file)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(AccessLog, metrics=components.metrics)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies.split(","))
    else:
        app.add_middleware(UnnamedProxyWarning)
    app.add_api_route("/healthz", health, methods=["GET", "HEAD"])
    app.add_api_route("/readyz", readiness, methods=["GET", "HEAD"])
    app.add_api_route("/metrics", components.metrics.endpoint, methods=["GET"])
    return app


async def health() -> JSONResponse:
    """Report that the process runs; checks nothing else."""
    return JSONResponse({"status": "ok", "version": __version__}, headers={"cache-control": "no-store"})


async def readiness(request: Request) -> JSONResponse:
    """Report whether requests can be served: the database responds, has this version, and is writable."""
    ready: Readiness = request.app.state.readiness
    if not await ready.check():
        return JSONResponse({"status": "unavailable"}, 503, {"cache-control": "no-store"})
    return JSONResponse({"status": "ready"}, headers={"cache-control": "no-store"})


async def unknown_endpoint(request: Request) -> JSONResponse:
    """Answer unknown API paths with a problem, so that API clients never receive the app's page."""
    return await answer(request, HttpProblem("not_found"))

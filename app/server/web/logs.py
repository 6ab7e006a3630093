"""Structured logs, one JSON object per line, and the access log with its metrics.

Logs don't identify users: no query strings, headers, bodies or addresses, and only the generic part of a
path.
"""

import json
import logging
import re
import time
from datetime import UTC, datetime

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.web.metrics import Metrics

access = logging.getLogger("kaeru.access")

# An id in a path; only its first characters are logged.
ID = re.compile(r"(?<=/)([0-9a-z-]{4})[0-9a-z-]{8,}(?=/|$)", re.IGNORECASE)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class JsonFormatter(logging.Formatter):
    """Formats a record as a line of JSON; `extra={"fields": …}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update(getattr(record, "fields", {}))
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Write all logs of the process, including uvicorn's, to standard error as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # It logs every check of the database's version.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # They log URLs, and push endpoints are secrets.
    for name in ("httpx", "httpcore", "aiohttp"):
        logging.getLogger(name).setLevel(logging.WARNING)


class UnnamedProxyWarning:
    """Warns once if a request comes through a proxy that is not configured."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.warned and scope["type"] == "http" and "x-forwarded-for" in Headers(scope=scope):
            self.warned = True
            logging.getLogger("kaeru").warning(
                "A request came with X-Forwarded-For, and KAERU_TRUSTED_PROXIES is not set. If a proxy of"
                " yours sent it, name its address there: until then its visitors share one address's limits."
            )
        await self.app(scope, receive, send)


class AccessLog:
    """Logs a line per request (method, path, status, milliseconds) and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500  # what the client gets if the app fails before responding

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            seconds = time.perf_counter() - started
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = route_of(scope)
            self.metrics.request(method, route or "app", status, seconds, scope.get("problem"))
            path = route or ID.sub(r"\1…", scope["path"])
            fields = {"method": method, "path": path, "status": status, "ms": round(seconds * 1000, 1)}
            access.info("request", extra={"fields": fields})


def route_of(scope: Scope) -> str | None:
    """Return an API request's path template, without ids; None for the packaged app."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        return f"{scope.get('root_path', '')}{path}"
    return "/api" if scope["path"].startswith("/api/") else None

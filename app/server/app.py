"""Puts the server together: health, the API's paths, and the packaged app on everything else."""

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from app import __version__
from app.server.headers import SecurityHeaders
from app.server.logs import AccessLog
from app.server.pwa import PackagedApp
from app.server.settings import Settings

EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(settings: Settings) -> FastAPI:
    """Build the ASGI application. Raises `WebFolderMissingError` where there is no packaged app to serve."""
    app = FastAPI(title="Kaeru", version=__version__, openapi_url=None)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(AccessLog)
    app.add_api_route("/healthz", health, methods=["GET", "HEAD"])
    app.add_api_route("/api", unknown_endpoint, methods=EVERY_METHOD)
    app.add_api_route("/api/{path:path}", unknown_endpoint, methods=EVERY_METHOD)
    app.mount("/", PackagedApp(settings.web))
    return app


async def health() -> JSONResponse:
    """Answer that the process runs; nothing else is looked at."""
    return JSONResponse({"status": "ok", "version": __version__}, headers={"cache-control": "no-store"})


async def unknown_endpoint() -> JSONResponse:
    """Answer for paths the API does not have, so that a program never gets the page instead."""
    body = {"detail": "There is nothing at this address."}
    return JSONResponse(body, status_code=404, headers={"cache-control": "no-store"})

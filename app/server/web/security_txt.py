"""Serves /.well-known/security.txt (RFC 9116): the contact for vulnerability reports."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from fastapi import Request
from fastapi.responses import PlainTextResponse

from app.server.settings import ServerSettings

PATH = "/.well-known/security.txt"
LANGUAGES = "en, fr, ja"
# RFC 9116, 2.5.5 recommends less than a year. The date is computed on each request, so it never expires.
LIFETIME = timedelta(days=180)
HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


class SecurityTxt:
    """The endpoint; `now` returns the time in UTC."""

    def __init__(self, settings: ServerSettings, now: Callable[[], datetime]) -> None:
        self._contact = settings.security_address
        self._now = now

    async def endpoint(self, request: Request) -> PlainTextResponse:
        """Answer with the contact, or 404 if none is configured."""
        headers = {"cache-control": "no-cache"}
        if self._contact is None:
            return PlainTextResponse("Not Found", 404, headers)
        day = datetime.combine(self._now().astimezone(UTC).date(), time(), UTC)
        fields = {
            "Contact": self._contact,
            "Expires": (day + LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Preferred-Languages": LANGUAGES,
        }
        if address := canonical(request):
            fields["Canonical"] = address
        lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
        return PlainTextResponse(lines, headers=headers)


def canonical(request: Request) -> str:
    """Return the file's URL if the request came over HTTPS, so that its host is public; else ""."""
    host = request.headers.get("host", "")
    if request.url.scheme != "https" or not HOST.fullmatch(host):
        return ""
    return f"https://{host}{PATH}"

"""What every endpoint of the API needs: what to work with, who asks, what they may."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import Scope

from app.server import wire
from app.server.access import Token
from app.server.database import Database
from app.server.endpoints import Allowed
from app.server.limits import Limits, RateLimit, network_of
from app.server.metrics import Metrics
from app.server.problems import PROTOCOL, Problem
from app.server.vapid import Identity


@dataclass(frozen=True)
class Service:
    """What the endpoints work with."""

    database: Database
    metrics: Metrics
    limits: Limits
    by_account: RateLimit
    registrations: RateLimit
    tests: RateLimit
    identity: Identity
    allowed: Allowed
    now: Callable[[], datetime]


def address_of(scope: Scope) -> str:
    client = scope.get("client")
    return network_of(client[0]) if client else ""


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Using = Annotated[Service, Depends(service_of)]


def speaks_protocol(
    version: Annotated[int, Header(alias="Kaeru-Protocol", examples=[PROTOCOL])],
) -> None:
    """Every endpoint but /info wants to know which version of the protocol the client speaks."""
    if version != PROTOCOL:
        raise Problem.outdated()


def token_of(
    service: Using,
    credentials: Annotated[
        HTTPAuthorizationCredentials | None,
        Depends(HTTPBearer(auto_error=False, description="A device's token")),
    ],
    key: Annotated[str | None, Header(alias="Kaeru-Key", examples=[wire.EXAMPLE_KEY])] = None,
) -> Token:
    """What the request proves who it is with; whether it still counts is seen where the work is done."""
    if credentials is None:
        raise Problem("unauthorized")
    token = replace(Token.read(credentials.credentials), key=key)
    # Who does not know an account's id, which is as good as a secret, cannot use up its share.
    if seconds := service.by_account.wait(token.account):
        raise Problem.rate_limited(seconds)
    return token


Authorized = Annotated[Token, Depends(token_of)]
DeviceInPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$", examples=[wire.EXAMPLE_DEVICE])]

EVERYWHERE = ("malformed", "rate_limited", "unavailable")
WITH_PROTOCOL = (*EVERYWHERE, "protocol")
WITH_TOKEN = (*WITH_PROTOCOL, "unauthorized", "revoked")
WITH_KEY = (*WITH_TOKEN, "key_changed")
versioned: dict[str, Any] = {"dependencies": [Depends(speaks_protocol)]}


def fits(box: bytes, limit: int, record: str | None = None) -> None:
    if len(box) > limit:
        members: dict[str, Any] = {"id": record} if record else {}
        raise Problem("too_large", limit=limit, **members)

"""Dependencies of the API's endpoints: database, limits, clock, and the caller's token."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import Scope

from app.server.database.engine import Database
from app.server.web import access, wire
from app.server.web.access import Token
from app.server.web.limits import Limits, RateLimit, network_of
from app.server.web.metrics import Metrics
from app.server.web.problems import PROTOCOL, HttpProblem


@dataclass(frozen=True)
class Dependencies:
    """The objects that all endpoints share; `now` returns the time in UTC."""

    database: Database
    metrics: Metrics
    limits: Limits
    by_account: RateLimit
    refusals: RateLimit
    registrations: RateLimit
    tests: RateLimit
    claims: RateLimit
    now: Callable[[], datetime]


PROVEN = "kaeru.token"  # scope key of the verified token


def address_of(scope: Scope) -> str:
    client = scope.get("client")
    return network_of(client[0]) if client else ""


def dependencies_of(request: Request) -> Dependencies:
    dependencies: Dependencies = request.app.state.dependencies
    return dependencies


Deps = Annotated[Dependencies, Depends(dependencies_of)]


def speaks_protocol(
    version: Annotated[int, Header(alias="Kaeru-Protocol", examples=[PROTOCOL])],
) -> None:
    """Raise HttpProblem("protocol") unless the client speaks this version; /info doesn't require it."""
    if version != PROTOCOL:
        raise HttpProblem.outdated()


def token_in(scope: Scope) -> Token | None:
    """Parse the token in a request's header without verifying it; None if missing or malformed."""
    scheme, _, text = Headers(scope=scope).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    with suppress(HttpProblem):
        return Token.read(text.strip())
    return None


async def proven_token(request: Request) -> Token:
    """Return the request's token once it is verified in the database; cached for the request.

    Only requests with a verified token count against the account's rate limit, so neither a stranger who
    knows the account's id nor a revoked device can use it up. The transaction that does the work checks the
    token again. Raises HttpProblem: "unauthorized", "revoked", "no_account", "rate_limited".
    """
    known: Token | None = request.scope.get(PROVEN)
    if known:
        return known
    deps = dependencies_of(request)
    token = token_in(request.scope)
    if token is None:
        raise HttpProblem("unauthorized")
    try:
        await deps.database.read(partial(access.prove, token=token))
    except HttpProblem:
        deps.refusals.wait(token.hash)
        raise
    if seconds := deps.by_account.wait(token.account):
        raise HttpProblem.rate_limited(seconds)
    token = replace(token, key=request.headers.get("kaeru-key"))
    request.scope[PROVEN] = token
    return token


async def token_of(
    request: Request,
    _credentials: Annotated[
        HTTPAuthorizationCredentials | None,
        Depends(HTTPBearer(auto_error=False, description="A device's token")),
    ],
    _key: Annotated[str | None, Header(alias="Kaeru-Key", examples=[wire.EXAMPLE_KEY])] = None,
) -> Token:
    return await proven_token(request)


Authorized = Annotated[Token, Depends(token_of)]
DeviceInPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$", examples=[wire.EXAMPLE_DEVICE])]

COMMON = ("malformed", "rate_limited", "unavailable")
WITH_PROTOCOL = (*COMMON, "protocol")
WITH_TOKEN = (*WITH_PROTOCOL, "unauthorized", "revoked")
WITH_KEY = (*WITH_TOKEN, "key_changed")
versioned: dict[str, Any] = {"dependencies": [Depends(speaks_protocol)]}

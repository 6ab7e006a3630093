"""Refuses excess and oversized requests before their body is read."""

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.web.dependencies import address_of, token_in
from app.server.web.limits import KEY_CHANGE_BYTES, PLAN_BYTES, REQUEST_BYTES, RateLimit
from app.server.web.problems import HttpProblem, answer

SMALL_REQUEST_BYTES = 16_000
LONG_REQUESTS = {"sync": REQUEST_BYTES, "reminders": PLAN_BYTES, "key": KEY_CHANGE_BYTES}


class Gate:
    """Middleware that enforces an address's rate limit and the size limits of bodies.

    A token that was refused repeatedly is refused at once, without counting against its address: a revoked
    device doesn't use up the limit of its owner's other devices at the same address. Every response is marked
    as `no-store`.
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

        max_bytes = LONG_REQUESTS.get(scope["path"].rpartition("/")[2], SMALL_REQUEST_BYTES)
        left = max_bytes

        async def receive_in_bounds() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HttpProblem("too_large", limit=max_bytes)
            return message

        length = Headers(scope=scope).get("content-length", "0")
        if seconds := self.seconds_to_wait(scope):
            refusal = HttpProblem.rate_limited(seconds)
        elif not length.isdecimal() or int(length) > max_bytes:
            refusal = HttpProblem("too_large", limit=max_bytes)
        else:
            await self.app(scope, receive_in_bounds, send_uncached)
            return
        response = await answer(Request(scope), refusal)
        await response(scope, receive, send_uncached)

    def seconds_to_wait(self, scope: Scope) -> float:
        token = token_in(scope)
        return (token and self.refusals.wait_before(token.hash)) or self.limit.wait(address_of(scope))

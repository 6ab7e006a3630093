"""Reads the API's requests in the order of what reading costs: the token first, then a bounded body.

A body is checked as it arrives, parsed and validated at once by pydantic-core, and only up to the first
error; a large one is parsed on another thread. So no request of any content holds the event loop.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from io import BytesIO
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.types import Receive, Scope

from app.server.web import wire
from app.server.web.dependencies import proven_token, token_of
from app.server.web.limits import BODY_VALUES
from app.server.web.problems import HttpProblem

INLINE_BYTES = 16_384  # of a body or an answer; up to here another thread would cost more than it spares


class BoundedRoute(APIRoute):
    """A route of the API. Where it asks for a token, that is proven before the body is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        needs_token = any(each.call is token_of for each in sub_dependants(self.dependant))
        parameters = self.dependant.body_params
        body = TypeAdapter[Any](parameters[0].field_info.annotation or Any) if parameters else None

        async def handle_in_order(request: Request) -> Response:
            if needs_token:
                await proven_token(request)
            bounded = BoundedRequest(request.scope, request.receive, body) if body else request
            return await handle(bounded)

        return handle_in_order


class BoundedRequest(Request):
    """A request whose body is read within bounds; `json()` gives it validated."""

    def __init__(self, scope: Scope, receive: Receive, adapter: TypeAdapter[Any]) -> None:
        super().__init__(scope, receive)
        self._adapter = adapter
        self._read: bytes | None = None

    async def body(self) -> bytes:
        """The whole body. Raises Problem("too_large") for one of more values than any request needs."""
        if self._read is None:
            # Neither a list of pieces, which may be of one byte each, nor joining them to another copy.
            body, values = BytesIO(), 0
            async for chunk in self.stream():
                # Every value but the first of a body or of an array or object comes after a comma.
                values += chunk.count(b",") + chunk.count(b"[") + chunk.count(b"{")
                if values > BODY_VALUES:
                    raise HttpProblem("too_large", limit=BODY_VALUES)
                body.write(chunk)
            self._read = body.getvalue()
        return self._read

    async def json(self) -> Any:
        """The body as the endpoint's model. Raises Problem: "malformed", "too_large"."""
        body = await self.body()
        self._read = b""  # nobody reads it again, and its memory is needed for what is in it
        try:
            if len(body) <= INLINE_BYTES:
                return self._adapter.validate_json(body)
            return await asyncio.to_thread(self._adapter.validate_json, body)
        except ValidationError as error:
            raise refusal(error) from None


def sub_dependants(dependant: Dependant) -> Iterator[Dependant]:
    for each in dependant.dependencies:
        yield each
        yield from sub_dependants(each)


def refusal(error: ValidationError) -> HttpProblem:
    """What a body that does not fit is answered with; nothing in it repeats what was sent."""
    faults = error.errors(include_url=False, include_input=False)
    for fault in faults:
        context = fault.get("ctx", {})
        if fault["type"] == wire.TOO_LARGE:
            return HttpProblem("too_large", **context)
        if fault["type"] == "too_long":
            return HttpProblem("too_large", limit=context["max_length"])
    where = sorted({".".join(map(str, ("body", *fault["loc"]))) for fault in faults})
    return HttpProblem("malformed", where=where[:10])


async def encoded(adapter: TypeAdapter[Any], answer: Any, size: int) -> Response:
    """An answer as JSON. `size`: about how many bytes it has; a large one is encoded on another thread."""

    def encode() -> bytes:
        return adapter.dump_json(adapter.validate_python(answer, from_attributes=True))

    content = encode() if size <= INLINE_BYTES else await asyncio.to_thread(encode)
    return Response(content, media_type="application/json")

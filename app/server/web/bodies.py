"""Checks requests in order of cost: first the token, then the body's limits, then its content.

The size limits are checked as a body arrives. pydantic-core parses and validates it in one pass up to the
first error; a large body on another thread, so that no request blocks the event loop.
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

INLINE_BYTES = 16_384  # of a body or response; below this, another thread costs more than it saves


class BoundedRoute(APIRoute):
    """A route that verifies the token, if it requires one, before the body is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        needs_token = any(each.call is token_of for each in all_dependants(self.dependant))
        parameters = self.dependant.body_params
        body = TypeAdapter[Any](parameters[0].field_info.annotation or Any) if parameters else None

        async def handle_in_order(request: Request) -> Response:
            if needs_token:
                await proven_token(request)
            bounded = BoundedRequest(request.scope, request.receive, body) if body else request
            return await handle(bounded)

        return handle_in_order


class BoundedRequest(Request):
    """A request whose body is limited in values; `json()` returns it validated."""

    def __init__(self, scope: Scope, receive: Receive, adapter: TypeAdapter[Any]) -> None:
        super().__init__(scope, receive)
        self._adapter = adapter
        self._read: bytes | None = None

    async def body(self) -> bytes:
        """Read the body. Raises HttpProblem("too_large") if it has more than `BODY_VALUES` values."""
        if self._read is None:
            # A list of chunks, possibly of one byte each, would cost memory, and joining them a copy.
            body, values = BytesIO(), 0
            async for chunk in self.stream():
                # Every JSON value follows a comma, opens an array or object, or is the first in one.
                values += chunk.count(b",") + chunk.count(b"[") + chunk.count(b"{")
                if values > BODY_VALUES:
                    raise HttpProblem("too_large", limit=BODY_VALUES)
                body.write(chunk)
            self._read = body.getvalue()
        return self._read

    async def json(self) -> Any:
        """Parse the body into the endpoint's model. Raises HttpProblem: "malformed", "too_large"."""
        body = await self.body()
        self._read = b""  # not read again; frees memory for the parsed body
        try:
            if len(body) <= INLINE_BYTES:
                return self._adapter.validate_json(body)
            return await asyncio.to_thread(self._adapter.validate_json, body)
        except ValidationError as error:
            raise problem_of(error) from None


def all_dependants(dependant: Dependant) -> Iterator[Dependant]:
    for each in dependant.dependencies:
        yield each
        yield from all_dependants(each)


def problem_of(error: ValidationError) -> HttpProblem:
    """Convert a validation error to a problem that quotes nothing from the request."""
    faults = error.errors(include_url=False, include_input=False)
    for fault in faults:
        context = fault.get("ctx", {})
        if fault["type"] == wire.TOO_LARGE:
            return HttpProblem("too_large", **context)
        if fault["type"] == "too_long":
            return HttpProblem("too_large", limit=context["max_length"])
    where = sorted({".".join(map(str, ("body", *fault["loc"]))) for fault in faults})
    return HttpProblem("malformed", where=where[:10])


async def json_response(adapter: TypeAdapter[Any], answer: Any, size: int) -> Response:
    """Encode a response as JSON, on another thread if `size`, its approximate bytes, is large."""

    def encode() -> bytes:
        return adapter.dump_json(adapter.validate_python(answer, from_attributes=True))

    content = encode() if size <= INLINE_BYTES else await asyncio.to_thread(encode)
    return Response(content, media_type="application/json")

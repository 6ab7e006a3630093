"""The API's error responses: problem details (RFC 9457), each with a code."""

import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.server.database.engine import DatabaseFaultError, DatabaseUnavailableError

PROTOCOL = 1
MEDIA_TYPE = "application/problem+json"

PROBLEMS = {
    "malformed": (422, "The request does not fit the protocol"),
    "push_service": (422, "This is no push service that the server may call"),
    "unauthorized": (401, "This token is not known"),
    "revoked": (401, "This device was revoked"),
    "no_account": (404, "There is no such account"),
    "wrong_secret": (403, "The secret is not this account's"),
    "device_revoked": (403, "A device with this id was revoked"),
    "closed": (403, "This server takes no new accounts"),
    "no_subscription": (404, "This device has not said where to ring it"),
    "no_device": (404, "There is no such device"),
    "no_pairing": (404, "There is no such pairing, or no longer"),
    "not_found": (404, "There is nothing at this address"),
    "method_not_allowed": (405, "This address does not take this method"),
    "too_many_devices": (409, "The account has as many devices as it may"),
    "cursor": (409, "The cursor or a base is not of this server's history: start again from cursor 0"),
    "key_changed": (409, "The account's key is another one"),
    "devices_changed": (409, "The account has other devices than the request names"),
    "restored": (409, "This server was restored from a backup, and does not know yet who was shut out"),
    "plan": (409, "Another device has changed the plan: start from the ids that are there"),
    "pairing_used": (409, "Another device has used this pairing"),
    "pairing_step": (409, "The pairing is not at this step"),
    "too_large": (413, "Too large"),
    "protocol": (426, "This server does not speak this version of the protocol"),
    "rate_limited": (429, "Too many requests"),
    "internal": (500, "Something went wrong on the server"),
    "unavailable": (503, "The server's database cannot be used now"),
    "quota": (507, "The account is full"),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "malformed": {"where": ["body.changes.0.base"]},
    "too_large": {"id": "5f0c8e1b2a934d7fb6e0c4a8d1937b25", "limit": 65_536},
    "too_many_devices": {"limit": 20},
    "protocol": {"min": 1, "max": 1},
    "key_changed": {"epoch": 1},
    "devices_changed": {"devices": ["0b9d4a6e71f84c0f9a52d3c1e8b7f604"]},
    "restored": {"until": "2026-06-24T09:30:00+00:00"},
    "plan": {"rev": 7, "ids": ["9f86d081884c7d659a2feaa0c55ad015"]},
    "quota": {"of": "bytes", "used": 199_999_871, "limit": 200_000_000},
}
SCHEMA = {
    "type": "object",
    "required": ["title", "status", "code"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": list(PROBLEMS)},
    },
}


class HttpProblem(HTTPException):
    """A refused request: the problem's code and its additional members."""

    def __init__(
        self, code: str, *, status: int | None = None, headers: dict[str, str] | None = None, **members: Any
    ) -> None:
        self.code = code
        self.status, self.title = PROBLEMS[code]
        self.status = status or self.status
        self.members = members
        super().__init__(self.status, self.title, headers)

    @classmethod
    def rate_limited(cls, seconds: float) -> "HttpProblem":
        return cls("rate_limited", headers={"retry-after": str(math.ceil(seconds))})

    @classmethod
    def outdated(cls, **members: Any) -> "HttpProblem":
        """Problem for a client that must be updated; states the supported protocol (RFC 9110, 15.5.22)."""
        headers = {"upgrade": f"kaeru/{PROTOCOL}", "connection": "upgrade"}
        return cls("protocol", headers=headers, min=PROTOCOL, max=PROTOCOL, **members)

    def body(self) -> dict[str, Any]:
        return {"title": self.title, "status": self.status, "code": self.code, **self.members}


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for the problems of an endpoint, with an example for each code."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        status, title = PROBLEMS[code]
        content = {"schema": SCHEMA, "examples": {}}
        entry = responses.setdefault(status, {"description": "", "content": {MEDIA_TYPE: content}})
        entry["description"] = f"{entry['description']}; {title}".removeprefix("; ")
        example = {"summary": title, "value": HttpProblem(code, **EXAMPLES.get(code, {})).body()}
        entry["content"][MEDIA_TYPE]["examples"][code] = example
    return responses


def handle_problems(api: FastAPI) -> None:
    """Register handlers that answer every error with a problem. None quotes the request."""
    api.add_exception_handler(HttpProblem, answer)
    api.add_exception_handler(RequestValidationError, answer_malformed)
    api.add_exception_handler(HTTPException, answer_http)
    api.add_exception_handler(DatabaseUnavailableError, answer_unavailable)
    api.add_exception_handler(DatabaseFaultError, answer_internal)
    api.add_exception_handler(Exception, answer_internal)


async def answer(request: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, HttpProblem)  # noqa: S101 - registered for this type
    request.scope["problem"] = problem.code  # for the metrics
    headers = dict(problem.headers or {})
    if problem.status == 401:
        headers["www-authenticate"] = "Bearer"  # RFC 9110, 15.5.2
    return JSONResponse(problem.body(), problem.status, headers, MEDIA_TYPE)


async def answer_malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    where = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})
    return await answer(request, HttpProblem("malformed", where=where[:10]))


async def answer_http(request: Request, error: Exception) -> JSONResponse:
    """Answer errors raised by FastAPI: a body too long or not JSON, an unknown path or method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    headers = dict(error.headers or {})
    if error.status_code in codes:
        return await answer(request, HttpProblem(codes[error.status_code], headers=headers))
    return await answer(request, HttpProblem("malformed", headers=headers, where=["body"]))


async def answer_unavailable(request: Request, _error: Exception) -> JSONResponse:
    return await answer(request, HttpProblem("unavailable", headers={"retry-after": "5"}))


async def answer_internal(request: Request, _error: Exception) -> JSONResponse:
    return await answer(request, HttpProblem("internal"))

"""The REST client: one method an endpoint, one exception for everything a server can say no with."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar, cast, get_args

import httpx

from app.sync import wire
from app.sync.errors import PlanMovedError, ServerSetBackError, SyncError, SyncErrorCode

TIMEOUT_SECONDS = 30
"""How long nothing may come."""
ANSWER_SECONDS = 300
"""How long a whole answer may take: a page of 2 MB over a slow mobile network."""
ANSWER_BYTES = 64 * 2**20
"""The largest answer: a page, and as many conflicts as one request has changes, of the largest boxes."""
LONGEST_WAIT = 60 * 60.0
"""The longest Retry-After in seconds that is kept to."""

T = TypeVar("T")


class ApiClient:
    """Talks to one server for one device. Every method raises SyncError.

    `skew` is how far the server's clock was ahead of `now` when it last answered; `push_key` and
    `most_records` (the most that an account may hold) are what `info` said; `key_epoch` is what `register`
    said of the account's key; `receipt` is that of the last answer that may have one, empty if it had none.
    `key_name` names the key that this device seals with.
    """

    def __init__(
        self,
        server: str,
        now: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
        token: str = "",
        key_name: str = "",
    ) -> None:
        self.skew: timedelta | None = None
        self.heard_at: datetime | None = None
        self.push_key = ""
        self.most_records: int | None = None
        self.key_epoch = 0
        self.receipt = ""
        self._now = now
        headers = {"kaeru-protocol": str(wire.PROTOCOL)}
        if token:
            headers["authorization"] = f"Bearer {token}"
        if key_name:
            headers["kaeru-key"] = key_name
        self._http = httpx.AsyncClient(
            base_url=f"{server}/api/v1/", headers=headers, transport=transport, timeout=TIMEOUT_SECONDS
        )

    async def info(self) -> wire.ServerInfo:
        """What the server says about itself, for as long as it speaks this protocol."""
        info = await self._ask("GET", "info", wire.read_info)
        self._note_time(info.time)
        self.push_key, self.most_records = info.push_key, info.records
        if not info.oldest <= wire.PROTOCOL <= info.newest:
            raise SyncError("protocol", {"min": info.oldest, "max": info.newest})
        return info

    async def register(self, account: str, secret: bytes, device: str, label: bytes, *, create: bool) -> str:
        """Make a device known, with a new account if `create`; returns its token. Repeat it freely."""
        body = {
            "account": account,
            "secret": wire.encode(secret),
            "device": device,
            "label": wire.encode(label),
            "create": create,
        }
        token, self.key_epoch = await self._ask("POST", "devices", wire.read_registration, body)
        return token

    async def account_key(self) -> wire.AccountKey:
        """The account's current key, as far as the server knows it."""
        return await self._ask("GET", "account/key", self._with_receipt(wire.read_account_key))

    async def change_key(self, change: wire.KeyChange) -> None:
        """Change the account's key. SyncError "key_changed", "devices_changed", "restored"."""
        await self._ask("POST", "account/key", self._with_receipt(_nothing), change.to_json())

    async def hand_in(self, receipt: str) -> None:
        """Show a server that was restored from a backup what it stated before."""
        await self._ask("POST", "account/receipt", _nothing, {"receipt": receipt})

    async def devices(self) -> list[wire.DeviceEntry]:
        return await self._ask("GET", "devices", self._with_receipt(wire.read_devices))

    async def relabel(self, device: str, label: bytes) -> None:
        await self._ask("PATCH", f"devices/{device}", _nothing, {"label": wire.encode(label)})

    async def revoke(self, device: str) -> None:
        """Shut a device out. Revoking this one is leaving. SyncError "restored"."""
        await self._ask("DELETE", f"devices/{device}", _nothing)

    async def delete_account(self, secret: bytes) -> None:
        """Delete everything the server has of this account, for all devices."""
        await self._ask("DELETE", "account", _nothing, {"secret": wire.encode(secret)})

    async def sync(self, cursor: int, changes: Sequence[wire.WireChange]) -> wire.SyncResponse:
        """Push changes, and get what is new since `cursor`. Repeat it freely."""
        body = {"cursor": cursor, "changes": [change.to_json() for change in changes]}

        def read(content: Any) -> wire.SyncResponse:
            answer = wire.read_answer(content)
            wire.check_answer(answer, cursor, {change.id for change in changes})
            return answer

        return await self._ask("POST", "sync", read, body)

    async def put_reminders(self, base: int, put: Sequence[wire.PlannedRing], drop: Sequence[str]) -> int:
        """Change the account's plan of revision `base`; its new one. Raises PlanMovedError."""
        body = {"base": base, "put": [each.to_json() for each in put], "drop": list(drop)}
        return await self._ask("POST", "reminders", wire.read_revision, body)

    async def subscribe_push(self, endpoint: str, p256dh: str, auth: str) -> None:
        """Have this device rung through its push service. SyncError "push_service"."""
        body = {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}
        await self._ask("PUT", "push/subscription", _nothing, body)

    async def unsubscribe_push(self) -> None:
        await self._ask("DELETE", "push/subscription", _nothing)

    async def ring_once(self, box: bytes) -> None:
        """Ring this device now. SyncError "no_subscription"."""
        await self._ask("POST", "push/test", _nothing, {"box": wire.encode(box)})

    async def ask(self, method: str, path: str, read: Callable[[Any], T], body: Any = None) -> T:
        """For the parts of the API that have a module of their own; `read` raises MalformedAnswerError."""
        return await self._ask(method, path, read, body)

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, method: str, path: str, read: Callable[[Any], T], body: Any = None) -> T:
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._http.stream(method, path, json=body) as response,
            ):
                received = await _received(response)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise SyncError("offline", {"reason": "timeout"}) from error
        except httpx.HTTPError as error:  # its text may hold addresses, never a body or a header
            raise SyncError("offline", {"reason": str(error)}) from error
        if date := response.headers.get("date"):
            with suppress(ValueError):
                at = parsedate_to_datetime(date)
                self._note_time(at if at.tzinfo else at.replace(tzinfo=UTC))
        content = _content(received)
        if response.is_error:
            raise _problem(response, content)
        if response.status_code == httpx.codes.NO_CONTENT:
            return read(None)
        try:
            return read(content)
        except wire.MalformedAnswerError as error:
            raise SyncError("no_server", {"reason": str(error)}) from error

    def _with_receipt(self, read: Callable[[Any], T]) -> Callable[[Any], T]:
        def noting(content: Any) -> T:
            self.receipt = wire.read_receipt(content)
            return read(content)

        return noting

    def _note_time(self, server_time: datetime) -> None:
        self.heard_at = self._now()
        self.skew = server_time - self.heard_at


def _nothing(_body: Any) -> None:
    return None


async def _received(response: httpx.Response) -> bytes:
    """The whole body. Raises SyncError for one that has no end."""
    received = bytearray()
    async for piece in response.aiter_bytes():
        received += piece
        if len(received) > ANSWER_BYTES:
            raise SyncError("server", {"reason": "an answer of absurd size"})
    return bytes(received)


def _content(received: bytes) -> Any:
    """The body, or None: what stands between two machines may answer with a page of its own."""
    try:
        return json.loads(received)
    except (ValueError, RecursionError):
        return None


# The server's codes that mean the same to a person as another.
_SAME: dict[str, SyncErrorCode] = {"device_revoked": "revoked", "rate_limited": "busy"}
# Those that only this device can say.
_OWN: frozenset[SyncErrorCode] = frozenset(
    {
        "offline",
        "no_server",
        "insecure_address",
        "newer",
        "clock",
        "storage",
        "locked_key",
        "no_key",
        "off",
        "unopened",
    }
)
_CODES = frozenset(get_args(SyncErrorCode)) - _OWN
# What a reverse proxy says by itself.
_MEANINGS: dict[int, SyncErrorCode] = {
    httpx.codes.TOO_MANY_REQUESTS: "busy",
    httpx.codes.REQUEST_ENTITY_TOO_LARGE: "too_large",
}


def _problem(response: httpx.Response, content: Any) -> SyncError:
    """A problem from an RFC 9457 body, or from the status alone."""
    body = content if isinstance(content, dict) else {}
    code, retry_after = str(body.get("code", "")), _seconds(response.headers.get("retry-after", ""))
    told = {name: value for name, value in body.items() if name not in {"type", "title", "code"}}
    detail = {name: value for name, value in told.items() if isinstance(value, str | int | float)}
    if code == "cursor":
        return ServerSetBackError()
    if code == "plan":
        with suppress(wire.MalformedAnswerError):
            return PlanMovedError(*wire.read_plan(body))
    if code == "no_account" and body.get("key_changed") is True:
        return SyncError("old_key")
    if code in _SAME or code in _CODES:
        return SyncError(_SAME.get(code) or cast(SyncErrorCode, code), detail, retry_after)
    if response.status_code in _MEANINGS:
        return SyncError(_MEANINGS[response.status_code], detail, retry_after)
    meaning: SyncErrorCode = "server" if response.is_server_error or code else "no_server"
    return SyncError(meaning, detail | {"status": response.status_code}, retry_after)


def _seconds(text: str) -> float | None:
    """Retry-After in seconds; its other form, a date, no server of this protocol sends."""
    return min(float(text), LONGEST_WAIT) if text.isdecimal() else None

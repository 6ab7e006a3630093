"""The REST client: one method per endpoint; every failure is a SyncError."""

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
"""Timeout of a single read or write."""
ANSWER_SECONDS = 300
"""Timeout of a whole response: a page of 2 MB over a slow mobile network."""
ANSWER_BYTES = 64 * 2**20
"""Maximum response size: a page plus as many conflicts as a request may have changes, of maximum size."""
LONGEST_WAIT = 60 * 60.0
"""Maximum Retry-After in seconds; longer ones are shortened."""

T = TypeVar("T")


class ApiClient:
    """The connection of one device to one server. Every method raises SyncError.

    `skew` is the server's clock minus `now` as of the last response, at `skew_at`. `info` sets `push_key`
    and `most_records` (the account's limit); `register` sets `key_epoch`, the epoch of the account's key.
    `receipt` is that of the last response that may contain one, or empty. `key_name` names the key that this
    device seals with.
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
        self.skew_at: datetime | None = None
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
        """The server's description. Raises SyncError("protocol") if it does not support this protocol
        version.
        """
        info = await self._ask("GET", "info", wire.read_info)
        self._note_time(info.time)
        self.push_key, self.most_records = info.push_key, info.records
        if not info.oldest <= wire.PROTOCOL <= info.newest:
            raise SyncError("protocol", {"min": info.oldest, "max": info.newest})
        return info

    async def register(self, account: str, secret: bytes, device: str, label: bytes, *, create: bool) -> str:
        """Register a device, with a new account if `create`; returns its token. Idempotent."""
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
        """The account's current key, as stored on the server."""
        return await self._ask("GET", "account/key", self._with_receipt(wire.read_account_key))

    async def change_key(self, change: wire.KeyChange) -> None:
        """Rotate the account's key. Raises SyncError "key_changed", "devices_changed", "restored"."""
        await self._ask("POST", "account/key", self._with_receipt(_nothing), change.to_json())

    async def send_receipt(self, receipt: str) -> None:
        """Send an earlier receipt to a server that was restored from a backup."""
        await self._ask("POST", "account/receipt", _nothing, {"receipt": receipt})

    async def devices(self) -> list[wire.DeviceEntry]:
        return await self._ask("GET", "devices", self._with_receipt(wire.read_devices))

    async def relabel(self, device: str, label: bytes) -> None:
        await self._ask("PATCH", f"devices/{device}", _nothing, {"label": wire.encode(label)})

    async def revoke(self, device: str) -> None:
        """Revoke a device; revoking this one leaves the account. Raises SyncError "restored"."""
        await self._ask("DELETE", f"devices/{device}", _nothing)

    async def delete_account(self, secret: bytes) -> None:
        """Delete the account with all its data on the server, for all devices."""
        await self._ask("DELETE", "account", _nothing, {"secret": wire.encode(secret)})

    async def sync(self, cursor: int, changes: Sequence[wire.WireChange]) -> wire.SyncResponse:
        """Push changes, and get everything new since `cursor`. Idempotent."""
        body = {"cursor": cursor, "changes": [change.to_json() for change in changes]}

        def read(content: Any) -> wire.SyncResponse:
            answer = wire.read_answer(content)
            wire.check_answer(answer, cursor, {change.id for change in changes})
            return answer

        return await self._ask("POST", "sync", read, body)

    async def put_reminders(self, base: int, put: Sequence[wire.PlannedRing], drop: Sequence[str]) -> int:
        """Change the reminder plan of revision `base`; returns its new revision. Raises PlanMovedError."""
        body = {"base": base, "put": [each.to_json() for each in put], "drop": list(drop)}
        return await self._ask("POST", "reminders", wire.read_revision, body)

    async def subscribe_push(self, endpoint: str, p256dh: str, auth: str) -> None:
        """Register a push subscription for this device. Raises SyncError "push_service"."""
        body = {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}
        await self._ask("PUT", "push/subscription", _nothing, body)

    async def unsubscribe_push(self) -> None:
        await self._ask("DELETE", "push/subscription", _nothing)

    async def ring_once(self, box: bytes) -> None:
        """Send a test notification to this device. Raises SyncError "no_subscription"."""
        await self._ask("POST", "push/test", _nothing, {"box": wire.encode(box)})

    async def ask(self, method: str, path: str, read: Callable[[Any], T], body: Any = None) -> T:
        """Send any other request; `read` parses the body and raises MalformedAnswerError."""
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
        except httpx.HTTPError as error:  # its text may contain addresses, but no body or header
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
        self.skew_at = self._now()
        self.skew = server_time - self.skew_at


def _nothing(_body: Any) -> None:
    return None


async def _received(response: httpx.Response) -> bytes:
    """The whole body. Raises SyncError if it exceeds `ANSWER_BYTES`."""
    received = bytearray()
    async for piece in response.aiter_bytes():
        received += piece
        if len(received) > ANSWER_BYTES:
            raise SyncError("server", {"reason": "an answer of absurd size"})
    return bytes(received)


def _content(received: bytes) -> Any:
    """The body as JSON, or None: proxies may answer with pages of their own."""
    try:
        return json.loads(received)
    except (ValueError, RecursionError):
        return None


# Server codes that mean the same to the user as another code.
_SAME: dict[str, SyncErrorCode] = {"device_revoked": "revoked", "rate_limited": "busy"}
# Codes that only the client produces.
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
# Statuses that reverse proxies produce themselves.
_MEANINGS: dict[int, SyncErrorCode] = {
    httpx.codes.TOO_MANY_REQUESTS: "busy",
    httpx.codes.REQUEST_ENTITY_TOO_LARGE: "too_large",
}


def _problem(response: httpx.Response, content: Any) -> SyncError:
    """Convert an error response: by its RFC 9457 body, or by its status only."""
    body = content if isinstance(content, dict) else {}
    code, retry_after = str(body.get("code", "")), _seconds(response.headers.get("retry-after", ""))
    members = {name: value for name, value in body.items() if name not in {"type", "title", "code"}}
    detail = {name: value for name, value in members.items() if isinstance(value, str | int | float)}
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
    """Retry-After in seconds. Servers of this protocol never send its other form, a date."""
    return min(float(text), LONGEST_WAIT) if text.isdecimal() else None

"""The REST client's pairing endpoints; see docs/protocol.md, Pairing."""

import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar, get_args

from app.sync import wire
from app.sync.api_client import ApiClient

ServerState = Literal[
    "offered", "claimed", "requested", "revealed", "answered", "refused", "declined", "failed", "done"
]
PairingEnd = Literal["declined", "failed", "done"]

T = TypeVar("T")


@dataclass(frozen=True)
class MemberProgress:
    state: ServerState
    request: bytes | None  # sealed message of the new device


@dataclass(frozen=True)
class ClaimantProgress:
    state: ServerState
    reveal: bytes | None  # sealed messages of the member
    answer: bytes | None


@dataclass(frozen=True)
class ClaimedPairing:
    offer: bytes  # sealed
    expires_at: datetime  # on the server's clock


class PairingClient:
    """The pairing endpoints. Every method raises SyncError and is idempotent."""

    def __init__(self, client: ApiClient, id_: str, claim_secret: bytes = b"") -> None:
        self.client = client
        self._id = {"id": id_}
        self._claim = {"id": id_, "secret": wire.encode(claim_secret)}

    # --- for the member, with its token ----------------------------------------------------------------

    async def offer(self, box: bytes) -> datetime:
        """Create or repeat the offer. Returns when it expires, on the server's clock."""
        body = self._id | {"box": wire.encode(box)}
        return await self.client.ask("POST", "pairing", _reading(_expiry), body)

    async def progress(self) -> MemberProgress:
        def read(body: Any) -> MemberProgress:
            return MemberProgress(_state(body), _box(body["request"]))

        return await self.client.ask("POST", "pairing/progress", _reading(read), self._id)

    async def reveal(self, box: bytes) -> None:
        await self.client.ask("POST", "pairing/reveal", _nothing, self._id | {"box": wire.encode(box)})

    async def answer(self, box: bytes) -> None:
        await self.client.ask("POST", "pairing/answer", _nothing, self._id | {"box": wire.encode(box)})

    async def cancel(self) -> None:
        await self.client.ask("POST", "pairing/cancel", _nothing, self._id)

    # --- for the new device, with its claim secret -----------------------------------------------------

    async def claim(self) -> ClaimedPairing:
        def read(body: Any) -> ClaimedPairing:
            return ClaimedPairing(wire.decode(body["offer"]), _expiry(body))

        return await self.client.ask("POST", "pairing/claim", _reading(read), self._claim)

    async def request(self, box: bytes) -> None:
        await self.client.ask("POST", "pairing/request", _nothing, self._claim | {"box": wire.encode(box)})

    async def watch(self) -> ClaimantProgress:
        def read(body: Any) -> ClaimantProgress:
            return ClaimantProgress(_state(body), _box(body["reveal"]), _box(body["answer"]))

        return await self.client.ask("POST", "pairing/watch", _reading(read), self._claim)

    async def end(self, outcome: PairingEnd) -> None:
        await self.client.ask("POST", "pairing/end", _nothing, self._claim | {"outcome": outcome})


def _reading(read: Callable[[Any], T]) -> Callable[[Any], T]:
    def checked(body: Any) -> T:
        try:
            return read(body)
        except (AttributeError, KeyError, TypeError, ValueError, binascii.Error) as error:
            raise wire.MalformedAnswerError(f"{type(error).__name__}: {error}") from error

    return checked


def _nothing(_body: Any) -> None:
    return None


def _state(body: Any) -> ServerState:
    state: ServerState = body["state"]
    if state not in get_args(ServerState):
        raise ValueError("unknown state")
    return state


def _box(value: Any) -> bytes | None:
    return None if value is None else wire.decode(value)


def _expiry(body: Any) -> datetime:
    at = datetime.fromisoformat(body["expires_at"])
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return at

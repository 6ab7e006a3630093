"""What both sides of a pairing share: it goes on step by step, and tells the screen how it stands."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.store.transactions import StorageError
from app.sync.errors import PASSING, SyncError

POLL_SECONDS = 1.0
CLOCK_MARGIN = timedelta(minutes=1)
"""How far the server's clock may be ahead of what this device makes of it."""

log = logging.getLogger(__name__)

SideState = TypeVar("SideState", bound=str)


class PairingSide(ABC, Generic[SideState]):
    """`trouble` is what keeps it from going on just now; it is tried again. `error` is why it stopped."""

    state: SideState
    ended: frozenset[SideState]
    """The states that nothing follows."""
    outcomes: Mapping[str, SideState]
    """The states that the codes of SyncError end in; "" stands for every other code."""

    def __init__(self, now: Callable[[], datetime], pause: Callable[[float], Awaitable[None]]) -> None:
        self.trouble: SyncError | None = None
        self.error: Exception | None = None
        self.expires_at: datetime | None = None  # on this device's clock
        self._now = now
        self._pause = pause
        self._stepping = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have `listener` called whenever something changes; returns how to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    @property
    def has_ended(self) -> bool:
        return self.state in self.ended

    async def follow(self) -> None:
        """Go on, about once a second, until it has ended. To be cancelled while nobody looks."""
        while not self.has_ended:
            await self.step()
            if not self.has_ended:
                await self._pause(POLL_SECONDS)

    async def step(self) -> None:
        """Go on once."""
        async with self._stepping:
            if not self.has_ended:
                await self._attempt(self._advance)

    @abstractmethod
    async def _advance(self) -> None: ...

    @abstractmethod
    async def _conclude(self) -> None:
        """Tell the other side how it ended, as far as the server can be reached."""

    async def _attempt(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do a part of it; what keeps it from being done becomes a state or `trouble`."""
        try:
            self._check_expiry()
            await work()
        except SyncError as error:
            await self._on_error(error)
        except (StorageError, OSError) as error:
            await self._end(self.outcomes[""], error)
        except Exception:
            log.exception("pairing failed")  # a mistake of ours must not leave the screen waiting for good
            await self._end(self.outcomes[""], SyncError("server"))
        else:
            self._note(None)

    def _check_expiry(self) -> None:
        if self.expires_at is not None and self._now() >= self.expires_at:
            raise SyncError("no_pairing")

    async def _on_error(self, error: SyncError) -> None:
        if self.has_ended or error.code == "pairing_step":
            return  # the next look tells how the other side has ended it
        if error.code in PASSING:
            self._note(error)
        elif error.code == "no_pairing" and self._is_before_expiry():
            await self._end(self.outcomes["replaced"], error)
        else:
            await self._end(self.outcomes.get(error.code, self.outcomes[""]), error)

    def _is_before_expiry(self) -> bool:
        """Whether the server cannot have expired the pairing yet, though its clock differs a little."""
        return self.expires_at is not None and self._now() < self.expires_at - CLOCK_MARGIN

    async def _end(self, state: SideState, error: Exception | None = None) -> None:
        self.error = error
        self.trouble = None
        self._become(state)
        await self._conclude()

    def _become(self, state: SideState) -> None:
        if not self.has_ended and state != self.state:
            self.state = state
            self._tell()

    def _note(self, trouble: SyncError | None) -> None:
        if self.trouble is not trouble:
            self.trouble = trouble
            self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

"""The common part of both sides of a pairing: polling, state changes and errors."""

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
"""Maximum error in the estimate of the server's clock."""

log = logging.getLogger(__name__)

SideState = TypeVar("SideState", bound=str)


class PairingSide(ABC, Generic[SideState]):
    """`trouble` is the current, temporary error. `error` is why the pairing stopped."""

    state: SideState
    ended: frozenset[SideState]
    """The final states."""
    outcomes: Mapping[str, SideState]
    """Final states by SyncError code; "" is the default."""

    def __init__(self, now: Callable[[], datetime], pause: Callable[[float], Awaitable[None]]) -> None:
        self.trouble: SyncError | None = None
        self.error: Exception | None = None
        self.expires_at: datetime | None = None  # on this device's clock
        self._now = now
        self._pause = pause
        self._stepping = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` on every change. Returns a function that unsubscribes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    @property
    def has_ended(self) -> bool:
        return self.state in self.ended

    async def follow(self) -> None:
        """Poll about once a second until the pairing has ended. Cancel it while the screen is hidden."""
        while not self.has_ended:
            await self.step()
            if not self.has_ended:
                await self._pause(POLL_SECONDS)

    async def step(self) -> None:
        """Advance once."""
        async with self._stepping:
            if not self.has_ended:
                await self._attempt(self._advance)

    @abstractmethod
    async def _advance(self) -> None: ...

    @abstractmethod
    async def _conclude(self) -> None:
        """Tell the other side how the pairing ended, if the server is reachable."""

    async def _attempt(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work`; errors become a state or `trouble`."""
        try:
            self._check_expiry()
            await work()
        except SyncError as error:
            await self._on_error(error)
        except (StorageError, OSError) as error:
            await self._end(self.outcomes[""], error)
        except Exception:
            log.exception("pairing failed")  # a bug must not leave the screen waiting
            await self._end(self.outcomes[""], SyncError("server"))
        else:
            self._set_trouble(None)

    def _check_expiry(self) -> None:
        if self.expires_at is not None and self._now() >= self.expires_at:
            raise SyncError("no_pairing")

    async def _on_error(self, error: SyncError) -> None:
        if self.has_ended or error.code == "pairing_step":
            return  # the next poll shows how the other side ended it
        if error.code in PASSING:
            self._set_trouble(error)
        elif error.code == "no_pairing" and self._is_before_expiry():
            await self._end(self.outcomes["replaced"], error)
        else:
            await self._end(self.outcomes.get(error.code, self.outcomes[""]), error)

    def _is_before_expiry(self) -> bool:
        """Whether the server cannot have expired the pairing yet, allowing for clock differences."""
        return self.expires_at is not None and self._now() < self.expires_at - CLOCK_MARGIN

    async def _end(self, state: SideState, error: Exception | None = None) -> None:
        self.error = error
        self.trouble = None
        self._set_state(state)
        await self._conclude()

    def _set_state(self, state: SideState) -> None:
        if not self.has_ended and state != self.state:
            self.state = state
            self._notify()

    def _set_trouble(self, trouble: SyncError | None) -> None:
        if self.trouble is not trouble:
            self.trouble = trouble
            self._notify()

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()

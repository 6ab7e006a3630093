"""The server's time: the system's clock, but not where it jumps.

A clock that is set wrong for a moment would make reminders ring early, or expire unheard, for good. So a jump
is ignored at first, and time goes on as the monotonic clock has it, until the system's clock is back or has
stayed at its new time for a while.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

logger = logging.getLogger("kaeru.clock")

TOLERANCE = timedelta(seconds=60)
"""A difference that is no jump: what NTP corrects by steps, and leap seconds."""
CONFIRM_SECONDS = 120
"""How long the system's clock has to stay at its new time before that is believed."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def running_seconds() -> float:
    """Of a clock that nobody sets. On Linux it counts the time for which the machine was suspended, too."""
    boot_time: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class SteadyClock:
    """Tells the time. It has to be asked now and then, as a dispatcher does twice a second."""

    def __init__(
        self,
        system: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = running_seconds,
    ) -> None:
        self._system = system
        self._monotonic = monotonic
        self._anchor = system(), monotonic()  # of the last moment at which both agreed
        self._jump: tuple[timedelta, float] | None = None  # by how much, and since when

    def __call__(self) -> datetime:
        shown, running = self._system(), self._monotonic()
        expected = self._anchor[0] + timedelta(seconds=running - self._anchor[1])
        off = shown - expected
        if abs(off) <= TOLERANCE:
            if self._jump:
                logger.warning(
                    "the system's clock is back", extra={"fields": {"seconds": off.total_seconds()}}
                )
        elif self._jump is None or abs(off - self._jump[0]) > TOLERANCE:
            self._jump = off, running
            fields = {"seconds": round(off.total_seconds()), "believed_in": CONFIRM_SECONDS}
            logger.error("the system's clock jumped; going on without it", extra={"fields": fields})
            return expected
        elif running - self._jump[1] < CONFIRM_SECONDS:
            return expected
        else:
            fields = {"seconds": round(off.total_seconds())}
            logger.error(
                "the system's clock stays where it jumped to; following it", extra={"fields": fields}
            )
        self._anchor, self._jump = (shown, running), None
        return shown

    @property
    def offset(self) -> float:
        """By how many seconds the system's clock is ahead of this one: 0 unless it has jumped."""
        now = self()
        return 0.0 if self._jump is None else (self._system() - now).total_seconds()

"""The server's clock: the system's clock without its jumps.

If the system's clock is wrong even briefly, reminders would ring early or expire unheard, irreversibly. So a
jump is ignored at first and the monotonic clock is followed, until the system's clock is back or has stayed
at its new time for a while.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

logger = logging.getLogger("kaeru.clock")

TOLERANCE = timedelta(seconds=60)
"""Smaller deviations are no jumps: NTP's step corrections and leap seconds."""
CONFIRM_SECONDS = 120
"""How long the system's clock has to stay at its new time before it is followed."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def running_seconds() -> float:
    """Read a clock that cannot be set. On Linux it includes the time that the machine was suspended."""
    boot_time: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class SteadyClock:
    """Returns the time in UTC when called. Must be called regularly; a dispatcher does so twice a second."""

    def __init__(
        self,
        system: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = running_seconds,
    ) -> None:
        self._system = system
        self._monotonic = monotonic
        self._anchor = system(), monotonic()  # both clocks when they last agreed
        self._jump: tuple[timedelta, float] | None = None  # deviation, and when first seen

    def __call__(self) -> datetime:
        system_time, running = self._system(), self._monotonic()
        expected = self._anchor[0] + timedelta(seconds=running - self._anchor[1])
        deviation = system_time - expected
        if abs(deviation) <= TOLERANCE:
            if self._jump:
                logger.warning(
                    "the system's clock is back", extra={"fields": {"seconds": deviation.total_seconds()}}
                )
        elif self._jump is None or abs(deviation - self._jump[0]) > TOLERANCE:
            self._jump = deviation, running
            fields = {"seconds": round(deviation.total_seconds()), "believed_in": CONFIRM_SECONDS}
            logger.error("the system's clock jumped; going on without it", extra={"fields": fields})
            return expected
        elif running - self._jump[1] < CONFIRM_SECONDS:
            return expected
        else:
            fields = {"seconds": round(deviation.total_seconds())}
            logger.error(
                "the system's clock stays where it jumped to; following it", extra={"fields": fields}
            )
        self._anchor, self._jump = (system_time, running), None
        return system_time

    @property
    def offset(self) -> float:
        """Seconds by which the system's clock is ahead of this one; 0 unless it has jumped."""
        now = self()
        return 0.0 if self._jump is None else (self._system() - now).total_seconds()

"""When to sync next: soon after a change, periodically while the app is open, with back-off on failure.

All times are seconds of a monotonic clock.
"""

from collections.abc import Callable

DEBOUNCE = 2.0
"""Delay after a change, in case more follow."""
MAX_DELAY = 10.0
"""Maximum delay after the first of many changes."""
POLL_INTERVAL = 60.0
"""Interval while the app is in the foreground, so two devices side by side show the same."""
FIRST_RETRY, LONGEST_RETRY = 2.0, 300.0
RETURN_DELAYS = (0.0, 3.0, 7.0)
"""Delays after the network returns; the later ones pick up changes of devices on the same network."""


class Schedule:
    """`due` is the time of the next session; None if it needs a trigger. `chance` returns 0 to 1."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self.due: float | None = None
        self._chance = chance
        self._foreground = True
        self._failures = 0
        self._not_before = 0.0  # set by Retry-After
        self._first_change: float | None = None
        self._requested_meanwhile = False  # during the current session
        self._running = False
        self._returns: list[float] = []  # pending times of RETURN_DELAYS, ascending

    def requested(self, now: float) -> None:
        """Sync now, because the user asks or the app comes to the foreground."""
        self._requested_meanwhile = self._running
        self._schedule(max(now, self._not_before))

    def network_returned(self, now: float) -> None:
        """Sync now and reset the back-off: earlier failures were due to the missing network.

        The current session may wait for a response that never comes, so the request is kept until it has
        ended.
        """
        self._failures = 0
        self._returns = [now + later for later in RETURN_DELAYS]
        self._requested_meanwhile = self._running
        self._schedule_return()

    def changed(self, now: float) -> None:
        """Sync soon after a local write. Does not shorten the back-off."""
        if self._failures:
            return
        self._first_change = now if self._first_change is None else self._first_change
        self.due = max(min(now + DEBOUNCE, self._first_change + MAX_DELAY), self._not_before)

    def foreground_changed(self, now: float, *, foreground: bool) -> None:
        """The app has come to the foreground or left it."""
        came_back, self._foreground = foreground and not self._foreground, foreground
        if came_back:
            self._failures = 0
            self.requested(now)

    def started(self) -> None:
        """A session begins, so nothing is due."""
        self.due, self._first_change = None, None
        self._running, self._requested_meanwhile = True, False

    def succeeded(self, now: float) -> None:
        """A session succeeded. Schedules the next one only while the app is in the foreground."""
        self._ended(now)
        self._failures = 0
        if self._foreground:
            self._schedule(now + POLL_INTERVAL * (0.9 + 0.2 * self._chance()))

    def failed(self, now: float, retry_after: float | None = None) -> None:
        """Schedule a retry with exponential back-off and jitter, so that devices do not return all at once.

        Equal jitter, after Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
        """
        longest = min(LONGEST_RETRY, FIRST_RETRY * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        self._not_before = now + retry_after if retry_after is not None else self._not_before
        self.due = max(now + longest * (0.5 + 0.5 * self._chance()), self._not_before)
        self._ended(now)

    def _ended(self, now: float) -> None:
        """A session ended; schedule what was requested during it."""
        self._running = False
        if self._requested_meanwhile:
            self._requested_meanwhile = False
            self._schedule(max(now, self._not_before))
        self._returns = [at for at in self._returns if at > now]
        self._schedule_return()

    def _schedule_return(self) -> None:
        if self._returns:
            self._schedule(max(self._returns[0], self._not_before))

    def _schedule(self, when: float) -> None:
        self.due = when if self.due is None else min(self.due, when)

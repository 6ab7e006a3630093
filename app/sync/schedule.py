"""When to meet the server next: soon after a change, now and then while the app is open, later on failure.

All times are seconds of a clock that only moves forward.
"""

from collections.abc import Callable

DEBOUNCE = 2.0
"""After a change, in case more follow."""
PATIENCE = 10.0
"""After the first of many changes."""
POLL = 60.0
"""While the app is in the foreground, so that two devices side by side show the same."""
FIRST_RETRY, LONGEST_RETRY = 2.0, 300.0


class Schedule:
    """`due` is when to meet next; None: not before something happens. `chance` gives numbers from 0 to 1."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self.due: float | None = None
        self._chance = chance
        self._foreground = True
        self._failures = 0
        self._not_before = 0.0  # what the server asked for
        self._first_change: float | None = None

    def asked(self, now: float) -> None:
        """The person, the network coming back or the app coming to the foreground asks for it now."""
        self._at(max(now, self._not_before))

    def changed(self, now: float) -> None:
        """Something was written here. Does not shorten the wait after a failure."""
        if self._failures:
            return
        self._first_change = now if self._first_change is None else self._first_change
        self.due = max(min(now + DEBOUNCE, self._first_change + PATIENCE), self._not_before)

    def look(self, now: float, *, foreground: bool) -> None:
        """The app is looked at, or no longer."""
        came_back, self._foreground = foreground and not self._foreground, foreground
        if came_back:
            self.asked(now)

    def started(self) -> None:
        """A meeting begins: what was due is being done."""
        self.due, self._first_change = None, None

    def succeeded(self, now: float) -> None:
        """In step. The server is asked again by itself only while somebody looks."""
        self._failures = 0
        if self._foreground:
            self._at(now + POLL * (0.9 + 0.2 * self._chance()))

    def failed(self, now: float, retry_after: float | None = None) -> None:
        """Try again later and later, at random so that not all devices come back at once.

        Equal jitter, after Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
        """
        longest = min(LONGEST_RETRY, FIRST_RETRY * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        self._not_before = now + retry_after if retry_after is not None else self._not_before
        self.due = max(now + longest * (0.5 + 0.5 * self._chance()), self._not_before)

    def _at(self, when: float) -> None:
        self.due = when if self.due is None else min(self.due, when)

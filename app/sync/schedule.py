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
RETURN_LOOKS = (0.0, 3.0, 7.0)
"""After a network's return: at once, and again for what other devices of the same network bring meanwhile."""


class Schedule:
    """`due` is when to meet next; None: not before something happens. `chance` gives numbers from 0 to 1."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self.due: float | None = None
        self._chance = chance
        self._foreground = True
        self._failures = 0
        self._not_before = 0.0  # what the server asked for
        self._first_change: float | None = None
        self._asked_meanwhile = False  # while a session is under way
        self._running = False
        self._returns: list[float] = []  # times at which to look after a network's return, the earliest first

    def asked(self, now: float) -> None:
        """The person or the app coming to the foreground asks for it now."""
        self._asked_meanwhile = self._running
        self._at(max(now, self._not_before))

    def network_returned(self, now: float) -> None:
        """What failed before failed for want of a network: the wait that has grown meanwhile is over.

        A session that is under way may still wait for an answer that never comes, so what it asks for counts
        once it has ended.
        """
        self._failures = 0
        self._returns = [now + later for later in RETURN_LOOKS]
        self._asked_meanwhile = self._running
        self._look_again()

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
            self._failures = 0
            self.asked(now)

    def started(self) -> None:
        """A meeting begins: what was due is being done."""
        self.due, self._first_change = None, None
        self._running, self._asked_meanwhile = True, False

    def succeeded(self, now: float) -> None:
        """In step. The server is asked again by itself only while somebody looks."""
        self._ended(now)
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
        self._ended(now)

    def _ended(self, now: float) -> None:
        """A session is over: what was asked for meanwhile is still to be done."""
        self._running = False
        if self._asked_meanwhile:
            self._asked_meanwhile = False
            self._at(max(now, self._not_before))
        self._returns = [at for at in self._returns if at > now]
        self._look_again()

    def _look_again(self) -> None:
        if self._returns:
            self._at(max(self._returns[0], self._not_before))

    def _at(self, when: float) -> None:
        self.due = when if self.due is None else min(self.due, when)

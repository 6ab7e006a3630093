"""Hybrid logical clocks: timestamps that order changes of devices whose wall clocks disagree.

After Kulkarni, Demirbas et al., "Logical Physical Clocks and Consistent Snapshots" (2014), with one
deviation: the node's name is part of the timestamp, so two devices never produce the same one.
"""

import re
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

MAX_DRIFT_MS = 24 * 60 * 60 * 1000
"""How far another device's timestamp may be ahead of the wall clock before it is rejected, in ms."""

LATEST_MS = 10**13 - 1 - 2 * MAX_DRIFT_MS
"""The latest wall clock time, in 2286: two days before 13 digits overflow, so later timestamps fit."""

MAX_COUNTER = 0xFFFF
LONGEST_NODE = 32
_FORM = re.compile(r"([0-9]{13})-([0-9a-f]{4})-([0-9a-z]{1,32})")


class ClockDriftError(ValueError):
    """A timestamp so far in the future that adopting it would corrupt this device's clock."""


class Stamp(NamedTuple):
    """A parsed timestamp. The text form sorts in the same order as the tuple."""

    milliseconds: int  # since 1970, UTC
    counter: int
    node: str

    def __str__(self) -> str:
        return f"{self.milliseconds:013d}-{self.counter:04x}-{self.node}"


@lru_cache(maxsize=1024)  # most fields of a record share one timestamp
def parse(text: str) -> Stamp:
    """Parse a timestamp. Raises ValueError for malformed text and TypeError for other types."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"not a clock stamp: {text!r}")
    return Stamp(int(match[1]), int(match[2], 16), match[3])


def parse_followable(text: str) -> Stamp:
    """Parse a timestamp that others are to follow. Also raises ValueError if it is after `LATEST_MS`."""
    stamp = parse(text)
    if stamp.milliseconds > LATEST_MS:
        raise ValueError(f"no clock stamp can follow this one: {text!r}")
    return stamp


def following(text: str) -> str:
    """Return the next timestamp: no clock produces one between the two.

    If the node has its maximum length, return the first one of the next counter; others may lie between.
    """
    stamp = parse(text)
    if len(stamp.node) < LONGEST_NODE:
        return f"{text}0"
    if stamp.counter < MAX_COUNTER:
        return str(Stamp(stamp.milliseconds, stamp.counter + 1, "0"))
    return str(Stamp(stamp.milliseconds + 1, 0, "0"))


def new_node() -> str:
    """Return a random node name for this device's clock."""
    return secrets.token_hex(4)


class HybridClock:
    """Produces strictly increasing timestamps, even if the wall clock goes back."""

    def __init__(self, now: Callable[[], datetime], node: str, last: str | None = None) -> None:
        self.node = node
        self._now = now
        self._last = parse(last) if last else Stamp(0, 0, node)

    @property
    def last(self) -> str:
        """The newest timestamp produced or observed."""
        return str(self._last)

    def tick(self) -> str:
        """Return a timestamp newer than all those produced or observed before."""
        wall = self._wall()
        if wall > self._last.milliseconds:
            self._last = Stamp(wall, 0, self.node)
        elif self._last.counter < MAX_COUNTER:
            self._last = Stamp(self._last.milliseconds, self._last.counter + 1, self.node)
        else:
            self._last = Stamp(self._last.milliseconds + 1, 0, self.node)
        return str(self._last)

    def observe(self, remote: str) -> None:
        """Advance past another device's timestamp.

        Raises ClockDriftError if it is more than `MAX_DRIFT_MS` ahead of the wall clock, ValueError if it is
        malformed.
        """
        stamp = parse(remote)
        if stamp.milliseconds - self._wall() > MAX_DRIFT_MS:
            raise ClockDriftError(f"a clock is more than a day ahead of ours: {remote}")
        self._advance(stamp)

    def resume(self, own: str) -> None:
        """Advance past a timestamp in the user's own data, however far it is in the future.

        Raises ValueError as `parse_followable` does.
        """
        self._advance(parse_followable(own))

    @property
    def wall(self) -> int:
        """The wall clock, in milliseconds since 1970."""
        return self._wall()

    @property
    def is_ahead(self) -> bool:
        """Whether other devices would reject this one's timestamps, because its wall clock was days ahead."""
        return self._last.milliseconds - self._wall() > MAX_DRIFT_MS

    def latest_accepted(self) -> str:
        """The latest timestamp that other devices accept."""
        return str(Stamp(self._wall() + MAX_DRIFT_MS, MAX_COUNTER, "z"))

    def rewind(self, last: str) -> None:
        """Reset to `last`. Only safe if no other device has seen any newer timestamp of this one."""
        self._last = parse(last) if last else Stamp(0, 0, self.node)

    def _advance(self, stamp: Stamp) -> None:
        self._last = max(self._last, stamp)

    def _wall(self) -> int:
        return min(int(self._now().timestamp() * 1000), LATEST_MS)

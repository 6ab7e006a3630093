"""Hybrid logical clocks: stamps that order changes made on several devices whose wall clocks disagree.

After Kulkarni, Demirbas et al., "Logical Physical Clocks and Consistent Snapshots" (2014), with one
deviation: the node's name is part of the stamp, so that no two devices ever make the same one.
"""

import re
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

MAX_DRIFT_MS = 24 * 60 * 60 * 1000
"""How far ahead of our clock another device's stamp may be before it is refused, in milliseconds."""

LATEST_MS = 10**13 - 1 - 2 * MAX_DRIFT_MS
"""The end of the clock, in 2286: two days before thirteen digits end, for what follows the last stamp."""

MAX_COUNTER = 0xFFFF
LONGEST_NODE = 32
_FORM = re.compile(r"([0-9]{13})-([0-9a-f]{4})-([0-9a-z]{1,32})")


class ClockDriftError(ValueError):
    """A stamp so far in the future that following it would spoil this device's clock."""


class Stamp(NamedTuple):
    """A stamp taken apart. As text it sorts as it does as a tuple."""

    milliseconds: int  # since 1970, UTC
    counter: int
    node: str

    def __str__(self) -> str:
        return f"{self.milliseconds:013d}-{self.counter:04x}-{self.node}"


@lru_cache(maxsize=1024)  # most fields of a record have the same stamp
def parse(text: str) -> Stamp:
    """The stamp that has this one form. Raises ValueError for any other text, TypeError for what is none."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"not a clock stamp: {text!r}")
    return Stamp(int(match[1]), int(match[2], 16), match[3])


def parse_followable(text: str) -> Stamp:
    """For a stamp to go on from: raises ValueError also where it is so late that none could follow it."""
    stamp = parse(text)
    if stamp.milliseconds > LATEST_MS:
        raise ValueError(f"no clock stamp can follow this one: {text!r}")
    return stamp


def following(text: str) -> str:
    """The first stamp after this one: no clock makes a stamp between the two.

    Where the node has no room for another character, the next counter's first: there one may lie between.
    """
    stamp = parse(text)
    if len(stamp.node) < LONGEST_NODE:
        return f"{text}0"
    if stamp.counter < MAX_COUNTER:
        return str(Stamp(stamp.milliseconds, stamp.counter + 1, "0"))
    return str(Stamp(stamp.milliseconds + 1, 0, "0"))


def new_node() -> str:
    """A random name for this device's clock."""
    return secrets.token_hex(4)


class HybridClock:
    """Makes stamps that only ever grow, whatever the wall clock does."""

    def __init__(self, now: Callable[[], datetime], node: str, last: str | None = None) -> None:
        self.node = node
        self._now = now
        self._last = parse(last) if last else Stamp(0, 0, node)

    @property
    def last(self) -> str:
        """The newest stamp made or seen."""
        return str(self._last)

    def tick(self) -> str:
        """A stamp newer than every one made or seen before."""
        wall = self._wall()
        if wall > self._last.milliseconds:
            self._last = Stamp(wall, 0, self.node)
        elif self._last.counter < MAX_COUNTER:
            self._last = Stamp(self._last.milliseconds, self._last.counter + 1, self.node)
        else:
            self._last = Stamp(self._last.milliseconds + 1, 0, self.node)
        return str(self._last)

    def observe(self, remote: str) -> None:
        """Take note of another device's stamp, so that ours will be newer.

        Raises ClockDriftError if it is more than `MAX_DRIFT_MS` ahead of our clock, ValueError if it is
        no stamp.
        """
        stamp = parse(remote)
        if stamp.milliseconds - self._wall() > MAX_DRIFT_MS:
            raise ClockDriftError(f"a clock is more than a day ahead of ours: {remote}")
        self._advance(stamp)

    def resume(self, own: str) -> None:
        """Go on from a stamp in the user's own data, however far ahead: what follows must be newer.

        Raises ValueError as `parse_followable` does.
        """
        self._advance(parse_followable(own))

    @property
    def wall(self) -> int:
        """The wall clock, in milliseconds since 1970."""
        return self._wall()

    @property
    def is_ahead(self) -> bool:
        """Whether other devices would refuse what this one stamps: the wall clock once was days ahead."""
        return self._last.milliseconds - self._wall() > MAX_DRIFT_MS

    def latest_believed(self) -> str:
        """Every stamp newer than this one other devices refuse."""
        return str(Stamp(self._wall() + MAX_DRIFT_MS, MAX_COUNTER, "z"))

    def rewind(self, last: str) -> None:
        """Forget the stamps after `last`: only for those that no other device has seen."""
        self._last = parse(last) if last else Stamp(0, 0, self.node)

    def _advance(self, stamp: Stamp) -> None:
        self._last = max(self._last, stamp)

    def _wall(self) -> int:
        return min(int(self._now().timestamp() * 1000), LATEST_MS)

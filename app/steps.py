"""Long work split into steps, so that the caller can show progress, run other tasks, and cancel.

Work is a generator: it yields its progress and returns its result. A step takes a few milliseconds. Closing
the generator cancels the work, which leaves everything unchanged.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """`done` of `total` in an arbitrary unit; `total` is 0 if unknown."""

    done: int
    total: int

    @property
    def share(self) -> float | None:
        """The progress from 0 to 1, or None if the total is unknown."""
        return min(1.0, self.done / self.total) if self.total else None


Steps = Generator[Progress, None, T]


def finish(steps: Steps[T]) -> T:
    """Run all steps without pausing."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result


def part(steps: Steps[T], index: int, count: int) -> Steps[T]:
    """Scale the progress to one of `count` equal parts of a longer work; `index` starts at 0."""
    while True:
        try:
            progress = next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        yield Progress(round(1000 * (index + (progress.share or 0))), 1000 * count)

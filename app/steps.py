"""Long work cut into steps, so that whoever runs it can show progress, let others have a turn, and cancel.

Work is a generator: it yields how far it has come and returns its result. A step takes a few milliseconds.
Closing the generator cancels the work, which then leaves everything as it was.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """`done` of `total`, in a unit of the work's own; `total` is 0 while nobody knows it."""

    done: int
    total: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None while the total is not known."""
        return min(1.0, self.done / self.total) if self.total else None


Steps = Generator[Progress, None, T]


def finish(steps: Steps[T]) -> T:
    """Run all steps at once, for callers that nobody waits beside."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result


def part(steps: Steps[T], index: int, count: int) -> Steps[T]:
    """The steps as one of `count` equal parts of a longer work; `index` counts from 0."""
    while True:
        try:
            progress = next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        yield Progress(round(1000 * (index + (progress.share or 0))), 1000 * count)

"""Long work run a little at a time, so that the screens go on: with progress, and a way to cancel it."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from app.steps import Steps, finish
from app.store.backup.backup import BackupError
from app.store.transactions import StorageError
from app.viewmodels.services import AppServices, LongTask, WorkCancelledError

T = TypeVar("T")

TURN = 0.02  # seconds of work between two turns of the event loop
SHOWN_EVERY = 0.2  # seconds
SHORT = 200  # things that are written in less time than it takes to show a screen
SCREEN_CHANGE = 0.05  # seconds


async def run(steps: Steps[T], work: LongTask) -> T:
    """The result of the steps, with progress in `work`; raises WorkCancelledError once that is cancelled.

    In a browser there is no other thread to work in, so the steps take turns with the event loop everywhere.
    """
    shown = 0.0
    try:
        while not work.cancelled:
            began = time.perf_counter()
            progress = next(steps)
            while time.perf_counter() - began < TURN:
                progress = next(steps)
            if began - shown > SHOWN_EVERY:
                work.share, shown = progress.share, began
            await asyncio.sleep(0)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        steps.close()
    raise WorkCancelledError


async def write(app: AppServices, title: str, steps: Steps[T], size: int) -> T:
    """Run steps that write `size` things, as the only thing that uses the store.

    While it takes long, a screen with its progress is shown in the place of all others, and sync waits.
    Raises WorkCancelledError, and whatever the steps raise, with nothing changed.
    """
    if size <= SHORT:
        return finish(steps)
    work = app.long_task(title)
    app.work = work
    try:
        # The screens that go save what was typed in them; after that, the store is closed to them.
        await asyncio.sleep(SCREEN_CHANGE)
        async with app.sync.paused():
            return await run(steps, work)
    finally:
        app.work = None


class ScreenWork:
    """The work that a screen has under way: one at a time, the newest."""

    def __init__(self, app: AppServices) -> None:
        self._app = app
        self._work: LongTask | None = None
        self.show: Callable[[LongTask | None], None] = lambda _work: None

    def start(
        self,
        title: str,
        steps: Steps[T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        on_cancel: Callable[[], None] = lambda: None,
    ) -> None:
        """Run the steps in the place of those that are under way."""
        self.stop()
        self._work = work = self._app.long_task(title)
        self.show(work)
        self._app.run_task(self._run, work, steps, on_done, on_error, on_cancel)

    def stop(self) -> None:
        """The screen goes, or needs something else: nobody waits for the result any more."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()

    async def _run(
        self,
        work: LongTask,
        steps: Steps[T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        on_cancel: Callable[[], None],
    ) -> None:
        try:
            result = await run(steps, work)
        except WorkCancelledError:
            self._end(work, on_cancel)
        except (BackupError, StorageError) as error:
            self._end(work, partial(on_error, error))
        else:
            self._end(work, partial(on_done, result))

    def _end(self, work: LongTask, tell: Callable[[], None]) -> None:
        if self._work is work:
            self._work = None
            self.show(None)
            tell()

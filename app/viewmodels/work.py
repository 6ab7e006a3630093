"""Long operations run in small steps, so that the UI stays responsive, with progress and cancellation."""

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

TIME_SLICE = 0.02  # seconds of work before yielding to the event loop
PROGRESS_INTERVAL = 0.2  # seconds between progress updates
SHORT = 200  # records; fewer are written faster than a progress screen appears
SCREEN_CLOSE_DELAY = 0.05  # seconds until replaced screens have saved their input


async def run(steps: Steps[T], work: LongTask) -> T:
    """Run the steps and return their result, with progress in `work`. Raises WorkCancelledError.

    Browsers offer no second thread, so the steps share the event loop on every platform.
    """
    shown = 0.0
    try:
        while not work.cancelled:
            began = time.perf_counter()
            progress = next(steps)
            while time.perf_counter() - began < TIME_SLICE:
                progress = next(steps)
            if began - shown > PROGRESS_INTERVAL:
                work.share, shown = progress.share, began
            await asyncio.sleep(0)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        steps.close()
    raise WorkCancelledError


async def write(app: AppServices, title: str, steps: Steps[T], size: int) -> T:
    """Run steps that write `size` records, with exclusive use of the store.

    If they take long, a progress screen replaces all others, and sync is paused. Raises WorkCancelledError
    and the exceptions of the steps; nothing is changed then.
    """
    if size <= SHORT:
        return finish(steps)
    work = app.long_task(title)
    app.work = work
    try:
        # Closing screens save what was typed in them; afterwards they must not use the store.
        await asyncio.sleep(SCREEN_CLOSE_DELAY)
        async with app.sync.paused():
            return await run(steps, work)
    finally:
        app.work = None


class ScreenWork:
    """The long operation of one screen; starting another cancels the previous one."""

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
        """Cancel the operation under way, if any, and run these steps."""
        self.stop()
        self._work = work = self._app.long_task(title)
        self.show(work)
        self._app.run_task(self._run, work, steps, on_done, on_error, on_cancel)

    def stop(self) -> None:
        """Cancel the operation; its callbacks are not called."""
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

    def _end(self, work: LongTask, callback: Callable[[], None]) -> None:
        if self._work is work:
            self._work = None
            self.show(None)
            callback()

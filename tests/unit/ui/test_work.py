"""Long tasks: the event loop keeps running, progress is visible, and cancelling changes nothing."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from app.domain.entities import Client
from app.importexport.jobs_in import MOST
from app.steps import Progress, Steps, finish
from app.store import queries
from app.store.backup import backup
from app.store.transactions import StorageError
from app.ui.state import AppState
from app.viewmodels import data as data_model
from app.viewmodels import file_import as bring_in
from app.viewmodels import work
from app.viewmodels.file_import import Source
from app.viewmodels.services import LongTask, WorkCancelledError
from tests.unit.ui.support import open_app, said

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
MANY = 3 * work.SHORT
LONGEST_TURN = 1.0  # seconds of CPU time: twenty times the usual


def backup_of(count: int) -> bytes:
    """A backup made on another device."""
    other = open_app(lambda: NOW)
    other.store.save(*(Client(id=f"c{n}", name=f"Client {n}") for n in range(count)))
    data = backup.to_bytes(backup.export(other.store, NOW))
    other.store.close()
    return data


def counting(total: int, pause: float = 0.0) -> Steps[str]:
    for done in range(total):
        time.sleep(pause)
        yield Progress(done, total)
    return "counted"


async def watch_event_loop(watch: Callable[[], None]) -> None:
    """Call `watch` in every turn of the event loop; fail if a turn takes LONGEST_TURN or longer."""
    while True:
        began = time.thread_time()
        await asyncio.sleep(0)
        assert time.thread_time() - began < LONGEST_TURN
        watch()


def test_other_tasks_run_during_long_work_and_see_its_progress() -> None:
    under_way = LongTask("Counting…")
    shares: list[float | None] = []

    async def both() -> str:
        watcher = asyncio.create_task(watch_event_loop(lambda: shares.append(under_way.share)))
        result = await work.run(counting(1_000, pause=0.0005), under_way)
        watcher.cancel()
        return result

    assert asyncio.run(both()) == "counted"
    assert len(shares) > 10
    seen = [share for share in shares if share is not None]
    assert seen == sorted(seen)
    assert len(set(seen)) > 1


def test_cancelled_work_is_closed() -> None:
    under_way, closed = LongTask("Waiting…"), []

    def endless() -> Steps[None]:
        try:
            while True:
                yield Progress(0, 0)
        finally:
            closed.append(True)

    async def both() -> None:
        asyncio.get_running_loop().call_soon(under_way.cancel)
        await work.run(endless(), under_way)

    with pytest.raises(WorkCancelledError):
        asyncio.run(both())
    assert closed == [True]


def test_a_large_restore_shows_progress_and_never_a_partial_state(app: AppState, ana: Client) -> None:
    checked = finish(backup.check(backup_of(MANY)))
    seen: list[tuple[bool, int]] = []

    def look() -> None:
        with suppress(StorageError):  # availability is covered by another test
            seen.append((app.work is not None, len(queries.clients(app.store))))

    async def both() -> None:
        syncing = asyncio.create_task(app.sync.run())
        watcher = asyncio.create_task(watch_event_loop(look))
        await data_model.restore(app, checked)
        look()
        assert not syncing.done()
        syncing.cancel()
        watcher.cancel()

    asyncio.run(both())
    assert said(app).text == "Backup restored"
    assert app.work is None
    assert {count for _shown, count in seen} == {1, MANY}
    assert (True, 1) in seen


def test_a_cancelled_restore_changes_nothing_and_says_so(app: AppState, ana: Client) -> None:
    checked = finish(backup.check(backup_of(MANY)))

    def cancel() -> None:
        if app.work is not None:
            app.work.cancel()

    async def both() -> None:
        watcher = asyncio.create_task(watch_event_loop(cancel))
        await data_model.restore(app, checked)
        watcher.cancel()

    asyncio.run(both())
    assert said(app).text == "Cancelled. Nothing was changed."
    assert [client.id for client in queries.clients(app.store)] == [ana.id]
    assert app.work is None


def test_many_imported_jobs_are_added_with_progress_and_undone(app: AppState) -> None:
    rows = "".join(f"Job {n},Ana\n" for n in range(MANY))
    seen = finish(bring_in.preview(app, Source.JOBS, f"Job,Client\n{rows}".encode(), None))
    shown: list[LongTask | None] = []

    async def both() -> bool:
        watcher = asyncio.create_task(watch_event_loop(lambda: shown.append(app.work)))
        added = await bring_in.add(app, seen.found, "")
        watcher.cancel()
        return added

    assert asyncio.run(both())
    assert {each.title for each in shown if each} == {f"Adding {MANY} jobs…"}
    assert len(queries.all_jobs(app.store)) == MANY < MOST
    said(app).undo()
    assert queries.all_jobs(app.store) == []

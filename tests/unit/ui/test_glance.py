"""The glance stored for the page: its contents, when it is stored, and when there is none."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import i18n
from app.domain.codes import ChannelKind, Direction
from app.domain.entities import Client, Job, Message, Part, Settings, StatusUpdate
from app.platform.native import NativePlatform
from app.store.database import open_database
from app.store.store import Store
from app.ui import glance
from app.ui.state import AppState

ICONS_JS = Path(__file__).parents[3] / "assets" / "web" / "page" / "icons.js"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Shelf(NativePlatform):
    """A device that records each glance stored on it."""

    def __init__(self) -> None:
        self.left: list[Mapping[str, object] | None] = []

    def leave_glance(self, glance: Mapping[str, object] | None) -> None:
        self.left.append(glance)


class Screen:
    width = 390
    route = "/"


@pytest.fixture
def app() -> Iterator[AppState]:
    store = Store(open_database(":memory:"), lambda: NOW)
    store.save(Settings(time_zone="Asia/Tokyo", language="en", introduced=True))
    page: Any = Screen()
    yield AppState(page, store, Shelf(), lambda: NOW)
    i18n.use_language("en")
    store.close()


def left(app: AppState) -> dict[str, Any]:
    """The glance as the page receives it."""
    found: dict[str, Any] = json.loads(json.dumps(glance.glance(app)))
    return found


def instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def add_message(app: AppState, **fields: Any) -> Message:
    app.store.save(Client(id="ana", name="Ana"))
    message = Message(**({"client_id": "ana", "at": NOW - HOUR, "summary": "The logo"} | fields))
    app.store.save(message)
    return message


def test_a_row_has_name_title_and_due_time_for_every_stage(app: AppState) -> None:
    message = add_message(app)
    (thing,) = left(app)["things"]
    assert (thing["name"], thing["title"]) == ("Ana", "The logo")
    assert thing["address"] == f"/message/{message.id}"
    assert [
        ((instant(stage["since"]) - NOW) / HOUR, stage["state"], stage["by"]) for stage in thing["stages"]
    ] == [
        (0, "calm", "by {when} · {left}"),
        (11, "half", "by {when} · {left}"),
        (22, "hour", "by {when} · {left}"),
        (23, "overdue", "since {when} · {left}"),
    ]
    assert {stage["what"] for stage in thing["stages"]} == {"Reply: The logo"}
    assert {instant(stage["due"]) for stage in thing["stages"]} == {NOW + 23 * HOUR}


def test_a_row_shows_the_channel_of_its_message_and_holds_no_address(app: AppState) -> None:
    mail = {"kind": "email", "handle": "ana@example.com"}
    add_message(app, channel="email")
    (thing,) = left(app)["things"]
    assert thing["channel"] == {"icon": "mail", "label": "E-mail", "opens": False}
    app.store.save(Client(id="ana", name="Ana", channels=[mail]))
    (thing,) = left(app)["things"]
    assert thing["channel"] == {"icon": "mail", "label": "Write an e-mail", "opens": True}
    assert "ana@example.com" not in json.dumps(left(app))


def test_a_row_of_a_client_without_a_channel_has_no_channel(app: AppState) -> None:
    job = Job(client_id="ana", title="Shop", status="in_progress", started_at=NOW, deadline=NOW + 2 * DAY)
    app.store.save(Client(id="ana", name="Ana"), job)
    assert [thing["channel"] for thing in left(app)["things"]] == [None]


@pytest.mark.parametrize("kind", ChannelKind)
def test_the_page_has_an_icon_for_every_channel(app: AppState, kind: str) -> None:
    add_message(app, channel=kind)
    (thing,) = left(app)["things"]
    assert f"\n  {thing['channel']['icon']}:" in ICONS_JS.read_text(encoding="utf-8")


def test_the_glance_has_the_label_of_search(app: AppState) -> None:
    assert left(app)["words"]["search"] == "Search"


def test_a_deadline_row_goes_from_own_to_clients_deadline_and_opens_the_job(app: AppState) -> None:
    job = Job(
        client_id="ana", title="Shop", status="in_progress", started_at=NOW - DAY, deadline=NOW + 9 * DAY
    )
    part = Part(job_id=job.id, title="Texts", due_at=NOW + 4 * DAY)
    app.store.save(Client(id="ana", name="Ana"), job, part)
    (first, second) = left(app)["things"]
    assert (first["address"], second["address"]) == (f"/job/{job.id}?at={part.id}", f"/job/{job.id}")
    says = [stage["what"] for stage in first["stages"]]
    assert says[0] == "Your own deadline: Shop · Texts"
    assert says[-1] == "Client's deadline: Shop · Texts"


def test_a_row_not_yet_in_the_list_has_a_first_stage_without_a_kind(app: AppState) -> None:
    add_message(app, direction=Direction.OUT, needs_reply=True)
    (thing,) = left(app)["things"]
    waiting, due = thing["stages"]
    assert "kind" not in waiting
    assert due["kind"] == "follow_up"
    assert thing["name"] == "Ana"


def test_a_job_that_no_longer_fits_is_named_and_opens_the_workload(app: AppState) -> None:
    assert left(app)["notice"] is None
    soon = {"status": "in_progress", "started_at": NOW - DAY, "deadline": NOW + 2 * DAY}
    app.store.save(Job(client_id="ana", title="Shop", estimate_minutes=9000, **soon))
    assert left(app)["notice"] == {
        "address": "/workload/week",
        "label": "1 thing no longer fits. Say so today: Shop",
        "title": "1 thing no longer fits",
        "text": "Say so today: Shop",
    }


def test_a_suggested_update_opens_its_script(app: AppState) -> None:
    shop = Job(client_id="ana", title="Shop", status="in_progress", started_at=NOW - 90 * DAY)
    app.store.save(shop, Client(id="ana", name="Ana"))
    for days in (40, 30, 20):
        app.store.save(StatusUpdate(client_id="ana", at=NOW - days * DAY, text="Half done"))
        add_message(app, at=NOW - (days - 2) * DAY, kind="check-in", replied_at=NOW - (days - 2) * DAY)
    (update,) = left(app)["updates"]
    assert update["address"] == f"/job/{shop.id}/script/progress-update"
    assert update["title"] == "Tell Ana how “Shop” is going"
    assert update["text"].startswith("In three months: 3 check-ins, usually")


def test_the_glance_has_a_label_for_each_number_of_snoozed_rows(app: AppState) -> None:
    add_message(app, snoozed_until=NOW + HOUR)
    add_message(app, snoozed_until=NOW + 2 * HOUR)
    found = left(app)
    assert found["snoozed"] == ["1 snoozed", "2 snoozed"]
    assert [[stage["snoozed"] for stage in thing["stages"][:2]] for thing in found["things"]] == [
        [True, False],
        [True, False],
    ]


def test_the_glance_is_in_the_users_language_and_zone(app: AppState) -> None:
    app.store.save(Settings(time_zone="Asia/Tokyo", language="fr", introduced=True))
    found = left(app)
    assert (found["language"], found["zone"]) == ("fr", "Asia/Tokyo")
    assert found["words"]["today"] == i18n._("Today") != "Today"


def test_an_empty_today_says_so_and_offers_a_first_action_without_clients(app: AppState) -> None:
    assert left(app)["empty"]["action"] == "Note the first message"
    app.store.save(Client(name="Ana"))
    assert left(app)["empty"] | {"text": ""} == {
        "title": "Nothing waits for you today",
        "text": "",
        "action": "",
    }


def test_the_glance_stays_below_64_kb_with_many_messages(app: AppState) -> None:
    for hours in range(60):
        add_message(app, at=NOW - hours * HOUR, summary="x" * 100)
    found = left(app)
    assert len(found["things"]) == glance.LIMIT
    assert instant(found["things"][0]["stages"][0]["due"]) == NOW - 35 * HOUR
    assert len(json.dumps(found)) < 64_000


def test_there_is_no_glance_before_the_first_run_or_with_a_broken_database(app: AppState) -> None:
    app.broken = "corrupt"
    assert glance.glance(app) is None
    app.broken = None
    app.store.wipe()
    assert glance.glance(app) is None


@pytest.fixture
def shelf(app: AppState, monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, object] | None]:
    monkeypatch.setattr(glance, "START", timedelta(0))
    monkeypatch.setattr(glance, "PAUSE", timedelta(0))
    assert isinstance(app.platform, Shelf)
    return app.platform.left


def play(app: AppState, act: Callable[[], object]) -> None:
    """Run the glance task: wait for the first glance, act, then wait for the next one."""

    async def run() -> None:
        task = asyncio.create_task(glance.keep(app))
        await turns()
        act()
        await turns()
        task.cancel()

    asyncio.run(run())


async def turns() -> None:
    for _turn in range(10):
        await asyncio.sleep(0)


def test_a_change_removes_the_glance_at_once_and_stores_a_new_one(
    app: AppState, shelf: list[Mapping[str, Any] | None]
) -> None:
    play(app, lambda: add_message(app))
    before, *gone, after = shelf
    assert before is not None
    assert after is not None
    assert gone
    assert set(gone) == {None}
    assert [len(each["things"]) for each in (before, after)] == [0, 1]


def test_wiping_the_data_removes_the_glance(app: AppState, shelf: list[Mapping[str, Any] | None]) -> None:
    add_message(app)
    play(app, app.store.wipe)
    first, *rest = shelf
    assert first is not None
    assert len(first["things"]) == 1
    assert rest
    assert set(rest) == {None}

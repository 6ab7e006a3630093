"""Reminder texts, and what an open app does: shows notifications, sets the badge, applies answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app import i18n
from app.domain.codes import Direction
from app.domain.entities import Client, Job, Message, Part, Settings
from app.i18n import Formatter
from app.platform.base import NotificationAnswer, NotificationCapability, PushSubscription
from app.platform.native import FileVault, NativePlatform, Silent
from app.reminders import wording
from app.reminders.triggers import ReminderKind, ReminderTrigger
from app.store.database import open_database
from app.store.store import Store
from app.ui.state import AppState
from app.viewmodels import notifications as model
from app.viewmodels.reminder_scheduler import ReminderScheduler
from tests.unit.store.support import Clock

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
EN = Formatter("en", ZoneInfo("UTC"))
ANA = Client(id="ana", name="Ana")


# --- texts -------------------------------------------------------------------------------------------------


def trigger(rule: ReminderKind, due: datetime = NOW + 5 * HOUR, **about: Any) -> ReminderTrigger:
    return ReminderTrigger(rule, "thing", NOW, due, due, "ana", **about)


def test_a_reminder_names_the_client_the_matter_and_the_time() -> None:
    said = wording.reminder(trigger(ReminderKind.REPLY_HALF, message=Message(summary="The invoice")), ANA, EN)
    assert (said.title, said.body) == ("Reply to Ana by 5\u202fPM", "The invoice")
    assert said.actions == (("replied", "Replied"), ("snooze", "Snooze 1 h"))


def test_a_reminder_about_another_day_names_the_date() -> None:
    job, part = Job(title="Site"), Part(title="Draft")
    said = wording.reminder(
        trigger(ReminderKind.DEADLINE_EVE, NOW + timedelta(days=1), job=job, part=part), ANA, EN
    )
    assert (said.title, said.body) == ("Deadline for Ana: Thu, Nov 26 at 12\u202fPM", "Site · Draft")
    assert [action for action, _ in said.actions] == ["snooze"]


def test_a_follow_up_reminder_has_a_they_answered_button() -> None:
    sent = Message(summary="The quote", direction=Direction.OUT)
    said = wording.reminder(trigger(ReminderKind.FOLLOW_UP, message=sent), ANA, EN)
    assert said.title == "No answer from Ana yet"
    assert said.actions[0] == ("replied", "They answered")


@pytest.mark.parametrize("rule", ReminderKind)
def test_every_reminder_kind_has_a_complete_text_of_limited_length(rule: ReminderKind) -> None:
    long = Message(summary="請求書の件 {when} " * 100)
    for about in ({}, {"message": long}):
        said = wording.reminder(trigger(rule, **about), Client(name="山田{name}"), EN)
        assert said.title
        assert "{matter}" not in said.title + said.body
        assert len((said.title + said.body).encode()) < 1000


# --- the reminder scheduler --------------------------------------------------------------------------------


@dataclass
class Shown(Silent):
    """Notifications of a device that can show them; records what is shown."""

    capability: NotificationCapability = field(
        default_factory=lambda: NotificationCapability("push", "granted")
    )
    displayed: list[Mapping[str, Any]] = field(default_factory=list)
    badges: list[int] = field(default_factory=list)
    kept_answers: list[NotificationAnswer] = field(default_factory=list)

    async def state(self) -> NotificationCapability:
        return self.capability

    async def ask(self) -> NotificationCapability:
        self.capability = NotificationCapability("push", "granted")
        return self.capability

    async def subscribe(self, key: str) -> PushSubscription | None:
        raise AssertionError("there is no server to be rung by")

    def show(self, notification: Mapping[str, object]) -> None:
        self.displayed.append(notification)

    def badge(self, count: int) -> None:
        self.badges.append(count)

    async def answers(self) -> list[NotificationAnswer]:
        return list(self.kept_answers)

    async def forget(self, answers: Sequence[NotificationAnswer]) -> None:
        self.kept_answers = [each for each in self.kept_answers if each not in answers]

    async def forget_everything(self) -> None:
        self.kept_answers = []


class Browser(NativePlatform):
    def __init__(self, folder: Path) -> None:
        self.shows = Shown()
        self._folder = folder

    @property
    def notifications(self) -> Shown:
        return self.shows

    @property
    def vault(self) -> FileVault:
        return FileVault(self._folder)


class Screen:
    width = 390
    route = "/"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[AppState]:
    store = Store(open_database(":memory:"), clock)
    store.save(Settings(introduced=True), Client(id="ana", name="Ana"))
    page: Any = Screen()
    yield AppState(page, store, Browser(tmp_path), clock)
    i18n.use_language("en")
    store.close()


def shows(app: AppState) -> Shown:
    found: Any = app.platform.notifications
    return found


def add_owed_message(app: AppState, due: datetime) -> None:
    app.store.save(Message(id="m", client_id="ana", summary="Invoice", at=NOW - HOUR, due_at=due))


def run_while_open(
    app: AppState, story: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.viewmodels.reminder_scheduler.PAUSE", timedelta())

    async def play() -> None:
        scheduler = asyncio.create_task(ReminderScheduler(app).run())
        await story()
        scheduler.cancel()

    asyncio.run(asyncio.wait_for(play(), 20))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the condition has no event to wait for
        await asyncio.sleep(0.005)


def test_an_open_app_shows_a_notification_when_due_and_counts_it_in_the_badge(
    app: AppState, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        add_owed_message(app, NOW + 3 * HOUR)
        await until(lambda: shows(app).badges == [0])
        clock.forward(hours=2, minutes=1)
        app.store.save(Client(id="bo", name="Bo"))  # any change makes the scheduler check again
        await until(lambda: bool(shows(app).displayed))
        assert shows(app).badges[-1] == 1

    run_while_open(app, story, monkeypatch)
    [shown] = shows(app).displayed
    assert shown["title"].startswith("Almost due: reply to Ana by")
    assert (shown["path"], shown["item"]) == ("/message/m", ["message", "m"])


@pytest.mark.parametrize("why", ["denied", "turned off"])
def test_no_notification_is_shown_when_denied_or_turned_off(
    app: AppState, clock: Clock, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    async def story() -> None:
        if why == "denied":
            shows(app).capability = NotificationCapability("push", "denied")
        else:
            await model.turn_off(app)
        add_owed_message(app, NOW + 3 * HOUR)
        await until(lambda: bool(shows(app).badges))
        clock.forward(hours=2, minutes=1)
        app.store.save(Client(id="bo", name="Bo"))
        await until(lambda: shows(app).badges[-1] == 1)

    run_while_open(app, story, monkeypatch)
    assert not shows(app).displayed


def test_turning_reminders_off_is_stored_and_turning_them_on_asks_for_permission(app: AppState) -> None:
    async def story() -> None:
        assert await model.is_on(app, await shows(app).state())
        await model.turn_off(app)
        assert not await model.is_on(app, await shows(app).state())
        shows(app).capability = NotificationCapability("push", "default")
        assert (await model.turn_on(app)).permission == "granted"
        assert await model.is_on(app, await shows(app).state())

    asyncio.run(story())


def test_answers_given_while_the_app_was_closed_are_applied_when_it_opens(
    app: AppState, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = f"{int(NOW.timestamp() * 1000) + 60_000:013d}-0000-sw"
    values = {"item": ["message", "m"], "action": "replied", "at": NOW.isoformat(), "until": None}
    add_owed_message(app, NOW + HOUR)
    shows(app).kept_answers = [
        NotificationAnswer("a", {name: [value, stamp] for name, value in values.items()})
    ]

    async def story() -> None:
        await until(lambda: not shows(app).kept_answers)

    run_while_open(app, story, monkeypatch)
    answered = app.store.get(Message, "m")
    assert answered is not None
    assert answered.replied_at == NOW


def test_the_service_worker_gets_its_fallback_text_in_the_users_language(
    app: AppState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        app.store.save(Settings(introduced=True, language="ja"))
        await until((tmp_path / model.UNREADABLE).exists)

    run_while_open(app, story, monkeypatch)
    assert json.loads((tmp_path / model.UNREADABLE).read_bytes())["lang"] == "ja"


def test_a_test_notification_without_an_account_is_shown_at_once(app: AppState) -> None:
    asyncio.run(model.ring_once(app, NotificationCapability("push", "granted")))
    assert shows(app).displayed[0]["title"] == "Kaeru can ring here"

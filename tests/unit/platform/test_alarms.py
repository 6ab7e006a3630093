"""Reminders as alarms: what the phone's system is told, as it arrives at Flet's end of the line."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from flet_notifications import LocalNotifications

from app.domain.entities import Client, Message, Settings
from app.platform import alarms as module
from app.platform.base import Alarm
from app.platform.phone import STORAGE, PhonePlatform
from app.store.clock import parse
from app.store.database import open_database
from app.store.store import Store
from app.ui import i18n
from app.ui.notifications import model
from app.ui.notifications.bell import Bell
from app.ui.state import AppState
from tests.unit.platform.screen import Screen

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
KNOWN = "1795500000000-0007-0a1b2c3d"


class System:
    """Android's or iOS's alarms, behind flutter_local_notifications; `asked` is all it was told to change."""

    def __init__(self) -> None:
        self.pending: dict[int, dict[str, Any]] = {}
        self.asked: list[tuple[str, int]] = []
        self.allowed, self.exact, self.agrees = True, True, True
        self.refused: set[str] = set()  # titles, and names of what it cannot do
        self.channel: dict[str, Any] = {}

    def __call__(self, name: str, arguments: dict[str, Any]) -> Any:
        if {name, arguments.get("title")} & self.refused:
            return "error:unsupported_platform:not here"
        if name in {"schedule", "cancel", "show"}:
            self.asked.append((name, arguments["id"]))
        if name == "schedule":
            self.pending[arguments["id"]] = arguments
        elif name == "create_notification_channel":
            self.channel = arguments
        elif name == "cancel":
            self.pending.pop(arguments["id"], None)
        elif name == "get_pending":
            return json.dumps([{"id": id_, "payload": each["payload"]} for id_, each in self.pending.items()])
        elif name == "request_permissions":
            self.allowed = self.agrees
        elif name == "request_exact_alarm_permission":
            self.exact = self.agrees
        answers = {
            "are_notifications_enabled": self.allowed,
            "request_permissions": self.allowed,
            "can_schedule_exact_notifications": self.exact,
            "request_exact_alarm_permission": self.exact,
        }
        return str(answers[name]).lower() if name in answers else "ok"

    def told(self) -> list[str]:
        """What it was told since it was last asked this."""
        told, self.asked = [name for name, _id in self.asked], []
        return told

    def times(self) -> list[datetime]:
        return sorted(datetime.fromisoformat(each["when"]["iso"]) for each in self.pending.values())


class Phone:
    """One process of the app on a phone whose system outlives it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.screen = Screen(LocalNotifications=system, SecureStorage=self.keep)
        self.platform = PhonePlatform()

    async def start(self) -> "Phone":
        async def nothing() -> None:
            pass

        await self.platform.attach(self.screen.page, nothing, lambda: None)
        self.notifications = self.platform._notifications
        self.notifications._now = lambda: NOW
        return self

    def keep(self, name: str, _arguments: dict[str, Any]) -> None:
        raise RuntimeError(f"the keystore is locked: {name}")

    async def press(self, action: str, payload: str) -> None:
        """As the plug-in tells of it: at once, or as soon as the app that it started listens."""
        (service,) = (
            each for each in self.screen.page._services._services if isinstance(each, LocalNotifications)
        )
        event = {"id": 1, "action_id": action, "payload": payload, "response_type": "action"}
        await self.screen.happen(service, "action" if action else "tap", event)


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("KAERU_DATA", raising=False)
    monkeypatch.setenv(STORAGE, str(tmp_path))
    return tmp_path


def play(story: Callable[[Phone], Awaitable[None]]) -> System:
    system = System()

    async def run() -> None:
        await story(await Phone(system).start())

    asyncio.run(run())
    return system


def alarm(key: str, hours: float) -> Alarm:
    actions = [{"action": "replied", "title": "Replied"}, {"action": "snooze", "title": "Snooze 1 h"}]
    notification = {
        "title": key, "body": "", "actions": actions, "tag": key, "path": f"/message/{key}",
        "item": ["message", key], "badge": 2, "clock": KNOWN,
    }  # fmt: skip
    return Alarm(key, NOW + hours * HOUR, notification)


def test_the_plan_becomes_alarms_with_words_buttons_and_what_comes_back() -> None:
    async def story(phone: Phone) -> None:
        await phone.notifications.set_alarms([alarm("aoki", 2)])

    (set_,) = play(story).pending.values()
    assert set_["title"] == "aoki"
    assert datetime.fromisoformat(set_["when"]["iso"]) == NOW + 2 * HOUR
    assert set_["schedule_mode"] == "exactAllowWhileIdle"
    # Python does not run while the app is closed: the answer must open it.
    assert [(each["id"], each["foreground"]) for each in set_["actions"]] == [
        ("replied", True), ("snooze", True),
    ]  # fmt: skip
    assert json.loads(set_["payload"]) == {
        "path": "/message/aoki", "item": ["message", "aoki"], "clock": KNOWN,
    }  # fmt: skip


def test_only_what_differs_is_told() -> None:
    async def story(phone: Phone) -> None:
        plan = [alarm("a", 1), alarm("b", 2), alarm("c", 3)]
        await phone.notifications.set_alarms(plan)
        assert phone.system.told() == ["schedule"] * 3
        await phone.notifications.set_alarms(plan)
        assert phone.system.told() == []
        await phone.notifications.set_alarms([*plan[:2], alarm("d", 4)])
        assert sorted(phone.system.told()) == ["cancel", "schedule"]
        await phone.notifications.set_alarms([])
        assert phone.system.told() == ["cancel"] * 3

    assert play(story).pending == {}


def test_the_nearest_are_set_as_far_as_the_system_holds_them_and_refilled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST", 64)

    async def story(phone: Phone) -> None:
        plan = [alarm(str(hour), hour) for hour in range(100, 0, -1)]
        await phone.notifications.set_alarms(plan)
        assert phone.system.times() == [NOW + hour * HOUR for hour in range(1, 65)]
        phone.system.told()
        for rung in [id_ for id_, each in phone.system.pending.items() if int(each["title"]) <= 10]:
            del phone.system.pending[rung]
        phone.notifications._now = lambda: NOW + 10.5 * HOUR
        await phone.notifications.set_alarms([each for each in plan if each.at > NOW + 10.5 * HOUR])
        assert phone.system.told() == ["schedule"] * 10
        assert phone.system.times() == [NOW + hour * HOUR for hour in range(11, 75)]

    play(story)


def test_after_the_process_ended_all_are_set_anew_and_stale_ones_go() -> None:
    """A forced stop takes Android's alarms away but not the plug-in's list of them; a reboot does not."""
    system = System()

    async def run() -> None:
        first = await Phone(system).start()
        await first.notifications.set_alarms([alarm("a", 1), alarm("b", 2)])
        system.told()
        second = await Phone(system).start()
        await second.notifications.set_alarms([alarm("a", 1), alarm("c", 3)])
        assert sorted(system.told()) == ["cancel", "schedule", "schedule"]
        await second.notifications.set_alarms([alarm("a", 1), alarm("c", 3)])
        assert system.told() == []

    asyncio.run(run())
    assert len(system.pending) == 2


def test_an_alarm_that_is_refused_keeps_no_other_from_ringing_and_is_tried_again() -> None:
    async def story(phone: Phone) -> None:
        plan = [alarm("a", 1), alarm("b", 2), alarm("c", 3)]
        phone.system.refused = {"b"}
        await phone.notifications.set_alarms(plan)
        assert phone.system.times() == [NOW + HOUR, NOW + 3 * HOUR]
        phone.system.refused = set()
        phone.system.told()
        await phone.notifications.set_alarms(plan)
        assert phone.system.told() == ["schedule"]

    assert len(play(story).pending) == 3


def test_a_system_that_does_not_answer_is_an_os_error_and_keeps_what_it_has() -> None:
    async def story(phone: Phone) -> None:
        await phone.notifications.set_alarms([alarm("a", 1)])
        phone.system.refused = {"get_pending"}
        with pytest.raises(OSError, match="not here"):
            await phone.notifications.set_alarms([alarm("b", 2)])

    assert [each["title"] for each in play(story).pending.values()] == ["a"]


def test_what_is_over_by_then_is_not_set() -> None:
    async def story(phone: Phone) -> None:
        await phone.notifications.set_alarms([alarm("late", -1), alarm("next", 1)])

    assert [each["title"] for each in play(story).pending.values()] == ["next"]


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A phone set to Tokyo's time."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_another_time_zone_moves_no_alarm() -> None:
    async def story(phone: Phone) -> None:
        tokyo = timezone(9 * HOUR)
        await phone.notifications.set_alarms([alarm("a", 1)])
        phone.system.told()
        there = [alarm("a", 1), alarm("b", 2)]
        await phone.notifications.set_alarms(
            [Alarm(each.key, each.at.astimezone(tokyo), each.notification) for each in there]
        )
        assert phone.system.told() == ["schedule"]

    system = play(story)
    assert system.times() == [NOW + HOUR, NOW + 2 * HOUR]
    assert all(each["when"]["utc_offset_seconds"] == 0 for each in system.pending.values())


def test_permission_is_asked_when_told_to_and_not_at_the_start() -> None:
    async def story(phone: Phone) -> None:
        phone.system.allowed = phone.system.exact = False
        service = phone.notifications._service
        assert not service.request_alert_permission
        assert (await phone.notifications.state()).permission == "default"
        phone.system.agrees = False
        assert (await phone.notifications.ask()).permission == "denied"
        phone.system.agrees = True
        ringing = await phone.notifications.ask()
        assert (ringing.possible, ringing.permission, ringing.punctual) == ("alarms", "granted", False)

    play(story)


def test_without_leave_to_be_exact_they_ring_about_then_and_exactly_once_there_is() -> None:
    async def story(phone: Phone) -> None:
        phone.system.exact = False
        await phone.notifications.set_alarms([alarm("a", 1)])
        assert [each["schedule_mode"] for each in phone.system.pending.values()] == ["inexactAllowWhileIdle"]
        assert (await phone.notifications.ask_punctual()).punctual
        await phone.notifications.set_alarms([alarm("a", 1)])
        assert [each["schedule_mode"] for each in phone.system.pending.values()] == ["exactAllowWhileIdle"]

    play(story)


def test_no_push_rings_what_rings_here() -> None:
    async def story(phone: Phone) -> None:
        assert await phone.notifications.subscribe("key") is None
        assert not (await phone.notifications.state()).subscribed

    play(story)


def test_an_answer_is_newer_than_what_the_plan_knew() -> None:
    async def story(phone: Phone) -> None:
        payload = json.dumps({"item": ["message", "aoki"], "clock": KNOWN})
        await phone.press("snooze", payload)
        await phone.press("unknown", payload)
        await phone.press("replied", "no JSON")
        (answer,) = await phone.notifications.answers()
        assert answer.fields["item"][0] == ["message", "aoki"]
        assert answer.fields["until"][0] == (NOW + HOUR).isoformat()
        assert all(parse(stamp) > parse(KNOWN) for _value, stamp in answer.fields.values())
        await phone.notifications.forget([answer])
        assert await phone.notifications.answers() == []

    play(story)


def test_a_stamp_from_the_future_is_followed() -> None:
    ahead = "1999999999999-ffff-0a1b2c3d"
    assert parse(module.stamp_after(ahead, NOW)) > parse(ahead)
    assert parse(module.stamp_after("", NOW)).milliseconds == int(NOW.timestamp() * 1000)


def test_a_tap_that_started_the_app_leads_there_once_it_listens() -> None:
    async def story(phone: Phone) -> None:
        await phone.press("", json.dumps({"path": "/message/aoki"}))
        heard: list[str] = []
        phone.platform.subscribe(heard.append)
        assert heard == ["open"]
        assert await phone.notifications.opened_path() == "/message/aoki"
        assert await phone.notifications.opened_path() == ""

    play(story)


@pytest.mark.parametrize("system_has_channels", [True, False])
def test_the_bell_names_the_channel_in_the_persons_language_and_rings_with_the_keystore_locked(
    storage: Path, monkeypatch: pytest.MonkeyPatch, system_has_channels: bool
) -> None:
    monkeypatch.setattr("app.ui.notifications.bell.PAUSE", timedelta())
    store = Store(open_database(storage / "kaeru.db"), lambda: NOW)
    store.save(Settings(introduced=True, time_zone="UTC", language="fr"))
    store.save(Message(client_id="aoki", received_at=NOW, due_at=NOW + 24 * HOUR, summary="Logo"))

    async def story(phone: Phone) -> None:
        phone.system.refused = set() if system_has_channels else {"create_notification_channel"}
        bell = asyncio.create_task(
            Bell(AppState(phone.screen.page, store, phone.platform, lambda: NOW)).run()
        )
        while not phone.system.pending:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
        bell.cancel()

    system = play(story)
    i18n.use_language("en")
    store.close()
    assert {each["channel_id"] for each in system.pending.values()} == {module.CHANNEL}
    if system_has_channels:
        assert (system.channel["id"], system.channel["name"]) == (module.CHANNEL, "Rappels")
        assert system.channel["importance"] == "high"


def test_from_a_message_to_its_alarms_and_from_the_answer_to_silence(storage: Path) -> None:
    """The whole way, with the app's own store and plan; the answer comes from a cold start."""
    system = System()
    store = Store(open_database(storage / "kaeru.db"), lambda: NOW)
    store.save(Settings(introduced=True, time_zone="UTC", language="en"))
    client = Client(name="Aoki", reply_target_hours=24)
    message = Message(client_id=client.id, received_at=NOW, due_at=NOW + 24 * HOUR, summary="Logo")
    store.save(client)
    store.save(message)

    async def run() -> None:
        first = await Phone(system).start()
        app = AppState(first.screen.page, store, first.platform, lambda: NOW)
        await model.set_alarms(app, NOW, 64)
        assert len(system.pending) >= 2
        assert all(at > NOW for at in system.times())
        (payload, *_others) = (each["payload"] for each in system.pending.values())

        second = await Phone(system).start()  # the answer has started the app
        await second.press("replied", payload)
        app = AppState(second.screen.page, store, second.platform, lambda: NOW)
        await Bell(app)._take_answers()
        kept = store.get(Message, message.id)
        assert kept is not None
        assert kept.replied_at == NOW
        await model.set_alarms(app, NOW, 64)
        assert system.pending == {}
        assert await second.notifications.answers() == []

    asyncio.run(run())
    store.close()

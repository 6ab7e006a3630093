"""Reminders as alarms: what the phone's system is told, as it arrives at Flet's end of the line."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from app.platform import alarms as module
from app.platform.base import Alarm
from app.store.clock import parse
from tests.unit.platform.alarm_system import HOUR, KNOWN, NOW, Phone, System, alarm, play


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

"""Reminders as alarms: what the phone's system is told, as it arrives at Flet's end of the line."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from app.platform import alarms as module
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
    at = int((NOW + 2 * HOUR).timestamp())
    assert json.loads(set_["payload"]) == {
        "path": "/message/aoki", "item": ["message", "aoki"], "clock": KNOWN, "shown": f"{at}/aoki",
        "mode": "exactAllowWhileIdle", "at": at * 1000, "until": (at + 12 * 3600) * 1000,
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
        phone.system.now = NOW + 10.5 * HOUR
        await phone.notifications.set_alarms([each for each in plan if each.at > NOW + 10.5 * HOUR])
        assert phone.system.told() == ["schedule"] * 10
        assert phone.system.times() == [NOW + hour * HOUR for hour in range(11, 75)]

    play(story)


def test_a_new_process_sets_what_differs_and_renews_the_nearest_of_the_others() -> None:
    """Each alarm costs the plug-in a rewriting of its list of all; 400 of them keep a start busy."""
    system = System()
    plan = [alarm(str(hour), hour) for hour in range(1, 101)]

    async def run() -> None:
        await (await Phone(system).start()).notifications.set_alarms(plan)
        assert system.told() == ["schedule"] * 100
        second = await Phone(system).start()
        await second.notifications.set_alarms([*plan[:99], alarm("new", 101)])
        assert system.told() == ["cancel"] + ["schedule"] * (1 + module.RENEWED)
        await second.notifications.set_alarms([*plan[:99], alarm("new", 101)])
        assert system.told() == ["schedule"] * module.RENEWED
        for _look in range(4):
            await second.notifications.set_alarms([*plan[:99], alarm("new", 101)])
        system.told()
        await second.notifications.set_alarms([*plan[:99], alarm("new", 101)])
        assert system.told() == []

    asyncio.run(run())
    assert len(system.pending) == 100


def test_the_nearest_is_set_first() -> None:
    async def story(phone: Phone) -> None:
        await phone.notifications.set_alarms([alarm(str(hour), hour) for hour in (30, 3, 300, 1)])
        assert [each["title"] for each in phone.system.pending.values()] == ["1", "3", "30", "300"]

    play(story)


def test_after_a_forced_stop_all_are_set_anew() -> None:
    """It takes Android's alarms away, but not the plug-in's list of them: what never rang is still there."""
    system = System()
    plan = [alarm(str(hour), hour) for hour in range(1, 101)]

    async def run() -> None:
        await (await Phone(system).start()).notifications.set_alarms(plan)
        system.force_stop()
        system.let_pass(4 * HOUR)
        assert system.active == {}
        await (await Phone(system).start()).notifications.set_alarms(plan[4:])

    asyncio.run(run())
    assert system.alarms == set(system.pending)
    assert len(system.alarms) == 96


def test_on_an_iphone_no_alarm_loses_its_buttons_to_another_process() -> None:
    """The plug-in writes the set of all buttons anew, of those that this process has set."""
    system = System("ios")
    plan = [alarm(str(hour), hour) for hour in range(1, 41)]

    async def run() -> None:
        await (await Phone(system).start()).notifications.set_alarms(plan)
        system.told()
        second = await Phone(system).start()
        await second.notifications.set_alarms(plan)
        assert system.told() == []  # nothing differs: the set stays as it is
        assert system.buttons == set(system.pending)
        await second.notifications.set_alarms([*plan, alarm("new", 41)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "IS_IOS", True)
        asyncio.run(run())
    assert system.buttons == set(system.pending)
    assert len(system.buttons) == 41


def test_what_is_late_is_left_to_ring_and_what_has_rung_is_not_set_again() -> None:
    async def story(phone: Phone) -> None:
        phone.system.exact = False
        plan = [alarm("m early", 1, "m"), alarm("n early", 1, "n"), alarm("far", 9)]
        await phone.notifications.set_alarms(plan)
        phone.system.let_pass(1.5 * HOUR, late=HOUR)
        phone.system.told()
        # Each at its own time as well, should it not have rung before.
        await phone.notifications.set_alarms([*plan, alarm("m", 2, "m"), alarm("o", 2, "o")])
        assert phone.system.told().count("cancel") == 0
        titles = {each["title"] for each in phone.system.pending.values()}
        assert titles == {"m early", "n early", "far", "o"}
        phone.system.let_pass(HOUR, late=HOUR)
        await phone.notifications.set_alarms(plan)
        assert phone.system.titles() == ["m early", "n early"]
        assert [each["title"] for each in phone.system.pending.values()] == ["far"]

    play(story)


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
        await phone.notifications.set_alarms([replace(each, at=each.at.astimezone(tokyo)) for each in there])
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


def test_an_answer_survives_a_process_that_ends_before_it_was_carried_out(storage: Path) -> None:
    """The plug-in has told of it once and forgotten it; the app was still starting."""
    system = System()
    payload = json.dumps({"item": ["message", "aoki"], "clock": KNOWN})

    async def run() -> None:
        first = await Phone(system).start()
        await first.press("replied", payload)
        await first.press("snooze", payload)
        second = await Phone(system).start()  # the first was killed
        answers = await second.notifications.answers()
        assert [each.fields["action"][0] for each in answers] == ["replied", "snooze"]
        await second.notifications.forget(answers[:1])
        third = await Phone(system).start()
        assert await third.notifications.answers() == answers[1:]
        await third.notifications.forget(answers)
        assert await third.notifications.answers() == []

    asyncio.run(run())
    assert [path for path in storage.rglob("*") if path.is_file()] == []


def test_an_answer_that_cannot_be_written_is_kept_while_the_app_runs(storage: Path) -> None:
    async def story(phone: Phone) -> None:
        (storage / "answers").write_text("in the way of the folder")
        await phone.press("replied", json.dumps({"item": ["message", "aoki"]}))
        (answer,) = await phone.notifications.answers()
        await phone.notifications.forget([answer])
        assert await phone.notifications.answers() == []

    play(story)


def test_a_damaged_file_of_an_answer_keeps_no_other_from_being_carried_out(storage: Path) -> None:
    async def story(phone: Phone) -> None:
        await phone.press("replied", json.dumps({"item": ["message", "aoki"]}))
        (storage / "answers" / "00000009-x.json").write_text("{")
        await phone.press("snooze", json.dumps({"item": ["message", "aoki"]}))
        answers = await phone.notifications.answers()
        assert [each.fields["action"][0] for each in answers] == ["replied", "snooze"]

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

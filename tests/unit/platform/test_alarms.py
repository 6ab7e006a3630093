"""Reminders as alarms: the calls to the phone's system, as they arrive at Flet's end of the connection."""

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


def test_the_plan_is_set_as_alarms_with_text_buttons_and_payload() -> None:
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


def test_only_differences_of_the_plan_are_sent_to_the_system() -> None:
    async def story(phone: Phone) -> None:
        plan = [alarm("a", 1), alarm("b", 2), alarm("c", 3)]
        await phone.notifications.set_alarms(plan)
        assert phone.system.take_calls() == ["schedule"] * 3
        await phone.notifications.set_alarms(plan)
        assert phone.system.take_calls() == []
        await phone.notifications.set_alarms([*plan[:2], alarm("d", 4)])
        assert sorted(phone.system.take_calls()) == ["cancel", "schedule"]
        await phone.notifications.set_alarms([])
        assert phone.system.take_calls() == ["cancel"] * 3

    assert play(story).pending == {}


def test_the_nearest_alarms_are_set_up_to_the_limit_and_refilled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST", 64)

    async def story(phone: Phone) -> None:
        plan = [alarm(str(hour), hour) for hour in range(100, 0, -1)]
        await phone.notifications.set_alarms(plan)
        assert phone.system.times() == [NOW + hour * HOUR for hour in range(1, 65)]
        phone.system.take_calls()
        for id_of_rung in [id_ for id_, each in phone.system.pending.items() if int(each["title"]) <= 10]:
            del phone.system.pending[id_of_rung]
        phone.system.now = NOW + 10.5 * HOUR
        await phone.notifications.set_alarms([each for each in plan if each.at > NOW + 10.5 * HOUR])
        assert phone.system.take_calls() == ["schedule"] * 10
        assert phone.system.times() == [NOW + hour * HOUR for hour in range(11, 75)]

    play(story)


def test_a_new_process_sets_differences_and_renews_the_nearest_alarms() -> None:
    """Each alarm makes the plug-in rewrite its list of all; 400 of them slow down a start."""
    system = System()
    plan = [alarm(str(hour), hour) for hour in range(1, 101)]

    async def run() -> None:
        await (await Phone(system).start()).notifications.set_alarms(plan)
        assert system.take_calls() == ["schedule"] * 100
        second = await Phone(system).start()
        await second.notifications.set_alarms([*plan[:99], alarm("new", 101)])
        assert system.take_calls() == ["cancel"] + ["schedule"] * (1 + module.RENEWED)
        await second.notifications.set_alarms([*plan[:99], alarm("new", 101)])
        assert system.take_calls() == ["schedule"] * module.RENEWED
        for _look in range(4):
            await second.notifications.set_alarms([*plan[:99], alarm("new", 101)])
        system.take_calls()
        await second.notifications.set_alarms([*plan[:99], alarm("new", 101)])
        assert system.take_calls() == []

    asyncio.run(run())
    assert len(system.pending) == 100


def test_the_nearest_alarm_is_set_first() -> None:
    async def story(phone: Phone) -> None:
        await phone.notifications.set_alarms([alarm(str(hour), hour) for hour in (30, 3, 300, 1)])
        assert [each["title"] for each in phone.system.pending.values()] == ["1", "3", "30", "300"]

    play(story)


def test_all_alarms_are_set_again_after_a_forced_stop() -> None:
    """A forced stop removes Android's alarms but not the plug-in's list, which still has the unrung ones."""
    system = System()
    plan = [alarm(str(hour), hour) for hour in range(1, 101)]

    async def run() -> None:
        await (await Phone(system).start()).notifications.set_alarms(plan)
        system.force_stop()
        system.advance(4 * HOUR)
        assert system.active == {}
        await (await Phone(system).start()).notifications.set_alarms(plan[4:])

    asyncio.run(run())
    assert system.alarms == set(system.pending)
    assert len(system.alarms) == 96


def test_on_ios_alarms_keep_their_buttons_after_a_new_process() -> None:
    """The plug-in overwrites the set of all buttons with those set by this process."""
    system = System("ios")
    plan = [alarm(str(hour), hour) for hour in range(1, 41)]

    async def run() -> None:
        await (await Phone(system).start()).notifications.set_alarms(plan)
        system.take_calls()
        second = await Phone(system).start()
        await second.notifications.set_alarms(plan)
        assert system.take_calls() == []  # nothing differs: the set stays unchanged
        assert system.buttons == set(system.pending)
        await second.notifications.set_alarms([*plan, alarm("new", 41)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "IS_IOS", True)
        asyncio.run(run())
    assert system.buttons == set(system.pending)
    assert len(system.buttons) == 41


def test_late_alarms_are_kept_and_rung_alarms_are_not_set_again() -> None:
    async def story(phone: Phone) -> None:
        phone.system.exact = False
        plan = [alarm("m early", 1, "m"), alarm("n early", 1, "n"), alarm("far", 9)]
        await phone.notifications.set_alarms(plan)
        phone.system.advance(1.5 * HOUR, late=HOUR)
        phone.system.take_calls()
        # "m" and "o" have their own times as well, in case the early ones have not rung.
        await phone.notifications.set_alarms([*plan, alarm("m", 2, "m"), alarm("o", 2, "o")])
        assert phone.system.take_calls().count("cancel") == 0
        titles = {each["title"] for each in phone.system.pending.values()}
        assert titles == {"m early", "n early", "far", "o"}
        phone.system.advance(HOUR, late=HOUR)
        await phone.notifications.set_alarms(plan)
        assert phone.system.titles() == ["m early", "n early"]
        assert [each["title"] for each in phone.system.pending.values()] == ["far"]

    play(story)


def test_a_failed_alarm_does_not_block_others_and_is_retried() -> None:
    async def story(phone: Phone) -> None:
        plan = [alarm("a", 1), alarm("b", 2), alarm("c", 3)]
        phone.system.refused = {"b"}
        await phone.notifications.set_alarms(plan)
        assert phone.system.times() == [NOW + HOUR, NOW + 3 * HOUR]
        phone.system.refused = set()
        phone.system.take_calls()
        await phone.notifications.set_alarms(plan)
        assert phone.system.take_calls() == ["schedule"]

    assert len(play(story).pending) == 3


def test_a_failing_system_raises_os_error_and_keeps_its_alarms() -> None:
    async def story(phone: Phone) -> None:
        await phone.notifications.set_alarms([alarm("a", 1)])
        phone.system.refused = {"get_pending"}
        with pytest.raises(OSError, match="not here"):
            await phone.notifications.set_alarms([alarm("b", 2)])

    assert [each["title"] for each in play(story).pending.values()] == ["a"]


def test_past_alarms_are_not_set() -> None:
    async def story(phone: Phone) -> None:
        await phone.notifications.set_alarms([alarm("late", -1), alarm("next", 1)])

    assert [each["title"] for each in play(story).pending.values()] == ["next"]


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A phone in Tokyo's time zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_a_change_of_time_zone_moves_no_alarm() -> None:
    async def story(phone: Phone) -> None:
        tokyo = timezone(9 * HOUR)
        await phone.notifications.set_alarms([alarm("a", 1)])
        phone.system.take_calls()
        there = [alarm("a", 1), alarm("b", 2)]
        await phone.notifications.set_alarms([replace(each, at=each.at.astimezone(tokyo)) for each in there])
        assert phone.system.take_calls() == ["schedule"]

    system = play(story)
    assert system.times() == [NOW + HOUR, NOW + 2 * HOUR]
    assert all(each["when"]["utc_offset_seconds"] == 0 for each in system.pending.values())


def test_a_phone_with_alarms_does_not_subscribe_to_push() -> None:
    async def story(phone: Phone) -> None:
        assert await phone.notifications.subscribe("key") is None
        assert not (await phone.notifications.state()).subscribed

    play(story)


def test_an_answer_has_a_newer_timestamp_than_the_plan() -> None:
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


def test_an_answer_survives_a_process_that_ends_before_applying_it(storage: Path) -> None:
    """The plug-in reports an answer once and forgets it; the app was still starting."""
    system = System()
    payload = json.dumps({"item": ["message", "aoki"], "clock": KNOWN})

    async def run() -> None:
        first = await Phone(system).start()
        await first.press("replied", payload)
        await first.press("snooze", payload)
        second = await Phone(system).start()  # the first process was killed
        answers = await second.notifications.answers()
        assert [each.fields["action"][0] for each in answers] == ["replied", "snooze"]
        await second.notifications.forget(answers[:1])
        third = await Phone(system).start()
        assert await third.notifications.answers() == answers[1:]
        await third.notifications.forget(answers)
        assert await third.notifications.answers() == []

    asyncio.run(run())
    assert [path for path in storage.rglob("*") if path.is_file()] == []


def test_an_answer_that_cannot_be_written_is_kept_in_memory(storage: Path) -> None:
    async def story(phone: Phone) -> None:
        (storage / "answers").write_text("in the way of the folder")
        await phone.press("replied", json.dumps({"item": ["message", "aoki"]}))
        (answer,) = await phone.notifications.answers()
        await phone.notifications.forget([answer])
        assert await phone.notifications.answers() == []

    play(story)


def test_a_damaged_answer_file_does_not_block_other_answers(storage: Path) -> None:
    async def story(phone: Phone) -> None:
        await phone.press("replied", json.dumps({"item": ["message", "aoki"]}))
        (storage / "answers" / "00000009-x.json").write_text("{")
        await phone.press("snooze", json.dumps({"item": ["message", "aoki"]}))
        answers = await phone.notifications.answers()
        assert [each.fields["action"][0] for each in answers] == ["replied", "snooze"]

    play(story)


def test_a_new_timestamp_follows_one_from_the_future() -> None:
    ahead = "1999999999999-ffff-0a1b2c3d"
    assert parse(module.stamp_after(ahead, NOW)) > parse(ahead)
    assert parse(module.stamp_after("", NOW)).milliseconds == int(NOW.timestamp() * 1000)


def test_a_tap_that_started_the_app_opens_its_path_once_the_app_listens() -> None:
    async def story(phone: Phone) -> None:
        await phone.press("", json.dumps({"path": "/message/aoki"}))
        heard: list[str] = []
        phone.platform.subscribe(heard.append)
        assert heard == ["open"]
        assert await phone.notifications.opened_path() == "/message/aoki"
        assert await phone.notifications.opened_path() == ""

    play(story)

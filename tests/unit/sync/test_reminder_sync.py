"""Reminders on the server: what is added and removed."""

import json
import re

import pytest

from app.domain.entities import Message
from app.reminders.plan import Wording
from app.reminders.planner import planned_reminders
from app.store import sample
from app.sync.errors import SyncError
from tests.unit.store.support import NOON
from tests.unit.sync.people import HOUR, Ringer, both, play, word
from tests.unit.sync.support import SERVER, FakeServer


@pytest.fixture
def person() -> type[Ringer]:
    return Ringer


def puts(server: FakeServer) -> list[tuple[int, int]]:
    """The number of reminders that each request adds and removes."""
    return [(len(b["put"]), len(b["drop"])) for path, b in server.requests if path == "POST reminders"]


def test_the_plan_on_the_server_is_sealed_without_names(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        planned = planned_reminders(mei.store, NOON, word)
        assert [each["fire_at"] for each in server.plan.values()] == [
            f"{each.fire_at:%Y-%m-%dT%H:%M:%SZ}" for each in planned
        ]
        assert not {"Ana", '"m"'} & set(re.split(r"\W", json.dumps(server.plan)))
        shown = (await mei.opened())[0]
        assert shown["title"] == "reply_half: Ana"
        assert (shown["path"], shown["item"]) == ("/message/m", ["message", "m"])
        assert shown["tag"] == next(iter(server.plan.values()))["group"]
        assert [action["action"] for action in shown["actions"]] == ["replied", "snooze"]

    play(story)


def test_reminders_of_sample_data_are_not_synced(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        sample.load_sample(mei.store, "en", NOON)
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        assert {tuple(shown["item"]) for shown in await mei.opened()} <= {("", "")}

    play(story)


def test_only_differences_of_the_plan_are_sent(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        first = len(server.plan)
        server.requests.clear()
        await mei.sync.sync_once()
        assert puts(server) == []
        mei.owe("n", 3 * HOUR)
        await mei.sync.sync_once()
        assert puts(server) == [(len(server.plan) - first, 0)]
        server.requests.clear()
        answered = mei.store.get(Message, "m")
        answered.replied_at = NOON
        mei.store.save(answered)
        await mei.sync.sync_once()
        assert sum(dropped for _, dropped in puts(server)) >= 3
        assert {tuple(shown["item"]) for shown in await mei.opened()} == {("message", "n"), ("", "")}

    play(story)


def test_two_devices_share_one_plan(mei: Ringer, laptop: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await both(mei, laptop)
        assert puts(server)[-1] == (0, 0)  # rejected because of Mei's plan, which is the same as the laptop's
        laptop.owe("n", 3 * HOUR)
        await laptop.sync.sync_once()
        there = dict(server.plan)
        await mei.sync.sync_once()
        assert server.plan == there

    play(story)


def test_delivered_reminders_are_not_added_again_and_pending_ones_stay(
    mei: Ringer, laptop: Ringer, server: FakeServer
) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await both(mei, laptop)
        first, second = list(server.plan)[:2]
        server.clock.forward(hours=2)  # the first is due, but one phone is unreachable
        laptop.owe("n", 20 * HOUR)
        await laptop.sync.sync_once()
        assert first in server.plan
        del server.plan[first], server.plan[second]  # delivered, and dropped by a notification's button
        server.plan_rev += 1
        laptop.owe("o", 21 * HOUR)
        await laptop.sync.sync_once()
        assert first not in server.plan
        assert second in server.plan  # no answer to it was recorded

    play(story)


def test_no_plan_is_sent_to_a_server_without_push(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        server.push_key = ""
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        assert mei.sync.status.state == "idle"
        assert await mei.sync.reminders.push_key() == ""
        assert puts(server) == []

    play(story)


def test_a_large_plan_is_sent_in_several_requests(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        for number in range(40):
            mei.owe(f"m{number}", number * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        assert len(server.plan) == 500
        assert [put for put, _ in puts(server)] == [0, 100, 100, 100, 100, 100]

    play(story)


def test_a_test_notification_requires_a_push_subscription(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        with pytest.raises(SyncError) as caught:
            await mei.sync.reminders.ring_once(Wording("Hello", ""))
        assert caught.value.code == "no_subscription"
        await mei.sync.reminders.subscribe("https://push.example/1", "p256dh", "auth")
        await mei.sync.reminders.ring_once(Wording("Hello", ""))
        assert len(server.rung) == 1
        await mei.sync.reminders.unsubscribe()
        assert server.subscriptions == {}

    play(story)

"""What a notification's buttons bring about, on every device."""

from typing import Any

import pytest

from app.domain.entities import Message
from app.store.changes import RecordState
from tests.unit.store.support import NOON
from tests.unit.sync.people import HOUR, Ringer, both, play
from tests.unit.sync.support import SERVER, FakeServer


@pytest.fixture
def person() -> type[Ringer]:
    return Ringer


def test_replied_on_a_notification_reaches_every_device_and_ends_the_reminders(
    mei: Ringer, laptop: Ringer, server: FakeServer
) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await both(mei, laptop)
        server.clock.forward(hours=1)
        await mei.press("replied", ["message", "m"])
        await laptop.sync.sync_once()
        await mei.sync.sync_once()
        for person in (mei, laptop):
            assert person.store.get(Message, "m").replied_at == NOON + HOUR
        assert server.plan == {}
        assert not mei.store.sync_store.count_outgoing()

    play(story)


def test_a_snooze_ends_with_one_ring_on_all_devices(mei: Ringer, laptop: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 9 * HOUR)
        await both(mei, laptop)
        await mei.press("snooze", ["message", "m"], until=(NOON + HOUR / 2).isoformat())
        await laptop.sync.sync_once()
        assert laptop.store.get(Message, "m").snoozed_until == NOON + HOUR / 2
        assert min(each["fire_at"] for each in server.plan.values()) == "2026-06-10T12:30:00Z"

    play(story)


def test_what_a_person_did_later_wins_over_the_notification(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        await mei.press("replied", ["message", "m"])
        server.clock.forward(minutes=5)
        message = mei.store.get(Message, "m")
        message.snoozed_until = NOON + 3 * HOUR
        mei.store.save(message)
        await mei.sync.sync_once()
        message = mei.store.get(Message, "m")
        assert (message.replied_at, message.snoozed_until) == (NOON, NOON + 3 * HOUR)

    play(story)


def test_an_answer_about_what_was_deleted_brings_nothing_back(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        mei.store.delete(mei.store.get(Message, "m"))
        server.clock.forward(minutes=5)
        await mei.press("replied", ["message", "m"])
        await mei.sync.sync_once()
        assert mei.store.get(Message, "m") is None

    play(story)


@pytest.mark.parametrize(
    ("action", "item", "fields"),
    [
        ("delegate", ["message", "m"], {}),  # of a newer version
        ("replied", ["hologram", "m"], {}),
        ("replied", "m", {}),
        ("snooze", ["message", "m"], {"until": "soon"}),
        ("replied", ["message", "m"], {"at": None}),
    ],
)
def test_what_makes_no_sense_here_is_left_alone(
    mei: Ringer, server: FakeServer, action: str, item: Any, fields: dict[str, Any]
) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.sync_once()
        await mei.press(action, item, **fields)
        before = server.records["event"]
        await mei.sync.sync_once()
        assert mei.sync.status.state == "idle"
        assert mei.store.get(Message, "m").replied_at is None
        assert server.records["event"] == before

    play(story)


def test_an_answer_given_on_this_very_device_counts_before_the_server_is_met(mei: Ringer) -> None:
    mei.owe("m", 5 * HOUR)
    clock = f"{int(NOON.timestamp() * 1000) + 1:013d}-0000-sw"
    fields = {"item": ["message", "m"], "action": "replied", "at": NOON.isoformat(), "until": None}
    event = RecordState("event", "event", {name: [value, clock] for name, value in fields.items()})
    mei.sync.ringing.answer([event])
    assert mei.store.get(Message, "m").replied_at == NOON

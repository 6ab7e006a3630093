"""The effects of a notification's buttons on all devices."""

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


def test_replied_on_a_notification_reaches_every_device_and_ends_reminders(
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


def test_a_snooze_on_a_notification_reaches_every_device(
    mei: Ringer, laptop: Ringer, server: FakeServer
) -> None:
    async def story() -> None:
        mei.owe("m", 9 * HOUR)
        await both(mei, laptop)
        await mei.press("snooze", ["message", "m"], until=(NOON + HOUR / 2).isoformat())
        await laptop.sync.sync_once()
        assert laptop.store.get(Message, "m").snoozed_until == NOON + HOUR / 2
        assert min(each["fire_at"] for each in server.plan.values()) == "2026-06-10T12:30:00Z"

    play(story)


def test_a_later_edit_wins_over_an_answer_on_a_notification(mei: Ringer, server: FakeServer) -> None:
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


def test_an_answer_does_not_restore_a_deleted_message(mei: Ringer, server: FakeServer) -> None:
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
        ("delegate", ["message", "m"], {}),  # from a newer version
        ("replied", ["hologram", "m"], {}),
        ("replied", "m", {}),
        ("snooze", ["message", "m"], {"until": "soon"}),
        ("replied", ["message", "m"], {"at": None}),
    ],
)
def test_unknown_and_malformed_events_are_kept_unchanged(
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


def test_an_answer_on_this_device_is_applied_before_syncing(mei: Ringer) -> None:
    mei.owe("m", 5 * HOUR)
    clock = f"{int(NOON.timestamp() * 1000) + 1:013d}-0000-sw"
    fields = {"item": ["message", "m"], "action": "replied", "at": NOON.isoformat(), "until": None}
    event = RecordState("event", "event", {name: [value, clock] for name, value in fields.items()})
    mei.sync.reminders.answer([event])
    assert mei.store.get(Message, "m").replied_at == NOON

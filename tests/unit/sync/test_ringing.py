"""Reminders at the server: what is put, what is dropped, and what a notification's buttons bring about."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.entities import Client, Message
from app.domain.occasions import Occasion
from app.domain.reminders import Wording
from app.platform.base import Sealer
from app.store import queries, sample
from app.store.changes import RecordState
from app.sync import keys
from app.sync.errors import SyncError
from app.sync.membership import SYNC_KEY
from app.sync.sealing import seal_records
from app.sync.wire import decode, encode
from tests.unit.store.support import NOON, Clock
from tests.unit.sync.support import SERVER, FakeServer
from tests.unit.sync.test_service import Person, play

HOUR = timedelta(hours=1)


def word(occasion: Occasion, client: Client | None) -> Wording:
    name = client.name if client else "?"
    return Wording(f"{occasion.rule}: {name}", "", (("replied", "Replied"), ("snooze", "Snooze")))


class Ringer(Person):
    """Somebody whose device plans what rings."""

    def restart(self) -> None:
        super().restart()
        self.sync.ringing.plan_with(lambda now: queries.reminders(self.store, now, word))

    def owe(self, id_: str, due: timedelta) -> None:
        self.store.save(Message(id=id_, client_id="c", at=NOON - HOUR, due_at=NOON + due))

    async def press(self, action: str, item: Any, **fields: Any) -> None:
        """A button of a notification: what assets/web/worker/answers.js pushes then."""
        server = self.server
        clock = f"{int(server.clock().timestamp() * 1000) + 1:013d}-0000-sw"
        values = {"item": item, "action": action, "at": server.clock().isoformat(), "until": None} | fields
        event = RecordState("event", "event", {name: [value, clock] for name, value in values.items()})
        box = (await seal_records(await self.sealer(), [event]))[0]
        server.counter += 1
        server.records["event"] = (server.counter, encode(box), "service worker")

    async def sealer(self) -> Sealer:
        return self.platform.sealer(keys.derive(await self.platform.vault.read(SYNC_KEY) or b"").sealing)

    async def opened(self) -> list[dict[str, Any]]:
        """What the server would ring with, as a service worker reads it."""
        boxes = [(f"reminder:{id_}".encode(), decode(each["box"])) for id_, each in self.server.plan.items()]
        return [json.loads(plain or b"") for plain in await (await self.sealer()).open(boxes)]


@pytest.fixture
def server() -> FakeServer:
    return FakeServer(Clock(NOON))


@pytest.fixture
def mei(tmp_path: Path, server: FakeServer) -> Ringer:
    person = Ringer(tmp_path / "mei", server)
    person.store.save(Client(id="c", name="Ana"))
    return person


@pytest.fixture
def laptop(tmp_path: Path, server: FakeServer) -> Ringer:
    return Ringer(tmp_path / "laptop", server)


def puts(server: FakeServer) -> list[tuple[int, int]]:
    """How many reminders each request put and dropped."""
    return [(len(b["put"]), len(b["drop"])) for path, b in server.requests if path == "POST reminders"]


async def both(mei: Ringer, laptop: Ringer) -> None:
    text = await mei.sync.start(SERVER)
    await mei.sync.meet()
    await laptop.sync.join(text, SERVER)
    await laptop.sync.meet()


def test_the_plan_is_put_sealed_and_names_nobody(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.meet()
        planned = queries.reminders(mei.store, NOON, word)
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


def test_sample_data_rings_nowhere_else(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        sample.load_sample(mei.store, "en", NOON)
        await mei.sync.start(SERVER)
        await mei.sync.meet()
        assert {tuple(shown["item"]) for shown in await mei.opened()} <= {("", "")}

    play(story)


def test_only_what_differs_travels_and_nothing_where_nothing_does(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.meet()
        first = len(server.plan)
        server.requests.clear()
        await mei.sync.meet()
        assert puts(server) == []
        mei.owe("n", 3 * HOUR)
        await mei.sync.meet()
        assert puts(server) == [(len(server.plan) - first, 0)]
        server.requests.clear()
        answered = mei.store.get(Message, "m")
        answered.replied_at = NOON
        mei.store.save(answered)
        await mei.sync.meet()
        assert sum(dropped for _, dropped in puts(server)) >= 3
        assert {tuple(shown["item"]) for shown in await mei.opened()} == {("message", "n"), ("", "")}

    play(story)


def test_two_devices_have_one_plan_and_the_later_one_learns_of_it(
    mei: Ringer, laptop: Ringer, server: FakeServer
) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await both(mei, laptop)
        assert puts(server)[-1] == (0, 0)  # refused, for mei's plan was there; and it is the laptop's, too
        laptop.owe("n", 3 * HOUR)
        await laptop.sync.meet()
        there = dict(server.plan)
        await mei.sync.meet()
        assert server.plan == there

    play(story)


def test_what_rang_is_not_put_again_and_what_may_still_arrive_is_left(
    mei: Ringer, laptop: Ringer, server: FakeServer
) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await both(mei, laptop)
        first, second = list(server.plan)[:2]
        server.clock.forward(hours=2)  # the first is due, and a telephone is out of reach
        laptop.owe("n", 20 * HOUR)
        await laptop.sync.meet()
        assert first in server.plan
        del server.plan[first], server.plan[second]  # delivered, and dropped on a notification
        server.plan_rev += 1
        laptop.owe("o", 21 * HOUR)
        await laptop.sync.meet()
        assert first not in server.plan
        assert second in server.plan  # nothing was said to have been answered

    play(story)


def test_a_server_that_cannot_ring_is_not_asked_to(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        server.push_key = ""
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.meet()
        assert mei.sync.status.state == "idle"
        assert await mei.sync.ringing.push_key() == ""
        assert puts(server) == []

    play(story)


def test_more_than_one_request_holds_is_put_in_several(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        for number in range(40):
            mei.owe(f"m{number}", number * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.meet()
        assert len(server.plan) == 500
        assert [put for put, _ in puts(server)] == [0, 100, 100, 100, 100, 100]

    play(story)


def test_a_device_is_rung_once_it_has_said_where(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        with pytest.raises(SyncError) as caught:
            await mei.sync.ringing.ring_once(Wording("Hello", ""))
        assert caught.value.code == "no_subscription"
        await mei.sync.ringing.subscribe("https://push.example/1", "p256dh", "auth")
        await mei.sync.ringing.ring_once(Wording("Hello", ""))
        assert len(server.rung) == 1
        await mei.sync.ringing.unsubscribe()
        assert server.subscriptions == {}

    play(story)


# --- answers from a notification -------------------------------------------------------------------------


def test_replied_on_a_notification_reaches_every_device_and_ends_the_reminders(
    mei: Ringer, laptop: Ringer, server: FakeServer
) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await both(mei, laptop)
        server.clock.forward(hours=1)
        await mei.press("replied", ["message", "m"])
        await laptop.sync.meet()
        await mei.sync.meet()
        for person in (mei, laptop):
            assert person.store.get(Message, "m").replied_at == NOON + HOUR
        assert server.plan == {}
        assert not mei.store.exchange.count_outgoing()

    play(story)


def test_a_snooze_ends_with_one_ring_on_all_devices(mei: Ringer, laptop: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 9 * HOUR)
        await both(mei, laptop)
        await mei.press("snooze", ["message", "m"], until=(NOON + HOUR / 2).isoformat())
        await laptop.sync.meet()
        assert laptop.store.get(Message, "m").snoozed_until == NOON + HOUR / 2
        assert min(each["fire_at"] for each in server.plan.values()) == "2026-06-10T12:30:00Z"

    play(story)


def test_what_a_person_did_later_wins_over_the_notification(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.meet()
        await mei.press("replied", ["message", "m"])
        server.clock.forward(minutes=5)
        message = mei.store.get(Message, "m")
        message.snoozed_until = NOON + 3 * HOUR
        mei.store.save(message)
        await mei.sync.meet()
        message = mei.store.get(Message, "m")
        assert (message.replied_at, message.snoozed_until) == (NOON, NOON + 3 * HOUR)

    play(story)


def test_an_answer_about_what_was_deleted_brings_nothing_back(mei: Ringer, server: FakeServer) -> None:
    async def story() -> None:
        mei.owe("m", 5 * HOUR)
        await mei.sync.start(SERVER)
        await mei.sync.meet()
        mei.store.delete(mei.store.get(Message, "m"))
        server.clock.forward(minutes=5)
        await mei.press("replied", ["message", "m"])
        await mei.sync.meet()
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
        await mei.sync.meet()
        await mei.press(action, item, **fields)
        before = server.records["event"]
        await mei.sync.meet()
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

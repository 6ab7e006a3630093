"""Users with the app on their devices: sync as used by the screens."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.domain.entities import Client, Message, Settings
from app.platform.base import Sealer
from app.reminders.plan import Wording
from app.reminders.planner import planned_reminders
from app.reminders.triggers import ReminderTrigger
from app.store.changes import RecordState
from app.store.database import open_database
from app.store.store import Store
from app.sync import keys
from app.sync.keyring import SYNC_KEY
from app.sync.sealing import seal_records
from app.sync.service import Sync
from app.sync.wire import decode, encode
from tests.unit.store.support import NOON
from tests.unit.sync.support import SERVER, FakeServer, Phone

HOUR = timedelta(hours=1)


class Person:
    """A user with the app on one device."""

    def __init__(self, folder: Path, server: FakeServer) -> None:
        self.folder, self.server = folder, server
        self.store = Store(open_database(":memory:"), server.clock)
        self.store.save(Settings(introduced=True))
        self.restart()

    def restart(self) -> None:
        self.platform = Phone(self.folder, self.server)
        self.sync = Sync(self.store, self.platform, self.server.clock)


def word(trigger: ReminderTrigger, client: Client | None) -> Wording:
    name = client.name if client else "?"
    return Wording(f"{trigger.rule}: {name}", "", (("replied", "Replied"), ("snooze", "Snooze")))


class Ringer(Person):
    """A user whose device plans reminders."""

    def restart(self) -> None:
        super().restart()
        self.sync.reminders.plan_with(lambda now: planned_reminders(self.store, now, word))

    def owe(self, id_: str, due: timedelta) -> None:
        """Create a message from Ana that waits for an answer."""
        if self.store.get(Client, "c") is None:
            self.store.save(Client(id="c", name="Ana"))
        self.store.save(Message(id=id_, client_id="c", at=NOON - HOUR, due_at=NOON + due))

    async def press(self, action: str, item: Any, **fields: Any) -> None:
        """Press a button of a notification: push what assets/web/worker/answers.js does."""
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
        """The notifications in the server's plan, as a service worker decrypts them."""
        boxes = [(f"reminder:{id_}".encode(), decode(each["box"])) for id_, each in self.server.plan.items()]
        return [json.loads(plain or b"") for plain in await (await self.sealer()).open(boxes)]


async def both(mei: Ringer, laptop: Ringer) -> None:
    """Sync both devices with one account."""
    text = await mei.sync.start(SERVER)
    await mei.sync.sync_once()
    await laptop.sync.join(text, SERVER)
    await laptop.sync.sync_once()


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 120))


async def until(condition: Callable[[], bool], pause: float = 0.005) -> None:
    """Wait for a condition, up to the test's time limit. `pause` is in seconds."""
    while not condition():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(pause)

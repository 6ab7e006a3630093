"""A second device without a screen, and steps to start syncing and pairing."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from app.domain.entities import Client, Message, Settings, utc_now
from app.i18n import Formatter
from app.platform.native import NativePlatform
from app.reminders import wording
from app.reminders.plan import Reminder, Wording
from app.reminders.planner import planned_reminders
from app.reminders.triggers import ReminderTrigger
from app.store.database import open_database
from app.store.store import Store
from app.sync.inviter import Inviter
from app.sync.service import Sync
from tests.e2e.hands import Hands

T = TypeVar("T")

CODE = re.compile(r"Code: ((?:\d ){5}\d)")
KEY = re.compile(r"(?:[0-9A-Z]{4}-){13}[0-9A-Z]{4}")
CLIENT = "lemoine"  # the client's id


class Desk:
    """A device without a screen: store and sync run in a thread, as Playwright occupies the main one."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.following: asyncio.Future[None] | None = None
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        folder.mkdir()
        self.do(self._open(folder))

    async def _open(self, folder: Path) -> None:
        self.store = Store(open_database(folder / "kaeru.db"), utc_now)
        self.store.save(Settings(introduced=True))
        self.platform = NativePlatform()
        self.sync = Sync(self.store, self.platform, utc_now)

    def do(self, task: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(task, self.loop).result(60)

    def write(self, **fields: str) -> None:
        async def save() -> None:
            client = self.store.get(Client, CLIENT) or Client(id=CLIENT)
            for name, value in fields.items():
                setattr(client, name, value)
            self.store.save(client)

        self.do(save())

    def has(self, **fields: str) -> bool:
        """Whether the client has these field values after one more sync session."""

        async def look() -> bool:
            await self.sync.sync_once()
            client = self.store.get(Client, CLIENT)
            return client is not None and all(
                getattr(client, name) == value for name, value in fields.items()
            )

        return self.do(look())

    def owe(self, id_: str, summary: str, due: timedelta) -> None:
        """Store a message that needs a reply, and sync."""

        async def note() -> None:
            message = Message(id=id_, client_id=CLIENT, summary=summary, due_at=utc_now() + due)
            self.store.save(Client(id=CLIENT, name="Lemoine"), message)
            await self.sync.sync_once()

        self.do(note())

    def answered(self, id_: str) -> bool:
        """Whether the message is replied to after one more sync session."""

        async def look() -> bool:
            await self.sync.sync_once()
            message = self.store.get(Message, id_)
            return message is not None and message.replied_at is not None

        return self.do(look())

    def invite(self) -> Inviter:
        """Start an invitation for one more device and follow it."""

        async def begin() -> Inviter:
            inviter = self.sync.pairing.invite()
            await inviter.step()
            self.following = asyncio.ensure_future(inviter.follow())
            return inviter

        return self.do(begin())

    def plan(self) -> list[Reminder]:
        async def ask() -> list[Reminder]:
            return planned_reminders(self.store, utc_now(), reminder_wording)

        return self.do(ask())

    async def shut_out_newest(self) -> None:
        devices = [device for device in await self.sync.devices.fetch() if not device.this]
        await self.sync.devices.revoke(max(devices, key=lambda device: device.created_at).id)

    def close(self) -> None:
        if self.following:
            self.loop.call_soon_threadsafe(self.following.cancel)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.store.close()
        self.loop.close()


def reminder_wording(trigger: ReminderTrigger, client: Client | None) -> Wording:
    return wording.reminder(trigger, client, Formatter("en", ZoneInfo("UTC")))


def start_syncing(h: Hands) -> str:
    """Go from the first run to a confirmed sync key; returns the key."""
    h.tap(h.say("Skip"))
    h.tap(h.say("Settings"))
    h.tap(h.say("Sync"))
    h.tap(h.say("Start syncing"))
    h.see(h.say("Your sync key"))
    wait_until(lambda: KEY.search(h.said()) is not None)
    found = KEY.search(h.said())
    assert found
    h.tick(h.say("I have saved it"))
    h.tap(h.say("Go on"))
    h.see(h.say("In step"))
    return found.group()


def invitation(h: Hands) -> str:
    """Open an invitation from the sync screen; returns its link without the origin."""
    h.tap(h.say("Add a device…"))
    h.see(h.say("Copy the link"))
    h.tap(h.say("Copy the link"))
    wait_until(lambda: "/pair#" in h.copied())
    return "/pair#" + h.copied().partition("/pair#")[2]


def code_on(h: Hands) -> str:
    """The comparison code, once it is on screen."""
    wait_until(lambda: CODE.search(h.said()) is not None)
    found = CODE.search(h.said())
    assert found
    return found[1].replace(" ", "")


def agree_both(h: Hands, desk: Desk, inviter: Inviter) -> None:
    """Confirm the code on both sides, after the device of `h` opened the desk's invitation."""
    assert code_on(h) == inviter.code
    h.tap(h.say("It is my device and the same code: join"))
    desk.do(inviter.agree())
    wait_until(lambda: inviter.state == "done")


def sync_at_once(h: Hands) -> bool:
    """Make the app sync at once, as when the device gets a network again; True for use in conditions."""
    for worker in h.page.workers:
        if worker.url.endswith("/python-worker.js"):
            worker.evaluate("self.dispatchEvent(new Event('online'))")
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)

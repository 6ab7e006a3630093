"""Three devices from one key, two browsers and a CPython client: edited apart, they meet and agree."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.domain.entities import Client, Settings, utc_now
from app.platform.native import NativePlatform
from app.store.database import open_database
from app.store.store import Store
from app.sync.service import Sync
from tests.e2e.browser import Phone, Server
from tests.e2e.hands import Hands

T = TypeVar("T")

KEY = re.compile(r"(?:[0-9A-Z]{4}-){13}[0-9A-Z]{4}")
CLIENT = "lemoine"  # its id


class Desk:
    """A device without a screen: the app's own store and sync, in a thread, for Playwright has this one."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        folder.mkdir()
        self.do(self._open(folder))

    async def _open(self, folder: Path) -> None:
        self.store = Store(open_database(folder / "kaeru.db"), utc_now)
        self.store.save(Settings(introduced=True))
        self.sync = Sync(self.store, NativePlatform(), utc_now)

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
        """Whether the client has these, after the server was met once more."""

        async def look() -> bool:
            await self.sync.meet()
            client = self.store.get(Client, CLIENT)
            return client is not None and all(
                getattr(client, name) == value for name, value in fields.items()
            )

        return self.do(look())

    async def shut_out_newest(self) -> None:
        devices = [device for device in await self.sync.devices() if not device.this]
        await self.sync.revoke(max(devices, key=lambda device: device.created_at).id)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.store.close()
        self.loop.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("KAERU_DATA", str(tmp_path / "desk"))
    running = Desk(tmp_path / "desk")
    yield running
    running.close()


def test_three_devices_meet_and_agree_and_one_is_shut_out(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    first, second = make_phone(), make_phone()
    anna = Hands(first.start())
    key = start_syncing(anna)
    desk.do(desk.sync.join(key, server.url, "Desk"))
    desk.write(name="Lemoine")
    assert desk.has(name="Lemoine")

    ben = Hands(second.start(f"/pair#{key}"))
    assert key not in ben.page.url
    ben.see(ben.say("Everything from your other devices arrives here."))
    ben.tap(ben.say("Join"))
    ben.see(ben.say("In step"))
    ben.tap(ben.say("Go on"))
    ben.see(ben.say("Nothing waits for you"))  # a client is there, and the first run is over
    anna.tap(anna.say("Sync now"))
    anna.back()
    anna.back()
    for hands in (anna, ben):
        hands.tap(hands.say("Clients"), "tab")
        hands.see("Lemoine")

    server.stop()
    edit(anna, "Name", "Lemoine & fils")
    edit(ben, "How you address them", "Maître")
    desk.write(notes="Calls before nine.")
    server.start()
    whole = {"name": "Lemoine & fils", "honorific": "Maître", "notes": "Calls before nine."}
    wait_until(lambda: meets(anna) and meets(ben) and desk.has(**whole))
    for hands in (anna, ben):
        meets(hands)
        hands.see("Maître", "Lemoine & fils", "Calls before nine.")
        hands.back()

    desk.do(desk.shut_out_newest())
    meets(ben)
    ben.tap(ben.say("Settings: sync needs you"))
    ben.tap(ben.say("Sync"))
    ben.see("This device was shut out from another one.", ben.say("Enter a key…"))
    anna.tap(anna.say("Settings"))
    anna.tap(anna.say("Sync"))
    anna.see(anna.say("In step"), "Desk")
    assert not any(key in path for path in server.requests())


def start_syncing(h: Hands) -> str:
    """From the first run to a key that is said to be kept; the key."""
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


def meets(h: Hands) -> bool:
    """Have the app meet the server at once, as it does when the device finds a network again."""
    for worker in h.page.workers:
        if worker.url.endswith("/python-worker.js"):
            worker.evaluate("self.dispatchEvent(new Event('online'))")
    return True


def edit(h: Hands, label: str, text: str) -> None:
    h.tap("Lemoine")
    h.tap(h.say("Edit"))
    h.type(h.say(label), text)
    h.tap(h.say("Save"))
    h.see(text)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)

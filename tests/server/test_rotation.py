"""The client changes the account's key over HTTP: followed, killed midway, and set back by a restore."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from app.domain.entities import Client
from app.store.store import Store
from app.sync import keys
from app.sync.keyring import Keyring, KeyringSealer
from app.sync.service import Sync
from app.sync.wire import decode
from tests.server.conftest import serving
from tests.server.devices import PROTOCOL
from tests.server.processes import ROOT, environment, run
from tests.server.rotating import KeptPlatform, open_sync

MANY = 501


class Network(httpx.AsyncBaseTransport):
    """A connection a request, to whichever server is up at the moment."""

    def __init__(self, address: str = "") -> None:
        self.address = address

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        server = httpx.URL(self.address)
        url = request.url.copy_with(scheme=server.scheme, host=server.host, port=server.port)
        async with httpx.AsyncHTTPTransport() as connection:
            there = httpx.Request(request.method, url, headers=request.headers, content=request.content)
            response = await connection.handle_async_request(there)
            content = await response.aread()
        return httpx.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )


class Person:
    """Somebody with a device; its database and its secrets are files."""

    def __init__(self, folder: Path, network: Network) -> None:
        self.folder, self.network = folder, network
        self.open()

    def open(self) -> None:
        self.sync: Sync = open_sync(self.folder)
        self.store: Store = self.sync._store
        platform, network = self.sync._platform, self.network
        assert isinstance(platform, KeptPlatform)
        platform.transport = lambda: network  # type: ignore[method-assign]
        self.platform = platform

    async def reopen(self) -> None:
        self.store.close()
        self.open()
        await self.sync._resume()

    @property
    def device(self) -> str:
        state = self.store.exchange.state()
        assert state is not None
        return state.device

    def note(self, *ids: str) -> None:
        self.store.save(*(Client(id=id_, name=f"Client {id_}") for id_ in ids))

    def has(self, *ids: str) -> bool:
        return all(self.store.get(Client, id_) is not None for id_ in ids)


SERVER = "http://127.0.0.1:1"  # the network goes wherever the server is


@pytest.fixture
def people(tmp_path: Path) -> Iterator[Callable[[Network], list[Person]]]:
    made: list[Person] = []

    def make(network: Network) -> list[Person]:
        made.extend(Person(tmp_path / name, network) for name in ("mei", "laptop", "phone"))
        return made

    yield make
    for each in made:
        each.store.close()


async def meet(*people: Person) -> None:
    for _round in range(2):
        for each in people:
            await each.sync.meet()
            assert each.sync.status.state == "idle", each.sync.status


async def one_account(first: Person, *others: Person) -> str:
    text = await first.sync.start(SERVER)
    await meet(first)
    for each in others:
        await each.sync.join(text, SERVER)
    await meet(first, *others)
    for each in (first, *others):
        for new in each.sync.devices.new:
            each.sync.devices.acknowledge(new.id)
    return text


def tell(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 120))


async def stored_boxes(network: Network, person: Person) -> dict[str, bytes]:
    """Every box the server has, by record."""
    token = (await person.platform.vault.read("device-token") or b"").decode()
    name = keys.derive(keys.from_text(await person.sync.key_text())).name
    headers = {**PROTOCOL, "authorization": f"Bearer {token}", "kaeru-key": name}
    found: dict[str, bytes] = {}
    cursor, more = 0, True
    async with httpx.AsyncClient(base_url=network.address, headers=headers) as client:
        while more:
            answer = (await client.post("/api/v1/sync", json={"cursor": cursor, "changes": []})).json()
            cursor, more = answer["cursor"], answer["more"]
            found |= {each["id"]: decode(each["box"]) for each in answer["changes"]}
    return found


async def opened(person: Person, ring: Keyring, boxes: dict[str, bytes]) -> set[str]:
    sealer = KeyringSealer(person.platform, ring)
    plains = await sealer.open([(f"record:{id_}".encode(), box) for id_, box in boxes.items()])
    return {id_ for id_, plain in zip(boxes, plains, strict=True) if plain is not None}


def test_devices_that_stay_follow_and_the_lost_one_reads_nothing(
    api: httpx.Client, people: Callable[[Network], list[Person]]
) -> None:
    network = Network(str(api.base_url))
    mei, laptop, phone = people(network)

    async def story() -> None:
        mei.note(*(f"c{number:03}" for number in range(MANY)))
        before = await one_account(mei, laptop, phone)
        laptop.note("unsent")
        after = await mei.sync.change_key([phone.device])
        await meet(mei, laptop)
        assert mei.has("unsent")
        assert laptop.has(*(f"c{number:03}" for number in range(MANY)))
        boxes = await stored_boxes(network, mei)
        assert await opened(mei, Keyring.of(keys.from_text(after)), boxes) == boxes.keys()
        assert await opened(mei, Keyring.of(keys.from_text(before)), boxes) == set()
        await phone.sync.meet()
        assert phone.sync.status.code == "revoked"

    tell(story)


def test_a_device_killed_while_it_seals_anew_goes_on_and_one_that_joins_meanwhile_reads_all(
    api: httpx.Client, people: Callable[[Network], list[Person]]
) -> None:
    network = Network(str(api.base_url))
    mei, laptop, phone = people(network)
    everything = [f"c{number:04}" for number in range(3 * MANY)]

    async def begin() -> None:
        mei.note(*everything)
        await one_account(mei, phone)

    async def go_on() -> None:
        await mei.reopen()
        left = mei.store.exchange.count_stale(1)
        assert 0 < left < len(everything)
        await laptop.sync.join(await mei.sync.key_text(), SERVER)
        await laptop.sync.meet()
        assert laptop.has(*everything)
        await meet(mei, laptop)
        assert mei.store.exchange.count_stale(1) == laptop.store.exchange.count_stale(1) == 0
        boxes = await stored_boxes(network, mei)
        only_new = Keyring.of(keys.from_text(await mei.sync.key_text()))
        assert await opened(mei, only_new, boxes) == boxes.keys()

    tell(begin)
    mei.store.close()
    network_of(mei.folder, network.address)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.rotating", str(mei.folder), phone.device],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    while (line := process.stdout.readline()) and not is_midway(line):
        pass
    assert line, "it was done before it could be killed"
    process.kill()
    process.communicate()
    tell(go_on)


def network_of(folder: Path, address: str) -> None:
    """Have the device in that folder find its server there, also in another process."""
    with sqlite3.connect(folder / "kaeru.db") as connection:
        connection.execute("UPDATE sync_state SET server = ?", (address.rstrip("/"),))


def is_midway(line: str) -> bool:
    word, *numbers = line.split()
    return word == "sealing" and 0 < int(numbers[0]) < int(numbers[1])


@contextmanager
def serving_at(network: Network, web: Path, database: dict[str, Any]) -> Iterator[None]:
    with serving(web, **database) as running:
        network.address = str(running.client.base_url)
        yield


def copy_of(database: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A backup of a server that is not running, as the settings of a server that has it."""
    folder.mkdir()
    if "database_url" not in database:
        (folder / "kaeru.db").write_bytes((database["data"] / "kaeru.db").read_bytes())
        return {"data": folder}
    url = str(database["database_url"])
    name, copy = url.rpartition("?")[0].rpartition("/")[2], f"kaeru_{uuid4().hex}"
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
    return {"data": folder, "database_url": url.replace(f"/{name}?", f"/{copy}?")}


@pytest.mark.parametrize("for_good", [False, True], ids=["stopped", "for good"])
def test_a_device_shut_out_since_the_backup_stays_so_after_a_restore(
    web: Path,
    tmp_path: Path,
    database: dict[str, Any],
    people: Callable[[Network], list[Person]],
    for_good: bool,
) -> None:
    network = Network()
    mei, laptop, phone = people(network)

    async def before() -> None:
        mei.note("before")
        await one_account(mei, laptop, phone)

    async def after() -> None:
        if for_good:
            await mei.sync.change_key([phone.device])
        else:
            await mei.sync.devices.revoke(phone.device)
        mei.note("after")
        await meet(mei, laptop)

    async def restored() -> None:
        await laptop.sync.meet()
        assert laptop.sync.status.state == "idle", laptop.sync.status
        await phone.sync.meet()
        assert phone.sync.status.code == "revoked"
        await meet(mei, laptop)
        assert mei.has("before", "after")
        boxes = await stored_boxes(network, mei)
        assert {"before", "after"} <= boxes.keys()
        current = Keyring.of(keys.from_text(await mei.sync.key_text()))
        assert await opened(mei, current, boxes) == boxes.keys()
        assert {device.id for device in await mei.sync.devices.fetch()} == {mei.device, laptop.device}

    with serving_at(network, web, database):
        tell(before)
    backup = copy_of(database, tmp_path / "backup")
    with serving_at(network, web, database):
        tell(after)
    assert run("db", "restored", **environment(backup, web))[0] == 0
    with serving_at(network, web, backup):
        tell(restored)

"""Devices with databases and secrets in files, on a server that can be stopped and restored."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from app.domain.entities import Client
from app.store.store import Store
from app.sync import keys
from app.sync.keyring import Keyring, KeyringSealer
from app.sync.service import Sync
from app.sync.wire import decode
from tests.server.conftest import serving
from tests.server.devices import PROTOCOL
from tests.server.rotating import KeptPlatform, open_sync

TRIES = 5
SERVER = "http://127.0.0.1:1"  # placeholder: the network connects to the current server


class MovingNetwork(httpx.AsyncBaseTransport):
    """Opens a connection per request, to the currently running server."""

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
    """A user's device with its database and secrets in files."""

    def __init__(self, folder: Path, network: MovingNetwork) -> None:
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
        state = self.store.sync_store.state()
        assert state is not None
        return state.device

    def note(self, *ids: str) -> None:
        self.store.save(*(Client(id=id_, name=f"Client {id_}") for id_ in ids))

    def has(self, *ids: str) -> bool:
        return all(self.store.get(Client, id_) is not None for id_ in ids)


async def sync_once(*people: Person) -> None:
    """Sync twice; retry if the server is too busy, as the app does."""
    for _round in range(2):
        for each in people:
            for _try in range(TRIES):
                await each.sync.sync_once()
                if each.sync.status.state != "offline":
                    break
            assert each.sync.status.state == "idle", each.sync.status


async def one_account(first: Person, *others: Person) -> str:
    text = await first.sync.start(SERVER)
    await sync_once(first)
    for each in others:
        await each.sync.join(text, SERVER)
    await sync_once(first, *others)
    for each in (first, *others):
        for new in each.sync.devices.new:
            each.sync.devices.acknowledge(new.id)
    return text


def run_story(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 120))


async def stored_boxes(network: MovingNetwork, person: Person) -> dict[str, bytes]:
    """All boxes on the server, by record."""
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


@contextmanager
def serving_at(network: MovingNetwork, web: Path, database: dict[str, Any]) -> Iterator[None]:
    with serving(web, **database) as running:
        network.address = str(running.client.base_url)
        yield


def copy_of(database: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Copy a stopped server's database. Returns settings for a server with the copy."""
    folder.mkdir()
    if "database_url" not in database:
        (folder / "kaeru.db").write_bytes((database["data"] / "kaeru.db").read_bytes())
        return {"data": folder}
    url = str(database["database_url"])
    name, copy = url.rpartition("?")[0].rpartition("/")[2], f"kaeru_{uuid4().hex}"
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
    return {"data": folder, "database_url": url.replace(f"/{name}?", f"/{copy}?")}

"""Deleting everything while syncing: nothing comes back, and the device leaves the account."""

import asyncio

import httpx

from app.domain.entities import Client
from app.store import queries
from tests.unit.store.support import contents, records
from tests.unit.sync.people import Person, play, until
from tests.unit.sync.support import SERVER, FakeServer

RECORDS = 400  # several times the number stored at once


def test_records_received_during_a_wipe_are_not_stored(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        laptop.store.save(*(Client(name=f"Client {number}") for number in range(RECORDS)))
        text = await laptop.sync.start(SERVER)
        await laptop.sync.sync_once()
        await mei.sync.join(text, SERVER)
        session = asyncio.create_task(mei.sync.sync_once())
        await until(lambda: bool(queries.clients(mei.store)), pause=0)
        assert len(queries.clients(mei.store)) < RECORDS  # a part has arrived
        mei.store.wipe()
        await session
        assert contents(mei.store) == {}
        assert records(mei.store) == {}

    play(story)


def test_a_device_wiped_during_a_request_leaves_the_account(mei: Person, server: FakeServer) -> None:
    answer = server.answer

    def wipe_at_sync(request: httpx.Request, path: str, body: object) -> tuple[int, object]:
        if path == "sync" and body["changes"]:  # type: ignore[index]
            mei.store.wipe()
        return answer(request, path, body)

    async def story() -> None:
        running = asyncio.create_task(mei.sync.run())
        await mei.sync.start(SERVER)
        await until(lambda: mei.sync.status.state == "idle")
        server.answer = wipe_at_sync  # type: ignore[method-assign]
        mei.store.save(Client(id="c", name="Ana"))
        mei.sync.sync_now()
        await until(lambda: not server.devices)
        await until(lambda: mei.sync.status.state == "off")
        assert contents(mei.store) == {}
        running.cancel()

    play(story)

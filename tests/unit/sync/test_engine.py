"""A meeting with the server: what goes wrong, what is said about it, and that going on loses nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.domain.entities import Client
from app.sync.client import Client as SyncClient
from app.sync.engine import Line, synchronise
from app.sync.errors import SyncError
from tests.unit.store.support import Clock, contents, stored
from tests.unit.sync.support import Device, FakeServer, pushed


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> FakeServer:
    return FakeServer(clock, page=3)


@pytest.fixture
def one(server: FakeServer, clock: Clock) -> Device:
    return Device(server, "a", Clock(clock.now)).enter(create=True)


@pytest.fixture
def other(one: Device, server: FakeServer, clock: Clock) -> Device:
    return Device(server, "b", Clock(clock.now)).enter()


def note(device: Device, *ids: str, **fields: Any) -> None:
    device.store.save(*(Client(id=id_, name=f"Client {id_}", **fields) for id_ in ids))


def code_of(meeting: Callable[[], None]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(SyncError) as caught:
        meeting()
    return caught.value.code, dict(caught.value.detail)


def test_everything_arrives_in_pages_and_progress_is_told(
    one: Device, other: Device, server: FakeServer
) -> None:
    note(one, *"abcdefgh")
    one.meet()
    assert (one.progress[-1].sent, one.progress[-1].to_send) == (8, 8)
    other.meet()
    assert contents(other.store) == contents(one.store)
    assert [progress.received for progress in other.progress] == [3, 6, 8]
    assert sorted(pushed(server)) == list("abcdefgh")  # nothing that arrived is pushed back


class Halting(httpx.AsyncBaseTransport):
    """A network that hands over so many pages; what comes then, `halt` decides."""

    def __init__(self, server: FakeServer, pages: int, halt: Callable[[], Awaitable[None]]) -> None:
        self.server, self.pages, self.halt = server, pages, halt

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/sync"):
            if not self.pages:
                await self.halt()
            self.pages -= 1
        return await self.server.handle_async_request(request)


def test_a_network_that_goes_between_two_pages_leaves_what_came_and_the_rest_follows(
    one: Device, other: Device, server: FakeServer
) -> None:
    note(one, *"abcdefgh")
    one.meet()

    async def lose() -> None:
        raise httpx.ReadError("lost")

    assert code_of(lambda: other.meet(Halting(server, 2, lose)))[0] == "offline"
    assert {key.id for key in contents(other.store)} == set("abcdef")
    server.requests.clear()
    other.meet()
    assert [body["cursor"] for path, body in server.requests if path == "POST sync"] == [6]
    assert contents(other.store) == contents(one.store)


def test_a_meeting_that_is_cancelled_waits_for_no_page_and_goes_on_where_it_was(
    one: Device, other: Device, server: FakeServer
) -> None:
    note(one, *"abcdefgh")
    one.meet()
    left: list[asyncio.Task[Any]] = []

    async def cancelled_while_waiting(client: SyncClient) -> None:
        stored = asyncio.Event()
        line = Line(other.store.exchange, client, other.sealer, other.clock, lambda _progress: stored.set())
        meeting = asyncio.ensure_future(synchronise(line))
        await stored.wait()
        meeting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await meeting
        left.extend(asyncio.all_tasks() - {asyncio.current_task()})

    async def hang() -> None:
        await asyncio.Event().wait()

    other.ask(cancelled_while_waiting, Halting(server, 1, hang))
    assert left == []
    assert {key.id for key in contents(other.store)} == set("abc")
    other.meet()
    assert contents(other.store) == contents(one.store)


def test_meeting_again_with_nothing_new_is_one_small_request(one: Device, server: FakeServer) -> None:
    note(one, "a")
    one.meet()
    server.requests.clear()
    one.meet()
    assert [path for path, _ in server.requests] == ["GET info", "POST sync"]
    assert pushed(server) == []


def test_a_lost_answer_is_made_up_for_without_a_second_version(one: Device, server: FakeServer) -> None:
    note(one, "a")

    class Lost(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await server.handle_async_request(request)
            if request.url.path.endswith("/sync") and server.records:
                raise httpx.ReadError("lost", request=request)
            return response

    assert code_of(lambda: one.meet(Lost()))[0] == "offline"
    assert stored(one.store, "a").dirty
    one.meet()
    assert (stored(one.store, "a").dirty, stored(one.store, "a").rev, server.counter) == (False, 1, 1)


@pytest.mark.parametrize("days", [1000, -1000])
def test_a_clock_that_is_years_off_sends_nothing_until_it_is_set_right(
    one: Device, other: Device, server: FakeServer, days: int
) -> None:
    one.clock.forward(days=days)
    note(one, "a")
    code, detail = code_of(one.meet)
    assert (code, detail) == ("clock", {"seconds": timedelta(days=days).total_seconds()})
    assert pushed(server) == []
    one.clock.forward(days=-days)
    one.meet()
    other.meet()
    client = other.store.get(Client, "a")
    client.notes = "a later edit wins"
    other.clock.forward(seconds=5)
    other.store.save(client)
    other.meet()
    one.meet()
    assert one.store.get(Client, "a").notes == "a later edit wins"


def test_a_full_server_still_hands_over_what_others_wrote(
    one: Device, other: Device, server: FakeServer
) -> None:
    note(one, "a", "b")
    one.meet()
    server.quota = 2
    note(other, "c")
    assert code_of(other.meet) == ("quota", {"used": 2, "limit": 2})
    assert {"a", "b", "c"} == {key.id for key in contents(other.store)}
    server.quota = 3
    other.meet()
    assert "c" in server.records


def test_what_is_too_long_is_named_and_all_the_rest_goes(one: Device, server: FakeServer) -> None:
    note(one, "a", "c")
    one.store.save(Client(id="b", name="Bo", notes="語" * 30_000))
    assert code_of(one.meet) == ("too_large", {"ids": ("b",)})
    assert server.records.keys() == {"a", "c"}
    one.store.save(Client(id="b", name="Bo", notes="short"))
    one.meet()
    assert server.records.keys() == {"a", "b", "c"}


def test_a_revoked_device_is_told_and_keeps_its_data(one: Device, other: Device) -> None:
    note(other, "a")
    one.ask(lambda client: client.revoke("device-b"))
    assert code_of(other.meet)[0] == "revoked"
    assert other.store.get(Client, "a") is not None


def test_a_deleted_account_is_unknown_from_then_on(one: Device, other: Device) -> None:
    one.ask(lambda client: client.delete_account(one.keys.secret))
    assert code_of(other.meet)[0] == "unauthorized"


def test_a_server_of_another_protocol_is_named(one: Device, server: FakeServer) -> None:
    server.protocol = {"min": 2, "max": 3}
    assert code_of(one.meet) == ("protocol", {"min": 2, "max": 3})


def test_another_key_does_not_get_in(one: Device, server: FakeServer, clock: Clock) -> None:
    stranger = Device(server, "x", clock, key=bytes(32))
    assert code_of(lambda: stranger.enter() and None)[0] == "no_account"


def test_a_server_restored_from_a_backup_gets_back_what_it_lost(
    one: Device, other: Device, server: FakeServer
) -> None:
    note(one, "a")
    one.meet()
    backup = deepcopy(server)
    note(one, "b", "c")
    one.store.save(Client(id="a", name="edited"))
    one.meet()
    other.meet()
    server.restore(backup)
    one.meet()
    other.meet()
    one.meet()
    assert server.records.keys() == {"a", "b", "c"}
    assert contents(one.store) == contents(other.store)
    assert other.store.get(Client, "a").name == "edited"


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (httpx.Response(200, html="<title>Welcome to our hotel</title>"), "no_server"),
        (httpx.Response(404, html="nothing here"), "no_server"),
        (httpx.Response(200, json={"name": "other"}), "no_server"),
        (httpx.Response(502, html="bad gateway"), "server"),
        (httpx.Response(503, json={"code": "unavailable"}), "server"),
        (httpx.Response(429, headers={"retry-after": "17"}), "busy"),
        (httpx.Response(403, json={"code": "closed"}), "closed"),
        (httpx.Response(426, json={"code": "protocol", "min": 2, "max": 2}), "protocol"),
    ],
)
def test_whatever_answers_is_given_its_name(one: Device, response: httpx.Response, code: str) -> None:
    network = httpx.MockTransport(lambda _request: response)
    with pytest.raises(SyncError) as caught:
        one.meet(network)
    assert caught.value.code == code
    assert caught.value.retry_after == (17 if code == "busy" else None)


def test_a_server_that_never_takes_anything_is_given_up_on(one: Device, clock: Clock) -> None:
    note(one, "a")

    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/info"):
            protocol = {"min": 1, "max": 1}
            return httpx.Response(
                200, json={"name": "kaeru", "protocol": protocol, "time": clock.now.isoformat()}
            )
        nothing = {"cursor": 0, "changes": [], "accepted": [], "conflicts": [], "more": False}
        return httpx.Response(200, json=nothing)

    assert code_of(lambda: one.meet(httpx.MockTransport(refuse)))[0] == "server"

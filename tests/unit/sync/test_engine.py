"""Sync sessions: failures, their error codes, and resuming without losses."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.domain.entities import Client, Message
from app.store.changes import RecordState
from app.store.clock import HybridClock
from app.store.records import Key
from app.sync.api_client import ApiClient as SyncClient
from app.sync.engine import SyncContext, synchronise
from app.sync.errors import SyncError
from app.sync.sealing import seal_records
from app.sync.wire import encode
from tests.unit.store.support import Clock, contents, stored
from tests.unit.sync.support import Device, FakeServer, pushed, run


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


def code_of(session: Callable[[], None]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(SyncError) as caught:
        session()
    return caught.value.code, dict(caught.value.detail)


def test_records_arrive_in_pages_with_progress(one: Device, other: Device, server: FakeServer) -> None:
    note(one, *"abcdefgh")
    one.sync_once()
    assert (one.progress[-1].sent, one.progress[-1].to_send) == (8, 8)
    other.sync_once()
    assert contents(other.store) == contents(one.store)
    assert [progress.received for progress in other.progress] == [3, 6, 8]
    assert sorted(pushed(server)) == list("abcdefgh")  # received records are not pushed back


class Halting(httpx.AsyncBaseTransport):
    """A network that delivers a number of pages, and then calls `halt`."""

    def __init__(self, server: FakeServer, pages: int, halt: Callable[[], Awaitable[None]]) -> None:
        self.server, self.pages, self.halt = server, pages, halt

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/sync"):
            if not self.pages:
                await self.halt()
            self.pages -= 1
        return await self.server.handle_async_request(request)


def test_a_network_failure_between_pages_keeps_what_arrived(
    one: Device, other: Device, server: FakeServer
) -> None:
    note(one, *"abcdefgh")
    one.sync_once()

    async def lose() -> None:
        raise httpx.ReadError("lost")

    assert code_of(lambda: other.sync_once(Halting(server, 2, lose)))[0] == "offline"
    assert {key.id for key in contents(other.store)} == set("abcdef")
    server.requests.clear()
    other.sync_once()
    assert [body["cursor"] for path, body in server.requests if path == "POST sync"] == [6]
    assert contents(other.store) == contents(one.store)


def test_an_interruption_between_a_deletion_and_a_newer_message_deletes_nothing(
    one: Device, other: Device, server: FakeServer
) -> None:
    """The client's deletion arrives first, the message that restores it only in the next session."""
    one.store.save(Client(id="c", name="Ana"), Message(id="old", client_id="c", summary="old"))
    one.sync_once()
    other.sync_once()
    server.page = 1
    deletion, later = HybridClock(one.clock, "one").tick(), Clock(one.clock.now + timedelta(minutes=1))
    late = HybridClock(later, "two").tick()
    new = RecordState("new", "message", {"client_id": ["c", late], "summary": ["new", late]})
    boxes = run(seal_records(one.sealer, [RecordState("c", "client", gone=deletion), new]))
    for id_, box in zip(("c", "new"), boxes, strict=True):
        server.counter += 1
        server.records[id_] = (server.counter, encode(box), "device-a")

    async def lose() -> None:
        raise httpx.ReadError("lost")

    assert code_of(lambda: other.sync_once(Halting(server, 1, lose)))[0] == "offline"
    note(other, "elsewhere")
    server.requests.clear()
    other.sync_once()
    assert contents(other.store).keys() >= {Key("client", "c"), Key("message", "old"), Key("message", "new")}
    assert other.store.get(Client, "c").name == "Ana"
    assert sorted(pushed(server)) == ["c", "elsewhere"]  # the restored client, and no deletion
    one.sync_once()
    assert contents(one.store) == contents(other.store)


def test_a_cancelled_session_leaves_no_tasks_and_can_be_resumed(
    one: Device, other: Device, server: FakeServer
) -> None:
    note(one, *"abcdefgh")
    one.sync_once()
    left: list[asyncio.Task[Any]] = []

    async def cancelled_while_waiting(client: SyncClient) -> None:
        stored = asyncio.Event()
        context = SyncContext(
            other.store.sync_store, client, other.sealer, other.clock, lambda _progress: stored.set()
        )
        session = asyncio.ensure_future(synchronise(context))
        await stored.wait()
        session.cancel()
        with pytest.raises(asyncio.CancelledError):
            await session
        left.extend(asyncio.all_tasks() - {asyncio.current_task()})

    async def hang() -> None:
        await asyncio.Event().wait()

    other.ask(cancelled_while_waiting, Halting(server, 1, hang))
    assert left == []
    assert {key.id for key in contents(other.store)} == set("abc")
    other.sync_once()
    assert contents(other.store) == contents(one.store)


def test_a_session_without_changes_is_one_small_request(one: Device, server: FakeServer) -> None:
    note(one, "a")
    one.sync_once()
    server.requests.clear()
    one.sync_once()
    assert [path for path, _ in server.requests] == ["GET info", "POST sync"]
    assert pushed(server) == []


def test_a_lost_response_does_not_result_in_a_second_revision(one: Device, server: FakeServer) -> None:
    note(one, "a")

    class Lost(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await server.handle_async_request(request)
            if request.url.path.endswith("/sync") and server.records:
                raise httpx.ReadError("lost", request=request)
            return response

    assert code_of(lambda: one.sync_once(Lost()))[0] == "offline"
    assert stored(one.store, "a").dirty
    one.sync_once()
    assert (stored(one.store, "a").dirty, stored(one.store, "a").rev, server.counter) == (False, 1, 1)


@pytest.mark.parametrize("days", [1000, -1000])
def test_a_wrong_clock_sends_nothing_until_it_is_corrected(
    one: Device, other: Device, server: FakeServer, days: int
) -> None:
    one.clock.forward(days=days)
    note(one, "a")
    code, detail = code_of(one.sync_once)
    assert (code, detail) == ("clock", {"seconds": timedelta(days=days).total_seconds()})
    assert pushed(server) == []
    one.clock.forward(days=-days)
    one.sync_once()
    other.sync_once()
    client = other.store.get(Client, "a")
    client.notes = "a later edit wins"
    other.clock.forward(seconds=5)
    other.store.save(client)
    other.sync_once()
    one.sync_once()
    assert one.store.get(Client, "a").notes == "a later edit wins"


def test_a_full_server_still_sends_other_devices_changes(
    one: Device, other: Device, server: FakeServer
) -> None:
    note(one, "a", "b")
    one.sync_once()
    server.quota = 2
    note(other, "c")
    assert code_of(other.sync_once) == ("quota", {"used": 2, "limit": 2})
    assert {"a", "b", "c"} == {key.id for key in contents(other.store)}
    server.quota = 3
    other.sync_once()
    assert "c" in server.records


def test_a_record_too_large_is_named_and_all_others_are_sent(one: Device, server: FakeServer) -> None:
    note(one, "a", "c")
    one.store.save(Client(id="b", name="Bo", notes="語" * 30_000))
    assert code_of(one.sync_once) == ("too_large", {"ids": ("b",)})
    assert server.records.keys() == {"a", "c"}
    one.store.save(Client(id="b", name="Bo", notes="short"))
    one.sync_once()
    assert server.records.keys() == {"a", "b", "c"}


def test_a_revoked_device_gets_an_error_and_keeps_its_data(one: Device, other: Device) -> None:
    note(other, "a")
    one.ask(lambda client: client.revoke("device-b"))
    assert code_of(other.sync_once)[0] == "revoked"
    assert other.store.get(Client, "a") is not None


def test_other_devices_of_a_deleted_account_are_unauthorized(one: Device, other: Device) -> None:
    one.ask(lambda client: client.delete_account(one.keys.secret))
    assert code_of(other.sync_once)[0] == "unauthorized"


def test_an_unsupported_protocol_is_reported(one: Device, server: FakeServer) -> None:
    server.protocol = {"min": 2, "max": 3}
    assert code_of(one.sync_once) == ("protocol", {"min": 2, "max": 3})


def test_a_device_with_another_key_cannot_register(one: Device, server: FakeServer, clock: Clock) -> None:
    stranger = Device(server, "x", clock, key=bytes(32))
    assert code_of(lambda: stranger.enter() and None)[0] == "no_account"


def test_a_restored_server_gets_lost_records_again(one: Device, other: Device, server: FakeServer) -> None:
    note(one, "a")
    one.sync_once()
    backup = deepcopy(server)
    note(one, "b", "c")
    one.store.save(Client(id="a", name="edited"))
    one.sync_once()
    other.sync_once()
    server.restore(backup)
    one.sync_once()
    other.sync_once()
    one.sync_once()
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
def test_error_responses_are_mapped_to_codes(one: Device, response: httpx.Response, code: str) -> None:
    network = httpx.MockTransport(lambda _request: response)
    with pytest.raises(SyncError) as caught:
        one.sync_once(network)
    assert caught.value.code == code
    assert caught.value.retry_after == (17 if code == "busy" else None)


def test_a_server_that_accepts_nothing_ends_the_session(one: Device, clock: Clock) -> None:
    note(one, "a")

    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/info"):
            protocol = {"min": 1, "max": 1}
            return httpx.Response(
                200, json={"name": "kaeru", "protocol": protocol, "time": clock.now.isoformat()}
            )
        nothing = {"cursor": 0, "changes": [], "accepted": [], "conflicts": [], "more": False}
        return httpx.Response(200, json=nothing)

    assert code_of(lambda: one.sync_once(httpx.MockTransport(refuse)))[0] == "server"


# --- broken or malicious servers -------------------------------------------------------------------------


class Answering(httpx.AsyncBaseTransport):
    """A server whose sync responses are computed by `answer` from the request's body."""

    def __init__(self, server: FakeServer, answer: Callable[[Any], Any], **limits: int) -> None:
        self.server, self.answer, self.limits, self.asked = server, answer, limits, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.server.handle_async_request(request)
        if request.url.path.endswith("/info"):
            return httpx.Response(200, json=response.json() | {"limits": self.limits})
        self.asked += 1
        return httpx.Response(200, json=self.answer(json.loads(await request.aread())))


def page(cursor: int, *changes: tuple[str, int], more: bool = True, **parts: Any) -> dict[str, Any]:
    entries = [{"id": id_, "rev": rev, "box": "AAAA"} for id_, rev in changes]
    return {"cursor": cursor, "changes": entries, "accepted": [], "conflicts": [], "more": more} | parts


def test_a_growing_cursor_without_records_ends_the_session(one: Device, server: FakeServer) -> None:
    endless = Answering(server, lambda body: page(body["cursor"] + 1))
    assert code_of(lambda: one.sync_once(endless)) == ("server", {"reason": "no progress"})
    assert endless.asked < 50


def test_endless_conflicts_end_the_session(one: Device, server: FakeServer) -> None:
    note(one, "a")
    one.sync_once()
    box = server.records["a"][1]
    note(one, "a", notes="edited")

    def conflict(body: Any) -> Any:
        rev = body["cursor"] + 1
        entries = [{"id": each["id"], "rev": rev, "box": box} for each in body["changes"]]
        return page(rev, more=False, conflicts=entries)

    refusing = Answering(server, conflict)
    assert code_of(lambda: one.sync_once(refusing)) == ("server", {"reason": "no progress"})
    assert refusing.asked < 50


@pytest.mark.parametrize("announced", [1500, 2**53 - 1])
def test_more_records_than_an_account_holds_end_the_session(
    one: Device, server: FakeServer, monkeypatch: pytest.MonkeyPatch, announced: int
) -> None:
    """Regardless of the limit that the server claims."""
    monkeypatch.setattr("app.sync.engine.MIN_RECORD_LIMIT", 1000)
    monkeypatch.setattr("app.sync.engine.MAX_RECORD_LIMIT", 1500)

    def flood(body: Any) -> Any:
        first = body["cursor"] + 1
        return page(first + 499, *((f"r{rev}", rev) for rev in range(first, first + 500)))

    endless = Answering(server, flood, account_records=announced)
    code, detail = code_of(lambda: one.sync_once(endless))
    assert (code, detail["reason"]) == ("server", "more records than an account holds")
    assert endless.asked <= 9  # including the page that is prefetched while one is stored


LARGEST = 2**53 - 1


@pytest.mark.parametrize(
    "answer",
    [
        page(2**60, more=False),
        page(LARGEST + 1, more=False),
        page(-1, more=False),
        page(5, ("a", 2**60), more=False),
        page(5, ("a", -1), more=False),
        page(5, ("a", 0), more=False),
        page(5, ("a", 6), more=False),  # above the cursor
        page(5, ("a", 3), ("b", 3), more=False),
        page(5, ("a", 4), ("b", 3), more=False),
        page(5, ("a", 3), ("a", 4), more=False),
        page(5, ("A", 3), more=False),
        page(5, ("", 3), more=False),
        page(5, ("../account", 3), more=False),
        page(5, ("a" * 65, 3), more=False),
        page(5, more=False, accepted=[{"id": "not-sent", "rev": 5}]),
        page(5, more=False, accepted=[{"id": "sent", "rev": 0}]),
        page(5, more=False, conflicts=[{"id": "not-sent", "rev": 5, "box": ""}]),
        page(5, more=False, accepted=[{"id": "sent", "rev": 2**60}]),
        page(5, more=False, accepted=[{"id": "sent", "rev": 4}, {"id": "sent", "rev": 5}]),
        page(
            5,
            more=False,
            accepted=[{"id": "sent", "rev": 5}],
            conflicts=[{"id": "sent", "rev": 4, "box": ""}],
        ),
    ],
)
def test_an_inconsistent_response_is_rejected_and_nothing_is_stored(
    one: Device, server: FakeServer, answer: dict[str, Any]
) -> None:
    note(one, "sent")
    asked = iter([page(0, more=False), answer])
    assert code_of(lambda: one.sync_once(Answering(server, lambda _body: next(asked))))[0] == "no_server"
    assert one.store.sync_store.state().cursor == 0
    assert (stored(one.store, "sent").rev, stored(one.store, "sent").dirty) == (0, True)


def test_the_largest_revision_is_accepted(one: Device, server: FakeServer) -> None:
    note(one, "sent")
    last = page(LARGEST, more=False, accepted=[{"id": "sent", "rev": LARGEST}])
    asked = iter([page(0, more=False), last])
    one.sync_once(Answering(server, lambda _body: next(asked)))
    assert (stored(one.store, "sent").rev, one.store.sync_store.state().cursor) == (LARGEST, LARGEST)


class Endless(httpx.AsyncByteStream):
    """An infinite body."""

    sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.sent += 2**20
            yield b" " * 2**20


def test_an_infinite_response_is_aborted(one: Device) -> None:
    body = Endless()
    endless = httpx.MockTransport(lambda _request: httpx.Response(200, stream=body))
    assert code_of(lambda: one.sync_once(endless))[0] == "server"
    assert body.sent < 70 * 2**20


@pytest.mark.parametrize("wait", ["999999999999", "9" * 5000])
def test_a_huge_retry_after_is_limited_to_an_hour(one: Device, wait: str) -> None:
    busy = httpx.MockTransport(lambda _request: httpx.Response(429, headers={"retry-after": wait}))
    with pytest.raises(SyncError) as caught:
        one.sync_once(busy)
    assert (caught.value.code, caught.value.retry_after) == ("busy", 3600)


@pytest.mark.parametrize("code", ["no_key", "locked_key", "off", "clock", "newer", "storage", "unopened"])
def test_client_only_error_codes_from_a_server_are_not_trusted(one: Device, code: str) -> None:
    lying = httpx.MockTransport(lambda _request: httpx.Response(400, json={"code": code}))
    assert code_of(lambda: one.sync_once(lying))[0] == "server"


@pytest.mark.parametrize(
    "date", ["Mon, 01 Jan 2026 00:00:00 -0000", "Fri, 31 Dec 99999 00:00:00 GMT", "soon"]
)
def test_malformed_date_headers_are_ignored(one: Device, server: FakeServer, date: str) -> None:
    class Dated(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await server.handle_async_request(request)
            response.headers["date"] = date
            return response

    try:
        one.sync_once(Dated())
    except SyncError as error:
        assert error.code == "clock"  # noqa: PT017 - a date that is far off


def test_deeply_nested_json_is_rejected(one: Device) -> None:
    deep = httpx.MockTransport(lambda _request: httpx.Response(200, content=b"[" * 200_000))
    assert code_of(lambda: one.sync_once(deep))[0] == "no_server"


def test_changes_to_an_undecryptable_record_wait_and_others_are_sent(one: Device, server: FakeServer) -> None:
    note(one, "a", "b")
    one.sync_once()
    other_key = encode(b"x" * 60)
    server.counter += 1
    server.records["a"] = (server.counter, other_key, "another device")
    note(one, "a", "b", notes="edited")
    assert code_of(one.sync_once) == ("unopened", {"ids": ("a",)})
    assert server.records["a"][1] == other_key
    assert not stored(one.store, "b").dirty
    assert code_of(one.sync_once) == ("unopened", {"ids": ("a",)})
    one.clock.forward(days=30)
    server.clock.now = one.clock.now
    one.sync_once()
    assert server.records["a"][1] != other_key
    assert not stored(one.store, "a").dirty

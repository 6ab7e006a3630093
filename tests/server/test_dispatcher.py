"""The dispatcher on both databases: which reminders ring, and every kind of push service fault."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from py_vapid import Vapid02

from app.server.push import dispatcher
from tests.server.devices import Device, new_box, new_id, problem, reminder
from tests.server.ringing import Ringing
from tests.server.sink import Answer

PLACES = pytest.mark.parametrize(
    "place", [{"scheme": "http"}, {"scheme": "https", "host": "localhost"}], ids=["http", "https"]
)


@PLACES
def test_a_due_reminder_rings_every_device_of_the_account(rings: Ringing, place: dict[str, Any]) -> None:
    device, browser = rings.device(**place)
    second = rings.subscribe(device.another(), **place)
    planned = reminder(rings.clock.now + timedelta(minutes=5), urgency="normal")
    device.put(planned)
    rings.clock.pass_by(seconds=299)
    rings.round()
    assert rings.sink.pushes(browser) == []
    rings.clock.pass_by(seconds=1)
    rings.round()
    rings.round()
    for each in (browser, second):
        (push,) = rings.sink.pushes(each)
        assert each.read(push) == {
            "v": 1,
            "id": planned["id"],
            "group": planned["group"],
            "box": planned["box"],
        }
        assert (push.headers["ttl"], push.headers["urgency"]) == ("3600", "normal")
        assert push.headers["topic"] == planned["group"][:32]
        assert push.headers["content-encoding"] == "aes128gcm"
    assert rings.kept(device) == (1, 0, 2)


def test_a_push_carries_a_valid_vapid_token(rings: Ringing) -> None:
    device, browser = rings.device()
    device.put(reminder(rings.clock.now))
    rings.round()
    (push,) = rings.sink.pushes(browser)
    authorization = push.headers["authorization"]
    assert Vapid02.verify(authorization)
    key = rings.client.get("/api/v1/info").json()["push"]["key"]
    assert authorization.endswith(f",k={key}")
    claims = json.loads(base64.urlsafe_b64decode(authorization.split(".")[1] + "=="))
    assert claims["aud"] == browser.endpoint.rsplit("/push/", 1)[0]
    assert claims["sub"] == rings.settings.push_contact
    left = datetime.fromtimestamp(claims["exp"], UTC) - rings.clock.now
    assert timedelta(hours=6) <= left <= timedelta(hours=12)


def test_a_test_notification_rings_only_this_device_once_and_at_once(rings: Ringing) -> None:
    device, browser = rings.device()
    other = rings.subscribe(device.another())
    box = new_box()
    answer = device.request("POST", "/push/test", json={"box": box})
    assert (answer.status_code, answer.content) == (202, b"")
    rings.round()
    rings.round()
    (push,) = rings.sink.pushes(browser)
    assert browser.read(push) == {"v": 1, "id": "test", "group": "test", "box": box}
    assert rings.sink.pushes(other) == []
    # It is not part of the plan, and can be repeated.
    assert device.change_plan(base=9).json()["ids"] == []
    device.request("POST", "/push/test", json={"box": box})
    rings.round()
    assert len(rings.sink.pushes(browser)) == 2


def test_a_test_notification_requires_a_subscription_and_is_rate_limited(rings: Ringing) -> None:
    device = Device.of_new_account(rings.client)
    for _ in range(10):
        refused = device.request("POST", "/push/test", json={"box": new_box()})
        assert problem(refused) == (404, "no_subscription")
    assert problem(device.request("POST", "/push/test", json={"box": new_box()})) == (429, "rate_limited")


def test_dropped_and_expired_reminders_never_ring(rings: Ringing) -> None:
    device, browser = rings.device()
    at = rings.clock.now + timedelta(minutes=1)
    dropped, grouped = reminder(at), reminder(at)
    expired = reminder(at, lasts=timedelta(seconds=30))
    device.put(dropped, grouped, expired)
    device.put(drop=[dropped["id"]])
    device.request("DELETE", f"/reminders/groups/{grouped['group']}")
    rings.clock.pass_by(minutes=2)
    rings.round()
    assert rings.sink.pushes(browser) == []
    assert rings.kept(device) == (0, 0, 1)  # swept


@pytest.mark.parametrize("how", ["id", "group", "expired"])
def test_a_reminder_dropped_or_expired_between_retries_is_not_retried(rings: Ringing, how: str) -> None:
    device, browser = rings.device()
    planned = reminder(rings.clock.now, lasts=timedelta(minutes=10))
    device.put(planned)
    rings.sink.will(browser.path, Answer(503, {"retry-after": "300"}))
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1
    if how == "id":
        device.put(drop=[planned["id"]])
    elif how == "group":
        device.request("DELETE", f"/reminders/groups/{planned['group']}")
    rings.clock.pass_by(minutes=11 if how == "expired" else 6)
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1
    assert rings.kept(device)[1] == 0
    # It is stored as rung until it expires, so it cannot be added again.
    if how != "expired":
        device.put(planned)
        rings.round()
        assert len(rings.sink.pushes(browser)) == 1


@PLACES
@pytest.mark.parametrize(
    "fault", [Answer(429), Answer(500), Answer(503), Answer(reset=True)], ids=["429", "500", "503", "reset"]
)
def test_a_push_is_retried_with_the_same_topic_after_a_service_fault(
    rings: Ringing, fault: Answer, place: dict[str, Any]
) -> None:
    device, browser = rings.device(**place)
    healthy = rings.subscribe(device.another(), **place)
    planned = reminder(rings.clock.now)
    # A push whose connection is lost is sent again at once.
    faults = 4 if fault.reset else 2
    rings.sink.will(browser.path, *[fault] * faults)
    device.put(planned)
    rings.round()
    rings.clock.pass_by(seconds=3)
    rings.round()
    rings.clock.pass_by(seconds=5)
    rings.round()
    pushes = rings.sink.pushes(browser)
    assert len(pushes) == faults + 1
    assert {push.headers["topic"] for push in pushes} == {planned["group"]}
    assert {browser.read(push)["box"] for push in pushes} == {planned["box"]}
    assert rings.sink.pushes(healthy)
    assert rings.kept(device)[1] == 0


def test_retry_after_is_honoured(rings: Ringing) -> None:
    device, browser = rings.device()
    rings.sink.will(browser.path, Answer(429, {"retry-after": "120"}))
    device.put(reminder(rings.clock.now))
    rings.round()
    rings.clock.pass_by(seconds=119)
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1
    rings.clock.pass_by(seconds=1)
    rings.round()
    (_refused, taken) = rings.sink.pushes(browser)
    assert taken.headers["ttl"] == str(3600 - 120)


@pytest.mark.parametrize("status", [404, 410])
def test_only_an_endpoint_that_is_gone_is_deleted(rings: Ringing, status: int) -> None:
    device, browser = rings.device()
    other = rings.subscribe(device.another())
    rings.sink.will(browser.path, Answer(status))
    device.put(reminder(rings.clock.now), reminder(rings.clock.now + timedelta(minutes=1)))
    rings.round()
    rings.clock.pass_by(minutes=1)
    rings.round()
    assert (len(rings.sink.pushes(browser)), len(rings.sink.pushes(other))) == (1, 2)
    assert rings.kept(device) == (2, 0, 1)


@pytest.mark.parametrize("status", [307, 400, 401, 403, 413])
def test_a_refused_push_is_retried_later_and_loses_no_reminder(rings: Ringing, status: int) -> None:
    """The server may be at fault: a wrong clock, a missing key, a header."""
    device, browser = rings.device()
    refused = rings.figure("pushes_failed_total", reason="refused")
    rings.sink.will(browser.path, *[Answer(status, {"location": browser.endpoint})] * 2)
    device.put(reminder(rings.clock.now))
    rings.round()
    rings.clock.pass_by(seconds=59)
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1
    assert rings.kept(device) == (1, 1, 1)
    for _ in range(2):
        rings.clock.pass_by(minutes=2)
        rings.round()
    assert len(rings.sink.pushes(browser)) == 3
    assert rings.kept(device) == (1, 0, 1)
    assert rings.figure("pushes_failed_total", reason="refused") == refused + 2


def test_refusals_are_logged_once_a_minute(rings: Ringing, caplog: pytest.LogCaptureFixture) -> None:
    devices = [rings.device() for _ in range(20)]
    rings.clock.pass_by(minutes=2)  # after the previous test's warning
    for device, browser in devices:
        rings.sink.will(browser.path, Answer(418))
        device.put(reminder(rings.clock.now))
    rings.round()
    said = [record for record in caplog.records if record.message == "push refused"]
    assert len(said) == 1
    assert said[0].__dict__["fields"]["status"] == 418


def test_a_refused_vapid_token_is_replaced_but_not_too_often(rings: Ringing) -> None:
    device, browser = rings.device()

    def token() -> str:
        device.put(reminder(rings.clock.now))
        rings.round()
        return rings.sink.pushes(browser)[-1].headers["authorization"]

    rings.clock.pass_by(hours=7)  # so that the first token is new
    first = token()
    rings.sink.will(browser.path, Answer(403))
    refused = token()
    assert refused == token() == first
    rings.clock.pass_by(minutes=21)
    rings.round()
    rings.sink.will(browser.path, Answer(403))
    assert token() == first
    assert token() != first


def test_an_unreachable_service_delays_no_other_and_gets_its_pushes_later(rings: Ringing) -> None:
    device, browser = rings.device()
    down = rings.sink.browser(f"/push/{new_id()}")
    port = down.endpoint.split(":")[2].split("/")[0]
    down.endpoint = down.endpoint.replace(port, "9")  # the discard port: nothing listens
    other = device.another()
    other.subscribe(down.subscription())
    device.put(reminder(rings.clock.now))
    failed = rings.figure("pushes_failed_total", reason="network")
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1
    assert rings.figure("pushes_failed_total", reason="network") == failed + 1
    # The device has a new endpoint by the retry, which goes there.
    back = rings.subscribe(other)
    rings.clock.pass_by(seconds=5)
    rings.round()
    assert len(rings.sink.pushes(back)) == 1


@PLACES
def test_a_slow_endpoint_delays_no_other(rings: Ringing, place: dict[str, Any]) -> None:
    device, slow = rings.device(**place)
    others = [rings.device(**place) for _ in range(20)]
    rings.sink.will(slow.path, Answer(hold=True))
    arrived = len(rings.sink.received)

    async def while_one_is_held() -> None:
        running = asyncio.create_task(rings.dispatcher.round())
        await asyncio.to_thread(rings.sink.wait_for, arrived + 21)
        # Others fall due meanwhile and overtake the held one.
        for other, _browser in others:
            await asyncio.to_thread(other.put, reminder(rings.clock.now))
        await rings.dispatcher.poll()
        await asyncio.to_thread(rings.sink.wait_for, arrived + 41)
        assert rings.kept(device) == (1, 1, 1)
        rings.sink.release()
        await running

    for each in (device, *(other for other, _browser in others)):
        each.put(reminder(rings.clock.now))
    rings.runner.run(while_one_is_held())
    assert len(rings.sink.pushes(slow)) == 1
    assert all(len(rings.sink.pushes(browser)) == 2 for _other, browser in others)
    assert rings.kept(device) == (1, 0, 1)


@PLACES
def test_a_push_without_a_response_times_out_and_is_retried(
    rings: Ringing, place: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "PUSH_SECONDS", 0.3)
    device, browser = rings.device(**place)
    rings.sink.will(browser.path, Answer(hold=True))
    device.put(reminder(rings.clock.now))
    failed = rings.figure("pushes_failed_total", reason="timeout")
    rings.round()
    assert rings.figure("pushes_failed_total", reason="timeout") == failed + 1
    assert rings.kept(device) == (1, 1, 1)
    rings.sink.release()
    rings.clock.pass_by(seconds=5)
    rings.round()
    first, again = rings.sink.pushes(browser)
    assert again.headers["topic"] == first.headers["topic"]
    assert rings.kept(device) == (1, 0, 1)


@PLACES
def test_a_broken_connection_repeats_only_its_own_push(rings: Ringing, place: dict[str, Any]) -> None:
    devices = [rings.device(**place) for _ in range(20)]
    broken = devices[7][1]
    for device, browser in devices:
        rings.sink.will(browser.path, Answer(reset=True) if browser is broken else Answer(hold=True))
        device.put(reminder(rings.clock.now))
    arrived = len(rings.sink.received)

    async def while_the_others_are_held() -> None:
        running = asyncio.create_task(rings.dispatcher.round())
        await asyncio.to_thread(rings.sink.wait_for, arrived + 21)
        rings.sink.release()
        await running

    rings.runner.run(while_the_others_are_held())
    pushes = {browser.path: len(rings.sink.pushes(browser)) for _device, browser in devices}
    assert pushes == {browser.path: 2 if browser is broken else 1 for _device, browser in devices}
    assert [rings.kept(device)[1] for device, _browser in devices] == [0] * 20


@PLACES
def test_an_idle_connection_closed_by_the_service_is_replaced_without_a_failure(
    rings: Ringing, place: dict[str, Any]
) -> None:
    device, browser = rings.device(**place)
    for _ in range(2):
        device.put(reminder(rings.clock.now))
        rings.round()
        rings.sink.close_connections()
    assert len(rings.sink.pushes(browser)) == 2
    assert rings.kept(device)[1] == 0


@PLACES
def test_pushes_to_one_service_share_persistent_connections(rings: Ringing, place: dict[str, Any]) -> None:
    device, browser = rings.device(**place)
    device.put(reminder(rings.clock.now))
    rings.round()
    connections = rings.sink.connections
    for _ in range(3):
        device.put(reminder(rings.clock.now))
        rings.round()
    assert len(rings.sink.pushes(browser)) == 4
    assert rings.sink.connections == connections


def test_metrics_count_pushes_and_failures(rings: Ringing) -> None:
    device, browser = rings.device()
    names = ["reminders_due_total", "pushes_sent_total", "push_lateness_seconds_count"]
    before = [rings.figure(name) for name in names]
    throttled = rings.figure("pushes_failed_total", reason="throttled")
    late = rings.figure("push_lateness_seconds_sum")
    rings.sink.will(browser.path, Answer(429, {"retry-after": "7"}))
    device.put(reminder(rings.clock.now))
    rings.round()
    rings.clock.pass_by(seconds=7)
    rings.round()
    assert [rings.figure(name) - was for name, was in zip(names, before, strict=True)] == [1, 1, 1]
    assert rings.figure("pushes_failed_total", reason="throttled") == throttled + 1
    assert rings.figure("push_lateness_seconds_sum") - late == pytest.approx(7)

"""The reminder plan and push subscriptions over HTTP on both databases."""

from datetime import timedelta

import pytest

from tests.server.devices import Device, change, new_box, new_id, problem, reminder
from tests.server.ringing import Ringing
from tests.server.sink import Answer


def test_info_contains_the_push_key_and_the_limits(rings: Ringing) -> None:
    info = rings.client.get("/api/v1/info").json()
    assert (info["limits"]["reminders"], info["limits"]["reminder_bytes"]) == (500, 2048)
    assert len(info["push"]["key"]) == 87
    # All processes on this database have the same key.
    assert rings.runner.run(rings.components.identity.public_key()).startswith(b"\x04")
    assert rings.client.get("/api/v1/info").json()["push"] == info["push"]


def test_adding_increments_the_revision_and_adding_again_changes_nothing(rings: Ringing) -> None:
    device, _ = rings.device()
    planned = [reminder(rings.clock.now + timedelta(hours=hours)) for hours in (1, 2)]
    assert device.put(*planned) == 1
    assert device.put(*planned) == 1
    other = {**planned[0], "box": new_box(), "fire_at": planned[1]["fire_at"]}
    assert device.put({**other, "expires_at": planned[1]["expires_at"]}) == 1
    assert device.put(drop=[planned[0]["id"]]) == 2
    assert device.put(drop=[planned[0]["id"], "never-there"]) == 2
    assert rings.kept(device) == (1, 0, 1)


def test_a_change_of_an_outdated_plan_is_refused_with_the_current_ids(rings: Ringing) -> None:
    device, _ = rings.device()
    other = device.another()
    first, second = (reminder(rings.clock.now + timedelta(hours=1)) for _ in range(2))
    device.put(first)
    refused = other.change_plan(second, drop=[first["id"]])
    assert problem(refused) == (409, "plan")
    assert (refused.json()["rev"], refused.json()["ids"]) == (1, [first["id"]])
    other.plan = 1
    assert other.put(second) == 2
    assert problem(device.change_plan(base=1)) == (409, "plan")
    assert sorted(device.change_plan(base=9).json()["ids"]) == sorted([first["id"], second["id"]])


def test_due_and_rung_reminders_are_not_listed_and_cannot_be_added_again(rings: Ringing) -> None:
    device, browser = rings.device()
    due, later = (reminder(rings.clock.now + timedelta(minutes=minutes)) for minutes in (1, 50))
    device.put(due, later)
    rings.clock.pass_by(minutes=1)
    assert device.change_plan(base=9).json()["ids"] == [later["id"]]
    rings.round()
    assert device.put(due) == 1
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1
    # Once it has expired, it can be added like any other.
    rings.clock.pass_by(hours=2)
    assert device.put(reminder(rings.clock.now + timedelta(hours=1), id=due["id"])) == 2


def test_dropping_a_group_drops_only_its_reminders(rings: Ringing) -> None:
    device, _ = rings.device()
    group = new_id()
    at = rings.clock.now + timedelta(hours=1)
    device.put(reminder(at, group=group), reminder(at, group=group), reminder(at))
    for _again in range(2):
        assert device.request("DELETE", f"/reminders/groups/{group}").status_code == 204
        assert rings.kept(device) == (1, 0, 1)
    assert device.change_plan(base=0).json()["rev"] == 2
    assert problem(device.request("DELETE", "/reminders/groups/No")) == (422, "malformed")


def test_an_expired_reminder_is_ignored_without_an_error(rings: Ringing) -> None:
    device, _ = rings.device()
    assert device.put(reminder(rings.clock.now - timedelta(hours=2))) == 0
    assert rings.kept(device) == (0, 0, 1)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "No"),
        ("group", ""),
        ("fire_at", "2026-06-10T09:30Z"),
        ("fire_at", "2026-06-10T09:30:00+09:00"),
        ("fire_at", "2026-06-31T09:30:00Z"),
        ("fire_at", 1781083800),
        ("expires_at", "2026-06-10T09:30:00Z"),
        ("urgency", "loud"),
        ("box", ""),
    ],
)
def test_an_invalid_reminder_is_refused_with_the_field(rings: Ringing, member: str, value: object) -> None:
    device, _ = rings.device()
    refused = device.change_plan({**reminder(rings.clock.now + timedelta(hours=1)), member: value})
    assert problem(refused) == (422, "malformed")
    assert refused.json()["where"] == [f"body.put.0.{member}"]


def test_exceeded_limits_are_reported(rings: Ringing) -> None:
    device = Device.of_new_account(rings.client)
    at = rings.clock.now + timedelta(hours=1)
    wide = reminder(at, box=new_box(2049))
    assert problem(device.change_plan(wide)) == (413, "too_large")
    twice = reminder(at)
    assert problem(device.change_plan(twice, twice)) == (422, "malformed")
    assert problem(device.change_plan(*(reminder(at) for _ in range(501)))) == (413, "too_large")
    full = [reminder(at, box=new_box(2048)) for _ in range(500)]
    assert device.put(*full) == 1
    refused = device.change_plan(reminder(at))
    assert problem(refused) == (507, "quota")
    assert (refused.json()["of"], refused.json()["used"], refused.json()["limit"]) == ("reminders", 500, 500)
    # A refused change has no effect, and one that frees space is accepted.
    assert device.put(reminder(at), drop=[full[0]["id"]]) == 2


def test_a_device_has_one_endpoint_and_an_endpoint_one_device(rings: Ringing) -> None:
    device, old = rings.device()
    other = device.another()
    new = rings.subscribe(device)
    shared = other.subscribe(new.subscription())
    assert shared.status_code == 204
    device.put(reminder(rings.clock.now))
    rings.round()
    assert (len(rings.sink.pushes(old)), len(rings.sink.pushes(new))) == (0, 1)
    assert other.request("DELETE", "/push/subscription").status_code == 204
    assert other.request("DELETE", "/push/subscription").status_code == 204
    assert rings.kept(device) == (1, 0, 0)


@pytest.mark.parametrize("how", ["revoked", "left", "deleted"])
def test_a_removed_device_is_not_rung(rings: Ringing, how: str) -> None:
    device, browser = rings.device()
    other = device.another()
    rings.sink.will(browser.path, Answer(503))
    device.put(reminder(rings.clock.now), reminder(rings.clock.now + timedelta(minutes=1)))
    rings.round()
    assert rings.kept(device) == (2, 1, 1)
    if how == "deleted":
        device.request("DELETE", "/account", json={"secret": device.secret})
    else:
        (other if how == "revoked" else device).request("DELETE", f"/devices/{device.id}")
    assert rings.kept(device) == ((0, 0, 0) if how == "deleted" else (2, 0, 0))
    rings.clock.pass_by(minutes=30)
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1


def test_another_accounts_reminders_and_subscriptions_are_inaccessible(rings: Ringing) -> None:
    device, browser = rings.device()
    stranger, _ = rings.device()
    planned = reminder(rings.clock.now + timedelta(minutes=1))
    device.put(planned)
    stranger.put(reminder(rings.clock.now + timedelta(hours=1)))
    assert stranger.put(drop=[planned["id"]]) == 1
    assert stranger.request("DELETE", f"/reminders/groups/{planned['group']}").status_code == 204
    # The same id or endpoint may occur in two accounts.
    assert stranger.put({**planned, "box": new_box()}) == 2
    stranger.subscribe({**browser.subscription(), "keys": rings.sink.browser("/x").subscription()["keys"]})
    stranger.request("DELETE", "/push/subscription")
    rings.clock.pass_by(minutes=1)
    rings.round()
    (push,) = rings.sink.pushes(browser)
    assert browser.read(push)["box"] == planned["box"]
    nobody = Device(rings.client, device.account, token="A" * 64)
    for method, path, body in [
        ("PUT", "/push/subscription", browser.subscription()),
        ("DELETE", "/push/subscription", None),
        ("POST", "/push/test", {"box": new_box()}),
        ("POST", "/reminders", {"base": 1, "put": [], "drop": [planned["id"]]}),
        ("DELETE", f"/reminders/groups/{planned['group']}", None),
    ]:
        assert problem(nobody.request(method, path, json=body))[0] == 401


def test_a_service_worker_pushes_without_pulling(rings: Ringing) -> None:
    device, _ = rings.device()
    device.sync(change("a"))
    event = change(new_id())
    answer = device.request("POST", "/sync", json={"cursor": None, "changes": [event]}).json()
    assert answer == {
        "cursor": None,
        "changes": [],
        "accepted": [{"id": event["id"], "rev": 2}],
        "conflicts": [],
        "more": False,
    }
    again = device.request("POST", "/sync", json={"cursor": None, "changes": [event]}).json()
    assert again["conflicts"] == [{"id": event["id"], "rev": 2, "box": event["box"]}]
    assert [each["id"] for each in device.sync()["changes"]] == [event["id"]]

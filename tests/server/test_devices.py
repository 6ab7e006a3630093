"""Devices and accounts over HTTP on both databases: registration, labels, revocation, leaving, deletion."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.server.conftest import serving
from tests.server.devices import Device, change, new_box, new_id, problem


def test_the_first_device_creates_the_account_and_others_join(api: httpx.Client) -> None:
    first = Device(api)
    assert problem(first.register(create=False)) == (404, "no_account")
    assert first.register(create=True).status_code == 201
    second = Device(api, first.account, first.secret)
    assert second.register(create=False).status_code == 201
    assert first.device_ids() == [first.id, second.id]
    assert len(first.token) == 64


def test_creating_an_existing_account_joins_it(device: Device) -> None:
    device.sync(change("a"))
    again = Device(device.api, device.account, device.secret)
    assert again.register(create=True).status_code == 201
    assert list(again.pull_all()) == ["a"]


def test_registering_again_replaces_the_token(device: Device) -> None:
    old = device.token
    assert device.register(label=new_box()).status_code == 201
    assert device.send().status_code == 200
    assert device.device_ids() == [device.id]
    device.token = old
    assert problem(device.send()) == (401, "unauthorized")


@pytest.mark.parametrize("create", [True, False])
def test_a_wrong_secret_registers_no_device(device: Device, create: bool) -> None:
    wrong = Device(device.api, device.account)
    assert problem(wrong.register(create=create)) == (403, "wrong_secret")
    assert device.device_ids() == [device.id]


def test_devices_are_listed_oldest_first_with_the_caller_marked(device: Device) -> None:
    other = device.another()
    listed = other.request("GET", "/devices").json()["devices"]
    assert [(each["id"], each["label"], each["this"]) for each in listed] == [
        (device.id, device.label, False),
        (other.id, other.label, True),
    ]
    for each in listed:
        assert datetime.now(UTC) - datetime.fromisoformat(each["created_at"]) < timedelta(minutes=1)


@pytest.mark.parametrize("changes", [[], [change("a")]])
def test_a_devices_last_use_is_stored_once_a_day(
    database: dict[str, Any], web: Any, changes: list[dict[str, Any]]
) -> None:
    now = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
    with serving(web, lambda: now, **database) as running:
        device = Device.of_new_account(running.client)

        def seen() -> str:
            seen_at: str = device.request("GET", "/devices").json()["devices"][0]["seen_at"]
            return seen_at

        assert seen() == "2026-03-01T22:00:00Z"
        now += timedelta(hours=1)
        device.sync(*changes)
        assert seen() == "2026-03-01T22:00:00Z"
        now += timedelta(hours=2)
        device.send(*changes)
        assert seen() == "2026-03-02T01:00:00Z"


def test_any_device_can_rename_any_device_of_the_account(device: Device) -> None:
    other, label = device.another(), new_box()
    assert device.request("PATCH", f"/devices/{other.id}", json={"label": label}).status_code == 204
    listed = device.request("GET", "/devices").json()["devices"]
    assert [each["label"] for each in listed] == [device.label, label]
    too_long = {"label": new_box(1025)}
    assert problem(device.request("PATCH", f"/devices/{other.id}", json=too_long)) == (413, "too_large")
    assert problem(device.request("PATCH", "/devices/none", json={"label": label})) == (404, "no_device")


def test_a_revoked_device_is_refused_as_revoked_and_cannot_register_again(device: Device) -> None:
    other = device.another()
    assert device.request("DELETE", f"/devices/{other.id}").status_code == 204
    body = {"cursor": 0, "changes": [change("a")]}
    for method, path, sent in [
        ("POST", "/sync", body),
        ("GET", "/devices", None),
        ("PATCH", f"/devices/{device.id}", {"label": new_box()}),
        ("DELETE", f"/devices/{device.id}", None),
        ("DELETE", "/account", {"secret": device.secret}),
    ]:
        assert problem(other.request(method, path, json=sent)) == (401, "revoked")
    assert problem(other.register()) == (403, "device_revoked")
    assert device.device_ids() == [device.id]
    assert device.pull_all() == {}
    # Again, as after a lost response.
    assert device.request("DELETE", f"/devices/{other.id}").status_code == 204
    assert problem(device.request("PATCH", f"/devices/{other.id}", json={"label": "AAAA"})) == (
        404,
        "no_device",
    )


def test_a_device_that_left_is_deleted_and_may_register_again(device: Device) -> None:
    other = device.another()
    assert other.request("DELETE", f"/devices/{other.id}").status_code == 204
    assert problem(other.send()) == (401, "unauthorized")
    assert device.device_ids() == [device.id]
    assert other.register().status_code == 201


def test_the_last_device_can_leave_and_the_records_are_kept(device: Device) -> None:
    device.sync(change("a"))
    device.request("DELETE", f"/devices/{device.id}")
    again = Device(device.api, device.account, device.secret)
    assert again.register().status_code == 201
    assert list(again.pull_all()) == ["a"]


def test_revoking_an_unknown_device_is_reported(device: Device) -> None:
    assert problem(device.request("DELETE", "/devices/none")) == (404, "no_device")


def test_a_device_over_the_limit_is_refused_until_another_leaves(database: dict[str, Any], web: Any) -> None:
    with serving(web, **database, account_devices=2) as running:
        first = Device.of_new_account(running.client)
        second, third = first.another(), Device(running.client, first.account, first.secret)
        refused = third.register()
        assert problem(refused) == (409, "too_many_devices")
        assert refused.json()["limit"] == 2
        assert second.register().status_code == 201  # already registered
        first.request("DELETE", f"/devices/{second.id}")
        assert third.register().status_code == 201


def test_a_closed_server_serves_existing_accounts(database: dict[str, Any], web: Any) -> None:
    with serving(web, **database) as running:
        known = Device.of_new_account(running.client)
    with serving(web, **database, new_accounts=False) as running:
        assert running.client.get("/api/v1/info").json()["new_accounts"] is False
        assert problem(Device(running.client).register(create=True)) == (403, "closed")
        known.api = running.client
        assert known.send().status_code == 200
        assert known.another().send().status_code == 200


def test_deleting_the_account_deletes_its_devices_and_records(device: Device) -> None:
    other = device.another()
    device.sync(change("a"))
    wrong = {"secret": Device(device.api).secret}
    assert problem(device.request("DELETE", "/account", json=wrong)) == (403, "wrong_secret")
    assert device.request("DELETE", "/account", json={"secret": device.secret}).status_code == 204
    assert problem(device.send()) == problem(other.send()) == (401, "no_account")
    assert problem(device.register()) == (404, "no_account")
    assert device.register(create=True).status_code == 201
    # The deleted account's cursor is invalid for the new account.
    assert problem(device.send()) == (409, "cursor")
    device.cursor = 0
    assert device.pull_all() == {}
    assert device.sync(change("b"))["accepted"] == [{"id": "b", "rev": 1}]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("account", "7C21F6A3D95E4B80A1C4BE52F0937D6"),
        ("account", "7c21f6a3d95e4b80a1c4be52f0937d"),
        ("account", None),
        ("secret", "AAAA"),
        ("secret", "x2bOwhyoUuJsTGf0h3XqkR9aWn5DvP1KYtMlB7sEgC!"),
        ("device", "Phone"),
        ("device", "a" * 65),
        ("label", ""),
        ("create", "yes"),
    ],
)
def test_an_invalid_registration_is_refused_with_the_field(
    api: httpx.Client, member: str, value: object
) -> None:
    refused = Device(api).register(**{"create": True, member: value})
    assert problem(refused) == (422, "malformed")
    assert refused.json()["where"] == [f"body.{member}"]


def test_two_devices_that_create_the_account_concurrently_share_it(api: httpx.Client) -> None:
    from concurrent.futures import ThreadPoolExecutor

    first = Device(api)
    devices = [first, *(Device(api, first.account, first.secret, new_id()) for _ in range(7))]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda device: device.register(create=True).status_code, devices))
    assert answers == [201] * 8
    assert len(first.device_ids()) == 8

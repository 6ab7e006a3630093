"""Key changes: kept and revoked devices, and everything made with the old key."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.server.devices import PROTOCOL, Device, change, new_box, problem, reminder, text


@dataclass(frozen=True)
class NewKey:
    """The values of a new sync key that the server receives."""

    account: str
    secret: str

    @classmethod
    def make(cls) -> "NewKey":
        return cls(secrets.token_hex(16), text(secrets.token_bytes(32)))

    @property
    def header(self) -> dict[str, str]:
        return {"kaeru-key": self.account[:16]}


def ask(
    device: Device, method: str, path: str, key: NewKey | None = None, **arguments: Any
) -> httpx.Response:
    headers = {**PROTOCOL, "authorization": f"Bearer {device.token}", **(key.header if key else {})}
    return device.api.request(method, f"/api/v1{path}", headers=headers, **arguments)


def change_body(by: Device, key: NewKey, keep: list[Device], revoke: list[Device]) -> dict[str, Any]:
    return {
        "secret": by.secret,
        "base": 0,
        "epoch": 1,
        "account": key.account,
        "new_secret": key.secret,
        "keyring": new_box(),
        "keep": [{"id": each.id, "label": new_box(), "grant": new_box(200)} for each in keep],
        "revoke": [each.id for each in revoke],
    }


def change_key(
    by: Device, key: NewKey, keep: list[Device], revoke: list[Device], **members: Any
) -> httpx.Response:
    return ask(by, "POST", "/account/key", json=change_body(by, key, keep, revoke) | members)


def sync(device: Device, key: NewKey | None = None, *changes: dict[str, Any]) -> httpx.Response:
    body = {"cursor": device.cursor, "changes": list(changes)}
    return ask(device, "POST", "/sync", key, json=body)


def test_a_kept_device_gets_its_grant_and_the_records(device: Device) -> None:
    other, lost, key = device.another(), device.another(), NewKey.make()
    device.sync(change("kept"))
    assert ask(other, "GET", "/account/key").json() == {
        "epoch": 0, "account": device.account, "grant": None, "keyring": None,
        "receipt": device.request("GET", "/devices").json()["receipt"],
    }  # fmt: skip
    answer = change_key(device, key, [device, other], [lost])
    assert (answer.status_code, answer.json()["epoch"]) == (200, 1)
    found = ask(other, "GET", "/account/key").json()
    assert (found["epoch"], found["account"]) == (1, key.account)
    assert len(found["grant"]) > 200
    assert found["keyring"]
    assert [each["id"] for each in sync(other, key).json()["changes"]] == ["kept"]
    assert sync(other, key, change("new")).json()["accepted"] == [{"id": "new", "rev": 2}]


def test_a_revoked_device_is_refused_everything(device: Device) -> None:
    lost, key = device.another(), NewKey.make()
    change_key(device, key, [device], [lost])
    for answer in (sync(lost), sync(lost, key), ask(lost, "GET", "/account/key")):
        assert problem(answer) == (401, "revoked")
    assert problem(lost.register()) == (404, "no_account")
    assert device.device_ids() == [device.id]


def test_the_old_key_can_neither_register_nor_create_an_account(api: httpx.Client, device: Device) -> None:
    first, second = NewKey.make(), NewKey.make()
    change_key(device, first, [device], [])
    change_key(device, second, [device], [], secret=first.secret, base=1, epoch=2)
    for account, secret in ((device.account, device.secret), (first.account, first.secret)):
        thief = Device(api, account, secret)
        for create in (False, True):
            answer = thief.register(create=create)
            assert problem(answer) == (404, "no_account")
            assert answer.json()["key_changed"] is True
    newcomer = Device(api, second.account, second.secret)
    assert newcomer.register(create=True).json()["epoch"] == 2
    assert set(newcomer.device_ids()) == {device.id, newcomer.id}
    assert problem(Device(api, second.account).register(create=True)) == (403, "wrong_secret")


def test_a_new_key_cannot_use_a_known_id(device: Device, api: httpx.Client) -> None:
    stranger, key = Device.of_new_account(api), NewKey.make()
    change_key(stranger, key, [stranger], [])
    for taken in (stranger.account, key.account, device.account):
        answer = change_key(device, NewKey(taken, key.secret), [device], [])
        assert problem(answer) == (422, "malformed")
    assert ask(device, "GET", "/account/key").json()["epoch"] == 0


def test_of_two_concurrent_key_changes_the_second_is_refused(device: Device) -> None:
    other, key, late = device.another(), NewKey.make(), NewKey.make()
    assert change_key(device, key, [device, other], []).status_code == 200
    refused = change_key(other, late, [device, other], [])
    assert problem(refused) == (409, "key_changed")
    assert refused.json()["epoch"] == 1
    assert ask(other, "GET", "/account/key").json()["account"] == key.account


def test_a_key_change_must_name_every_device_and_keep_the_caller(device: Device) -> None:
    other, key = device.another(), NewKey.make()
    newcomer = device.another()
    refused = change_key(device, key, [device, other], [])
    assert problem(refused) == (409, "devices_changed")
    assert set(refused.json()["devices"]) == {device.id, other.id, newcomer.id}
    everyone = [device, other, newcomer]
    assert problem(change_key(device, key, [other, newcomer], [device])) == (422, "malformed")
    assert problem(change_key(device, key, [*everyone, other], [])) == (422, "malformed")
    for epoch in (0, 1_001):
        assert problem(change_key(device, key, everyone, [], epoch=epoch)) == (422, "malformed")
    wrong = text(secrets.token_bytes(32))
    assert problem(change_key(device, key, everyone, [], secret=wrong)) == (403, "wrong_secret")
    assert change_key(device, key, everyone, []).status_code == 200


SEALED = [
    ("POST", "/sync", {"cursor": 0, "changes": []}),
    ("POST", "/sync", {"cursor": None, "changes": [change("event")]}),
    ("POST", "/sync", {"cursor": 0, "changes": [change("a")]}),
    ("POST", "/reminders", {"base": 0, "put": [], "drop": []}),
    ("POST", "/push/test", {"box": new_box()}),
    ("PATCH", "/devices/{id}", {"label": new_box()}),
]


@pytest.mark.parametrize(("method", "path", "body"), SEALED)
def test_boxes_sealed_with_another_key_are_refused(
    device: Device, method: str, path: str, body: dict[str, Any]
) -> None:
    key, path = NewKey.make(), path.format(id=device.id)
    first = NewKey(device.account, device.secret)
    change_key(device, key, [device], [])
    old_client = ask(device, method, path, json=body)
    assert problem(old_client) == (426, "protocol")
    assert old_client.json()["key_epoch"] == 1
    for other in (first, NewKey.make()):
        refused = ask(device, method, path, other, json=body)
        assert problem(refused) == (409, "key_changed")
        assert refused.json()["epoch"] == 1
    assert sync(device, key).json()["changes"] == []  # nothing was stored
    taken = ask(device, method, path, key, json=body)
    assert taken.status_code in {200, 204} or problem(taken)[1] in {"plan", "no_subscription"}


def test_an_account_with_its_first_key_accepts_clients_that_name_no_key(device: Device) -> None:
    first = NewKey(device.account, device.secret)
    assert sync(device).status_code == 200
    assert sync(device, first).status_code == 200
    assert problem(sync(device, NewKey.make())) == (409, "key_changed")


def test_reminders_made_with_the_old_key_are_deleted(device: Device) -> None:
    key = NewKey.make()
    device.put(reminder(datetime.now(UTC) + timedelta(days=1)))
    change_key(device, key, [device], [])
    answer = ask(device, "POST", "/reminders", key, json={"base": 1, "put": [], "drop": []})
    assert problem(answer) == (409, "plan")
    assert (answer.json()["rev"], answer.json()["ids"]) == (2, [])


def test_a_key_change_of_many_devices_fits_in_a_request(device: Device) -> None:
    others = [device.another() for _ in range(19)]
    assert change_key(device, NewKey.make(), [device, *others], []).status_code == 200
    body = change_body(device, NewKey.make(), [device], [])
    body["keep"][0]["label"] = new_box(1025)
    too_long = ask(device, "POST", "/account/key", json=body)
    assert problem(too_long) == (413, "too_large")


def test_deleting_the_account_frees_all_its_ids(api: httpx.Client, device: Device) -> None:
    first, second = NewKey.make(), NewKey.make()
    change_key(device, first, [device], [])
    change_key(device, second, [device], [], secret=first.secret, base=1, epoch=2)
    assert problem(ask(device, "DELETE", "/account", json={"secret": device.secret})) == (403, "wrong_secret")
    assert ask(device, "DELETE", "/account", json={"secret": second.secret}).status_code == 204
    for account, secret in ((device.account, device.secret), (first.account, first.secret)):
        assert Device(api, account, secret).register(create=True).status_code == 201

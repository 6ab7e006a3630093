"""Rate limits: a client without access to an account cannot use up its owner's limits."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.server.web.limits import REFUSALS, TESTS
from tests.server.conftest import serving
from tests.server.devices import Device, change, new_box, problem, text

FEW = {"account_rate": 4, "address_rate": 200}


def from_address(device: Device, address: str) -> Device:
    """The same device at another address, which the test sends as a trusted proxy."""
    api = httpx.Client(base_url=device.api.base_url, headers={"x-forwarded-for": address})
    return Device(api, device.account, device.secret, device.id, token=device.token)


def sync(device: Device) -> httpx.Response:
    return device.send(change("a"))


def send_test(device: Device) -> httpx.Response:
    return device.request("POST", "/push/test", json={"box": new_box()})


def with_another_token(device: Device) -> Device:
    raw = bytes.fromhex(device.account) + secrets.token_bytes(32)
    return Device(device.api, device.account, device.secret, device.id, token=text(raw))


@pytest.mark.parametrize("ask", [sync, send_test])
def test_a_flooding_revoked_device_does_not_slow_its_owner(
    database: dict[str, Any], web: Path, ask: Callable[[Device], httpx.Response]
) -> None:
    with serving(web, **database, **FEW) as running:
        owner = Device.of_new_account(running.client)
        lost = owner.another()
        owner.request("DELETE", f"/devices/{lost.id}")
        flood = [problem(ask(lost)) for _ in range(300)]
        assert flood[:REFUSALS] == [(401, "revoked")] * REFUSALS
        # In a slow test, another request every two seconds is refused as revoked.
        assert flood.count((429, "rate_limited")) > 100
        # The same address, as at home; only the revocation counts towards the account's rate.
        assert [owner.send().status_code for _ in range(3)] == [200] * 3
        assert problem(owner.send()) == (429, "rate_limited")


def test_unknown_tokens_count_towards_their_address_and_not_the_account(
    database: dict[str, Any], web: Path
) -> None:
    with serving(web, **database, account_rate=4, address_rate=30, trusted_proxies="127.0.0.1") as running:
        owner = from_address(Device.of_new_account(running.client), "203.0.113.1")
        stranger = from_address(owner, "203.0.113.2")
        tries = [problem(with_another_token(stranger).send()) for _ in range(80)]
        assert tries[:30] == [(401, "unauthorized")] * 30
        assert (429, "rate_limited") in tries
        assert [owner.send().status_code for _ in range(4)] == [200] * 4
        owner.api.close()
        stranger.api.close()


def test_test_notifications_count_only_for_devices_of_the_account(
    database: dict[str, Any], web: Path
) -> None:
    with serving(web, **database) as running:
        owner = Device.of_new_account(running.client)
        lost = owner.another()
        owner.request("DELETE", f"/devices/{lost.id}")
        for _ in range(2 * TESTS):
            assert problem(send_test(lost)) == (401, "revoked")
            assert problem(send_test(with_another_token(owner))) == (401, "unauthorized")
        assert [problem(send_test(owner)) for _ in range(TESTS)] == [(404, "no_subscription")] * TESTS
        assert problem(send_test(owner)) == (429, "rate_limited")


def test_wrong_secrets_from_an_address_do_not_block_a_valid_registration(
    database: dict[str, Any], web: Path
) -> None:
    with serving(web, **{**database, "registration_rate": 3}) as running:
        owner = Device.of_new_account(running.client)
        tries = [problem(Device(running.client, owner.account).register()) for _ in range(4)]
        assert tries == [(403, "wrong_secret")] * 2 + [(429, "rate_limited")] * 2
        for _ in range(3):
            owner.another()
        assert problem(Device(running.client, owner.account, owner.secret).register()) == (
            429,
            "rate_limited",
        )


@pytest.mark.parametrize(
    "account", ["7C21F6A3D95E4B80A1C4BE52F0937D68", "7c21f6a3 d95e4b80a1c4be52f0937d6", "é" * 32]
)
def test_an_account_id_has_a_single_spelling(api: httpx.Client, account: str) -> None:
    refused = Device(api).register(create=True, account=account)
    assert problem(refused) == (422, "malformed")
    assert refused.json()["where"] == ["body.account"]


def test_secrets_and_tokens_in_standard_base64_are_refused(api: httpx.Client, device: Device) -> None:
    secret = "-_" + device.secret[2:]
    other = Device(api, secret=secret)
    assert problem(other.register(create=True, secret="+/" + secret[2:])) == (422, "malformed")
    assert other.register(create=True).status_code == 201
    while "-" not in other.token and "_" not in other.token:
        other.register()
    standard = Device(api, token=other.token.replace("-", "+").replace("_", "/"))
    assert problem(standard.send()) == (401, "unauthorized")
    assert other.send().status_code == 200

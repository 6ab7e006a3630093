"""Rates: whoever has no right to an account cannot use up what its owner may do."""

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
    """The same device as another address's, through the proxy that the tests play."""
    api = httpx.Client(base_url=device.api.base_url, headers={"x-forwarded-for": address})
    return Device(api, device.account, device.secret, device.id, token=device.token)


def sync(device: Device) -> httpx.Response:
    return device.send(change("a"))


def try_a_push(device: Device) -> httpx.Response:
    return device.request("POST", "/push/test", json={"box": new_box()})


def with_another_token(device: Device) -> Device:
    raw = bytes.fromhex(device.account) + secrets.token_bytes(32)
    return Device(device.api, device.account, device.secret, device.id, token=text(raw))


@pytest.mark.parametrize("ask", [sync, try_a_push])
def test_a_revoked_device_that_floods_does_not_slow_its_owner(
    database: dict[str, Any], web: Path, ask: Callable[[Device], httpx.Response]
) -> None:
    with serving(web, **database, **FEW) as running:
        owner = Device.of_new_account(running.client)
        lost = owner.another()
        owner.request("DELETE", f"/devices/{lost.id}")
        flood = [problem(ask(lost)) for _ in range(300)]
        assert flood[:REFUSALS] == [(401, "revoked")] * REFUSALS
        # Every two seconds of a slow test one more is answered as such.
        assert flood.count((429, "rate_limited")) > 100
        # The same address, as at home; and the account's rate is whole but for the revocation.
        assert [owner.send().status_code for _ in range(3)] == [200] * 3
        assert problem(owner.send()) == (429, "rate_limited")


def test_unknown_tokens_count_for_their_address_and_not_for_the_account_they_name(
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


def test_pushes_to_try_are_counted_for_devices_of_the_account_only(
    database: dict[str, Any], web: Path
) -> None:
    with serving(web, **database) as running:
        owner = Device.of_new_account(running.client)
        lost = owner.another()
        owner.request("DELETE", f"/devices/{lost.id}")
        for _ in range(2 * TESTS):
            assert problem(try_a_push(lost)) == (401, "revoked")
            assert problem(try_a_push(with_another_token(owner))) == (401, "unauthorized")
        assert [problem(try_a_push(owner)) for _ in range(TESTS)] == [(404, "no_subscription")] * TESTS
        assert problem(try_a_push(owner)) == (429, "rate_limited")


def test_wrong_secrets_at_the_same_address_do_not_keep_an_owners_device_out(
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
def test_an_accounts_id_has_one_spelling(api: httpx.Client, account: str) -> None:
    refused = Device(api).register(create=True, account=account)
    assert problem(refused) == (422, "malformed")
    assert refused.json()["where"] == ["body.account"]


def test_a_secret_or_token_in_another_alphabet_is_refused(api: httpx.Client, device: Device) -> None:
    secret = "-_" + device.secret[2:]
    other = Device(api, secret=secret)
    assert problem(other.register(create=True, secret="+/" + secret[2:])) == (422, "malformed")
    assert other.register(create=True).status_code == 201
    while "-" not in other.token and "_" not in other.token:
        other.register()
    standard = Device(api, token=other.token.replace("-", "+").replace("_", "/"))
    assert problem(standard.send()) == (401, "unauthorized")
    assert other.send().status_code == 200

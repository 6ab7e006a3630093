"""A restored server gives no access to a revoked device, even if that is the first to connect."""

import asyncio
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import update

from app.i18n import Formatter
from app.server.database.engine import open_engine
from app.server.database.tables import AccountRow
from app.server.settings import ServerSettings
from app.sync import keys
from app.sync.errors import SyncError
from app.viewmodels.sync_notices import explain
from tests.server.devices import PROTOCOL, text
from tests.server.persons import (
    SERVER,
    MovingNetwork,
    Person,
    copy_of,
    one_account,
    run_story,
    serving_at,
    sync_once,
)
from tests.server.processes import environment, run

ENGLISH = Formatter("en", ZoneInfo("UTC"))
People = Callable[[MovingNetwork], list[Person]]


class Intruder:
    """Requests of an attacker with a revoked device: its token, the key it had, and the ids it knows."""

    def __init__(self, address: str, token: str, key: bytes) -> None:
        self.key = keys.derive(key)
        headers = {**PROTOCOL, "authorization": f"Bearer {token}", "kaeru-key": self.key.name}
        self.api = httpx.Client(base_url=address, headers=headers, timeout=30)

    @classmethod
    async def holding(cls, device: Person, key_text: str) -> "Intruder":
        token = (await device.platform.vault.read("device-token") or b"").decode()
        return cls(device.network.address, token, keys.from_text(key_text))

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        answer = self.api.request(method, f"/api/v1{path}", json=body)
        return answer.status_code, answer.json().get("code", "") if answer.content else ""

    def devices(self) -> list[dict[str, Any]]:
        return list(self.api.get("/api/v1/devices").json()["devices"])

    def register(self, device: str) -> tuple[int, str]:
        body = {"account": self.key.account, "secret": text(self.key.secret), "label": "AAAA"}
        return self.ask("POST", "/devices", {**body, "device": device, "create": False})

    def change_key(self, base: int, epoch: int, keep: list[str]) -> tuple[int, str]:
        listed = [each["id"] for each in self.devices()]
        new = keys.derive(secrets.token_bytes(32))
        body = {
            "secret": text(self.key.secret),
            "base": base,
            "epoch": epoch,
            "account": new.account,
            "new_secret": text(new.secret),
            "keyring": "AAAA",
            "keep": [{"id": each, "label": "AAAA", "grant": None} for each in listed if each in keep],
            "revoke": [each for each in listed if each not in keep],
        }
        return self.ask("POST", "/account/key", body)


def receipt_of(person: Person) -> str:
    state = person.store.sync_store.state()
    assert state is not None
    return state.receipt


@contextmanager
def restored(network: MovingNetwork, web: Path, backup: dict[str, Any], *arguments: str) -> Iterator[None]:
    code, _said, errors = run("db", "restored", *arguments, **environment(backup, web))
    assert (code, errors) == (0, "")
    with serving_at(network, web, backup):
        yield


def test_a_device_revoked_by_a_key_change_cannot_take_over_the_restored_account(
    web: Path, tmp_path: Path, database: dict[str, Any], people: People
) -> None:
    """It is the first to sync, and tries every request of an active device."""
    network = MovingNetwork()
    mei, laptop, phone = people(network)
    known: dict[str, Any] = {}

    async def before() -> None:
        mei.note("before")
        known["key"] = await one_account(mei, laptop, phone)

    async def after() -> None:
        known["receipt"] = receipt_of(phone)
        await mei.sync.change_key([phone.device])
        mei.note("after")
        await sync_once(mei, laptop)

    async def race() -> None:
        intruder = await Intruder.holding(phone, known["key"])
        assert known["receipt"]
        for receipt in ("AAAA", known["receipt"], known["receipt"][:-8] + "AAAAAAAA"):
            assert intruder.ask("POST", "/account/receipt", {"receipt": receipt})[0] == 204
        everybody = [mei.device, laptop.device, phone.device]
        for epoch in (1, 2, 1000):
            for keep in ([phone.device], everybody):
                assert intruder.change_key(0, epoch, keep) == (409, "restored")
        for device in (mei.device, laptop.device):
            assert intruder.ask("DELETE", f"/devices/{device}") == (409, "restored")
            assert intruder.register(device) == (409, "restored")
        assert intruder.register("accomplice")[0] == 201
        assert {each["id"] for each in intruder.devices()} == {*everybody, "accomplice"}
        await sync_once(mei)
        assert intruder.ask("GET", "/devices") == (401, "revoked")
        assert intruder.register("another") == (404, "no_account")
        await sync_once(laptop, mei)
        assert laptop.has("before", "after")
        assert mei.sync.devices.new == ()  # the accomplice joined with the earlier key, so it is revoked, too
        assert {each.id for each in await mei.sync.devices.fetch()} == {mei.device, laptop.device}
        await phone.sync.sync_once()
        assert phone.sync.status.code == "revoked"

    with serving_at(network, web, database):
        run_story(before)
    backup = copy_of(database, tmp_path / "backup")
    with serving_at(network, web, database):
        run_story(after)
    with restored(network, web, backup):
        run_story(race)


@pytest.mark.parametrize("ended", ["by the operator", "by time"])
def test_an_account_with_its_first_key_syncs_and_can_revoke_after_the_guard_period(
    web: Path, tmp_path: Path, database: dict[str, Any], people: People, ended: str
) -> None:
    network = MovingNetwork()
    mei, laptop, phone = people(network)
    known: dict[str, str] = {}

    async def before() -> None:
        mei.note("before")
        known["key"] = await one_account(mei, laptop)

    async def honest() -> None:
        mei.note("after")
        await sync_once(mei, laptop)
        await phone.sync.join(known["key"], SERVER)
        await sync_once(phone, mei)
        assert phone.has("before", "after")
        for command in (
            lambda: mei.sync.devices.revoke(laptop.device),
            lambda: mei.sync.change_key([laptop.device]),
        ):
            with pytest.raises(SyncError) as caught:
                await command()
            assert caught.value.code == "restored"
            said = explain(caught.value, ENGLISH).text
            until = ENGLISH.date(datetime.now(UTC) + timedelta(days=14))
            assert until in said
            assert "nobody can be shut out" in said
        assert not mei.sync.key_change_waits
        mei.note("meanwhile")
        await sync_once(mei, laptop, phone)
        assert laptop.has("meanwhile")
        mei.sync.devices.acknowledge(phone.device)
        await asyncio.to_thread(end)
        await mei.sync.change_key([laptop.device])
        await sync_once(mei, phone)
        await laptop.sync.sync_once()
        assert laptop.sync.status.code == "revoked"

    def end() -> None:
        if ended == "by the operator":
            assert run("db", "restored", "--lift", **environment(backup, web))[0] == 0
            return
        engine = open_engine(ServerSettings(**backup).database, 1)
        with engine.begin() as connection:
            connection.execute(update(AccountRow).values(guarded_until=datetime.now(UTC)))
        engine.dispose()

    with serving_at(network, web, database):
        run_story(before)
    backup = copy_of(database, tmp_path / "backup")
    with restored(network, web, backup):
        run_story(honest)


def test_a_device_without_a_receipt_reports_why_it_waits_and_then_continues(
    web: Path, tmp_path: Path, database: dict[str, Any], people: People
) -> None:
    """Its key is newer than the server's, and the response with the receipt was lost."""
    network = MovingNetwork()
    mei, _laptop, phone = people(network)

    async def before() -> None:
        await one_account(mei, phone)

    async def after() -> None:
        await mei.sync.change_key([phone.device])
        mei.note("after")
        await sync_once(mei)
        with sqlite3.connect(mei.folder / "kaeru.db") as connection:
            connection.execute("UPDATE sync_state SET receipt = ''")

    async def waits() -> None:
        await mei.sync.sync_once()
        assert mei.sync.status.code == "restored"
        assert mei.sync.status.detail["until"]
        await asyncio.to_thread(run, "db", "restored", "--lift", **environment(backup, web))
        await sync_once(mei)
        await phone.sync.sync_once()
        assert phone.sync.status.code == "revoked"

    with serving_at(network, web, database):
        run_story(before)
    backup = copy_of(database, tmp_path / "backup")
    with serving_at(network, web, database):
        run_story(after)
    with restored(network, web, backup):
        run_story(waits)


def test_without_a_guard_period_a_device_can_be_revoked_at_once(
    web: Path, tmp_path: Path, database: dict[str, Any], people: People
) -> None:
    network = MovingNetwork()
    mei, laptop, _phone = people(network)

    async def before() -> None:
        await one_account(mei, laptop)

    async def after() -> None:
        await sync_once(mei)
        assert not mei.sync.key_change_waits
        await mei.sync.change_key([laptop.device])
        await sync_once(mei)
        await laptop.sync.sync_once()
        assert laptop.sync.status.code == "revoked"
        assert [each.id for each in await mei.sync.devices.fetch()] == [mei.device]

    with serving_at(network, web, database):
        run_story(before)
    backup = copy_of(database, tmp_path / "backup")
    with restored(network, web, backup, "--days", "0"):
        run_story(after)

"""Pairing over HTTP on both databases: each step once, in order, and only for the two devices."""

import hashlib
import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic import command
from sqlalchemy import text as sql

from app.server.database import migrations
from app.server.database.engine import open_engine
from app.server.settings import ServerSettings
from app.server.web import logs
from tests.server.conftest import serving
from tests.server.devices import PROTOCOL, Device, new_box, problem, text

ENDED = ["declined", "failed", "done"]


class Pairing:
    """Both sides of a pairing: the member (`device`) and the new device (the guest)."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.id = secrets.token_hex(16)
        self.secret = text(secrets.token_bytes(32))
        self.box = new_box()

    def member(self, step: str, **members: Any) -> httpx.Response:
        path = f"/pairing/{step}" if step else "/pairing"
        return self.device.request("POST", path, json={"id": self.id, **members})

    def guest(self, step: str, **members: Any) -> httpx.Response:
        body = {"id": self.id, "secret": self.secret, **members}
        return self.device.api.post(f"/api/v1/pairing/{step}", json=body, headers=PROTOCOL)

    def offer(self) -> httpx.Response:
        return self.member("", box=self.box)

    def upto(self, state: str) -> "Pairing":
        """Advance the pairing to a state."""
        steps = {
            "offered": self.offer,
            "claimed": lambda: self.guest("claim"),
            "requested": lambda: self.guest("request", box=new_box()),
            "revealed": lambda: self.member("reveal", box=new_box()),
            "answered": lambda: self.member("answer", box=new_box()),
        }
        for name, step in steps.items():
            assert step().status_code in {200, 201, 204}
            if name == state:
                break
        assert self.member("progress").json()["state"] == state
        return self


@pytest.fixture
def pairing(device: Device) -> Pairing:
    return Pairing(device)


def test_two_devices_exchange_their_boxes_step_by_step(pairing: Pairing) -> None:
    request, reveal, answer = new_box(), new_box(), new_box()
    offered = pairing.offer()
    lifetime = datetime.fromisoformat(offered.json()["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=9) < lifetime <= timedelta(minutes=10)
    assert pairing.member("progress").json()["state"] == "offered"
    assert pairing.guest("claim").json() == {"offer": pairing.box, **offered.json()}
    assert pairing.guest("request", box=request).status_code == 204
    seen = pairing.member("progress").json()
    assert (seen["state"], seen["request"]) == ("requested", request)
    assert pairing.member("reveal", box=reveal).status_code == 204
    seen = pairing.guest("watch").json()
    assert (seen["state"], seen["reveal"], seen["answer"]) == ("revealed", reveal, None)
    assert pairing.member("answer", box=answer).status_code == 204
    assert pairing.guest("watch").json()["answer"] == answer
    assert pairing.guest("end", outcome="done").status_code == 204
    assert pairing.member("progress").json() == {"state": "done", "request": None, **offered.json()}


def test_every_step_can_be_repeated_after_a_lost_response(pairing: Pairing) -> None:
    first, request, reveal, answer = pairing.offer(), new_box(), new_box(), new_box()
    assert pairing.offer().json() == first.json()
    assert pairing.guest("claim").json() == pairing.guest("claim").json()
    for _twice in range(2):
        assert pairing.guest("request", box=request).status_code == 204
    for _twice in range(2):
        assert pairing.member("reveal", box=reveal).status_code == 204
    for _twice in range(2):
        assert pairing.member("answer", box=answer).status_code == 204
    assert pairing.guest("watch").json()["answer"] == pairing.guest("watch").json()["answer"] == answer
    for _twice in range(2):
        assert pairing.guest("end", outcome="done").status_code == 204


def test_only_the_first_claim_is_accepted(pairing: Pairing) -> None:
    pairing.upto("claimed")
    late = Pairing(pairing.device)
    late.id = pairing.id
    for step, members in [
        ("claim", {}),
        ("request", {"box": new_box()}),
        ("watch", {}),
        ("end", {"outcome": "done"}),
    ]:
        assert problem(late.guest(step, **members)) == (409, "pairing_used")
    assert pairing.member("progress").json()["state"] == "claimed"


def test_of_many_concurrent_claims_one_is_accepted(pairing: Pairing) -> None:
    pairing.offer()
    guests = [Pairing(pairing.device) for _ in range(12)]
    for guest in guests:
        guest.id = pairing.id
    with ThreadPoolExecutor(12) as threads:
        statuses = list(threads.map(lambda guest: guest.guest("claim").status_code, guests))
    assert sorted(statuses) == [200] + [409] * 11


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        ("offered", ["reveal", "answer"]),
        ("claimed", ["reveal", "answer"]),
        ("requested", ["request", "answer"]),
        ("revealed", ["request", "reveal"]),
        ("answered", ["request", "reveal", "answer"]),
    ],
)
def test_a_step_out_of_order_is_refused(pairing: Pairing, state: str, refused: list[str]) -> None:
    pairing.upto(state)
    for step in refused:
        side = pairing.guest if step == "request" else pairing.member
        assert problem(side(step, box=new_box())) == (409, "pairing_step")
    assert pairing.member("progress").json()["state"] == state


@pytest.mark.parametrize("outcome", [*ENDED, "refused"])
def test_an_ended_pairing_keeps_only_its_outcome(pairing: Pairing, outcome: str) -> None:
    pairing.upto("answered")
    ended = pairing.member("cancel") if outcome == "refused" else pairing.guest("end", outcome=outcome)
    assert ended.status_code == 204
    for _again in range(2):
        assert pairing.member("cancel").status_code == 204
        assert pairing.guest("end", outcome="failed").status_code == 204
    seen = pairing.guest("watch").json()
    assert (seen["state"], seen["reveal"], seen["answer"]) == (outcome, None, None)
    assert problem(pairing.guest("claim")) == (409, "pairing_used")
    for side, step in [(pairing.guest, "request"), (pairing.member, "reveal"), (pairing.member, "answer")]:
        assert problem(side(step, box=new_box())) == (409, "pairing_step")
    assert problem(pairing.offer()) == (409, "pairing_used")


def test_an_offer_cancelled_before_its_claim_is_deleted(pairing: Pairing) -> None:
    pairing.offer()
    assert pairing.member("cancel").status_code == 204
    assert problem(pairing.guest("claim")) == (404, "no_pairing")
    assert problem(pairing.member("progress")) == (404, "no_pairing")


def test_a_new_offer_of_a_device_replaces_its_previous_one(pairing: Pairing) -> None:
    pairing.upto("requested")
    newer = Pairing(pairing.device).upto("offered")
    assert problem(pairing.guest("watch")) == problem(pairing.guest("claim")) == (404, "no_pairing")
    assert newer.guest("claim").status_code == 200


def test_the_oldest_of_too_many_offers_of_an_account_is_deleted(device: Device) -> None:
    offers = [Pairing(device)] + [Pairing(device.another()) for _ in range(5)]
    for each in offers:
        assert each.offer().status_code == 201
    statuses = [each.guest("claim").status_code for each in offers]
    assert statuses == [404, 200, 200, 200, 200, 200]


def test_other_devices_cannot_access_a_pairing(pairing: Pairing) -> None:
    pairing.upto("requested")
    for stranger in (pairing.device.another(), Device.of_new_account(pairing.device.api)):
        other = Pairing(stranger)
        other.id = pairing.id
        assert problem(other.offer()) == (409, "pairing_used")
        for step, members in [
            ("progress", {}),
            ("reveal", {"box": new_box()}),
            ("answer", {"box": new_box()}),
            ("cancel", {}),
        ]:
            assert problem(other.member(step, **members)) == (404, "no_pairing")
    assert pairing.member("progress").json()["state"] == "requested"


@pytest.mark.parametrize("way", ["revoked", "left", "account deleted"])
def test_the_offers_of_a_removed_device_are_deleted(device: Device, way: str) -> None:
    pairing = Pairing(device.another()).upto("answered")
    if way == "revoked":
        device.request("DELETE", f"/devices/{pairing.device.id}")
    elif way == "left":
        pairing.device.request("DELETE", f"/devices/{pairing.device.id}")
    else:
        device.request("DELETE", "/account", json={"secret": device.secret})
    assert problem(pairing.guest("watch")) == (404, "no_pairing")


def test_a_pairing_expires_after_ten_minutes(database: dict[str, Any], web: Path) -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    with serving(web, lambda: now, **database) as running:
        pairing = Pairing(Device.of_new_account(running.client)).upto("answered")
        unused = Pairing(pairing.device.another()).upto("offered")
        now += timedelta(minutes=9, seconds=59)
        assert pairing.guest("watch").json()["answer"]
        now += timedelta(seconds=1)
        assert problem(pairing.guest("watch")) == problem(pairing.member("progress")) == (404, "no_pairing")
        assert problem(unused.guest("claim")) == (404, "no_pairing")


def test_expired_pairings_are_deleted_from_the_database(database: dict[str, Any], web: Path) -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    with serving(web, lambda: now, **database) as running:
        Pairing(Device.of_new_account(running.client)).upto("answered")
        before = rows(database, web)
        now += timedelta(minutes=10)
        Pairing(Device.of_new_account(running.client)).upto("offered")
        after = rows(database, web)
    assert (len(before), len(after)) == (1, 1)
    assert before != after


def test_the_server_deletes_expired_pairings_periodically(database: dict[str, Any], web: Path) -> None:
    """Pairings are swept even if accounts never expire."""
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    quiet = {**database, "dispatcher": False, "idle_days": 0}
    with serving(web, lambda: now, **quiet) as running:
        Pairing(Device.of_new_account(running.client)).upto("offered")
    now += timedelta(minutes=10)
    with serving(web, lambda: now, **quiet):
        deadline = time.monotonic() + 30
        while rows(database, web):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_database_contains_neither_pairing_id_nor_claim_secret(
    database: dict[str, Any], web: Path
) -> None:
    with serving(web, **database) as running:
        pairing = Pairing(Device.of_new_account(running.client)).upto("answered")
        row = rows(database, web)[0]
    values = [bytes(each) if isinstance(each, (bytes, memoryview)) else str(each).encode() for each in row]
    for secret in (bytes.fromhex(pairing.id), pairing.id.encode(), pairing.secret.encode()):
        assert not any(secret in value for value in values)


def test_a_migrated_database_keeps_its_accounts_and_supports_pairing(
    database: dict[str, Any], web: Path
) -> None:
    engine = open_engine(ServerSettings(web=web, **database).database, 1)
    configuration = migrations.config()
    account, secret = secrets.token_bytes(16), secrets.token_bytes(32)
    row = {"id": account, "hash": hashlib.sha256(secret).digest(), "at": datetime(2026, 1, 1)}  # noqa: DTZ001
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0002")
        columns = "id, secret_hash, created_at, rev, oldest_cursor, records, box_bytes, plan_rev"
        statement = f"INSERT INTO account ({columns}) VALUES (:id, :hash, :at, 7, 0, 0, 0, 0)"
        connection.execute(sql(statement), row)
    engine.dispose()
    with serving(web, **database) as running:
        device = Device(running.client, account.hex(), text(secret))
        assert device.register(create=False).status_code == 201
        Pairing(device).upto("answered")


def test_logs_do_not_identify_a_pairing(web: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="kaeru"), serving(web, data=tmp_path) as running:
        pairing = Pairing(Device.of_new_account(running.client)).upto("answered")
        pairing.guest("end", outcome="perhaps")
        pairing.guest("end", outcome="done")
    said = "\n".join(logs.JsonFormatter().format(record) for record in caplog.records)
    assert "/api/v1/pairing/claim" in said
    for hidden in (pairing.id, pairing.secret, pairing.box, pairing.device.token, pairing.device.account):
        assert hidden not in said


def test_claims_are_rate_limited_by_address(database: dict[str, Any], web: Path) -> None:
    with serving(web, **{**database, "registration_rate": 3}) as running:
        pairing = Pairing(Device(running.client))
        for _ in range(3):
            assert problem(pairing.guest("claim")) == (404, "no_pairing")
        refused = pairing.guest("claim")
        assert problem(refused) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("step", "member", "value"),
    [
        ("claim", "id", "6D1B5A0C94E84F37A2C60E1F8B93D745"),
        ("claim", "id", "6d1b"),
        ("claim", "secret", "AAAA"),
        ("end", "outcome", "perhaps"),
        ("request", "box", ""),
    ],
)
def test_an_invalid_member_is_reported_by_name(pairing: Pairing, step: str, member: str, value: str) -> None:
    refused = pairing.guest(step, **{"box": "AAAA", "outcome": "done", member: value})
    assert problem(refused) == (422, "malformed")
    assert refused.json()["where"] == [f"body.{member}"]


def test_a_pairing_box_has_at_most_8192_bytes(pairing: Pairing) -> None:
    pairing.box = new_box(8193)
    assert problem(pairing.offer()) == (413, "too_large")
    pairing.box = new_box(8192)
    pairing.upto("claimed")
    assert problem(pairing.guest("request", box=new_box(8193))) == (413, "too_large")
    assert pairing.guest("request", box=new_box(8192)).status_code == 204
    for step in ("reveal", "answer"):
        assert problem(pairing.member(step, box=new_box(8193))) == (413, "too_large")
        assert pairing.member(step, box=new_box(8192)).status_code == 204


def test_offering_and_following_a_pairing_require_a_token(pairing: Pairing) -> None:
    pairing.upto("requested")
    for step in ("", "/progress", "/reveal", "/answer", "/cancel"):
        body = {"id": pairing.id, "box": new_box()}
        answer = pairing.device.api.post(f"/api/v1/pairing{step}", json=body, headers=PROTOCOL)
        assert problem(answer) == (401, "unauthorized")


def rows(database: dict[str, Any], web: Path) -> list[Any]:
    engine = open_engine(ServerSettings(web=web, **database).database, 1)
    try:
        with engine.connect() as connection:
            return list(connection.execute(sql("SELECT * FROM pairing")).all())
    finally:
        engine.dispose()

"""Access to other accounts, use of revoked tokens, and secrets at rest must be impossible."""

import base64
import hashlib
import hmac
import secrets
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import psycopg
import pytest

from app.server.database.tables import ServerTable
from app.server.web import access, logs
from tests.server.conftest import serving
from tests.server.devices import Device, change, new_box, new_id, problem, text
from tests.server.processes import environment, run, serving_process

METRICS_TOKEN = "metrics-token-of-a-test"


def test_another_accounts_records_are_inaccessible_under_the_same_ids(device: Device) -> None:
    stranger = Device.of_new_account(device.api)
    mine, theirs = new_box(), new_box()
    device.sync(change("settings", 0, mine))
    # The same id is a separate record: no conflicts, no visibility, separate revisions.
    assert stranger.sync(change("settings", 0, theirs))["accepted"] == [{"id": "settings", "rev": 1}]
    assert device.another().pull_all() == {"settings": (1, mine)}
    assert stranger.another().pull_all() == {"settings": (1, theirs)}


def test_another_accounts_devices_are_inaccessible_by_id(device: Device) -> None:
    stranger = Device.of_new_account(device.api)
    for method, body in [("DELETE", None), ("PATCH", {"label": new_box()})]:
        assert problem(stranger.request(method, f"/devices/{device.id}", json=body)) == (404, "no_device")
    # The same id in two accounts belongs to two devices.
    twin = Device(device.api, stranger.account, stranger.secret, device.id)
    assert twin.register().status_code == 201
    stranger.request("DELETE", f"/devices/{device.id}")
    assert problem(twin.send()) == (401, "revoked")
    assert device.send().status_code == 200
    assert device.request("GET", "/devices").json()["devices"][0]["label"] == device.label


def test_deleting_an_account_affects_no_other(device: Device) -> None:
    stranger = Device.of_new_account(device.api)
    device.sync(change("a"))
    stranger.sync(change("a"))
    refused = stranger.request("DELETE", "/account", json={"secret": device.secret})
    assert problem(refused) == (403, "wrong_secret")
    assert stranger.request("DELETE", "/account", json={"secret": stranger.secret}).status_code == 204
    assert len(device.another().pull_all()) == 1


def test_a_token_of_one_account_gives_no_access_to_another(device: Device) -> None:
    stranger = Device.of_new_account(device.api)
    own, other = (base64.urlsafe_b64decode(each.token) for each in (stranger, device))
    # The account part is readable; with another account's id the rest is unknown.
    forged = Device(device.api, token=text(other[:16] + own[16:]))
    assert problem(forged.send()) == (401, "unauthorized")
    nobody = Device(device.api, token=text(secrets.token_bytes(16) + own[16:]))
    assert problem(nobody.send()) == (401, "no_account")


@pytest.mark.parametrize("token", ["x", "A" * 64, "A" * 63, "A" * 88, "é" * 64, "A" * 5000])
def test_a_malformed_token_is_refused(device: Device, token: str) -> None:
    headers = {"kaeru-protocol": "1", "authorization": f"Bearer {token}".encode()}
    body = {"cursor": 0, "changes": []}
    refused = device.api.post("/api/v1/sync", json=body, headers=headers)
    assert problem(refused)[0] == 401
    assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Basic", "Token", "Bearer:"])
def test_only_bearer_authorization_is_accepted(device: Device, scheme: str) -> None:
    headers = {"kaeru-protocol": "1", "authorization": f"{scheme} {device.token}"}
    refused = device.api.post("/api/v1/sync", json={"cursor": 0, "changes": []}, headers=headers)
    assert problem(refused) == (401, "unauthorized")


def test_secrets_are_compared_in_constant_time() -> None:
    secret = secrets.token_bytes(32)
    kept = hashlib.sha256(secret).digest()
    with patch("app.server.web.access.hmac.compare_digest", wraps=hmac.compare_digest) as compared:
        assert access.is_secret(secret, kept)
        assert not access.is_secret(secret[:-1] + bytes([secret[-1] ^ 1]), kept)
    # Complete digests of equal length are compared, so no shortcut is possible.
    assert [tuple(map(len, call.args)) for call in compared.call_args_list] == [(32, 32), (32, 32)]


def test_the_database_contains_no_secret_and_the_logs_no_secret_or_id(
    database: dict[str, Any], web: Path, tmp_path: Path
) -> None:
    variables = {
        **environment(database, web),
        "KAERU_LOG_LEVEL": "debug",
        "KAERU_METRICS_TOKEN": METRICS_TOKEN,
    }
    run("db", "upgrade", **variables)
    plaintext = b"Client Tanaka asked for the invoice"
    with (
        serving_process(tmp_path / "log", **variables) as serving,
        httpx.Client(base_url=serving.url) as client,
    ):
        device = Device.of_new_account(client)
        other = device.another()
        record = new_id()
        device.sync(change(record, 0, new_box()))
        device.send(change(record, 9))
        device.request("PATCH", f"/devices/{other.id}", json={"label": new_box()})
        device.request("DELETE", f"/devices/{other.id}")
        other.send()
        device.request("POST", "/sync", json={"cursor": plaintext.decode(), "changes": []})
        client.get(f"/clients/{record}/edit?note=Tanaka")
        client.get(f"/api/v1/devices/{device.id}/{record}")
        Device(client, device.account).register()
        metrics = client.get("/metrics", headers={"authorization": f"Bearer {METRICS_TOKEN}"}).text
        assert serving.stop() == 0
    log = (tmp_path / "log").read_text() + metrics
    kept = everything_in(database, tmp_path)
    assert device.id.encode() in kept  # the search works
    assert record.encode() in kept
    for hidden in (device.token, device.secret, other.token, other.secret):
        raw = base64.urlsafe_b64decode(hidden + "=" * (-len(hidden) % 4))
        random = raw[-32:]  # a token starts with the account's id
        for form in (hidden.encode(), random, random.hex().encode()):
            assert form not in kept
            assert form.decode(errors="replace") not in log
    assert plaintext not in kept
    for hidden_in_log in ("Tanaka", device.account, device.id, other.id, record, device.label):
        assert hidden_in_log not in log
    assert METRICS_TOKEN not in log
    assert "password" not in log
    assert '"path": "/api/v1/devices/{device}"' in log


def everything_in(database: dict[str, Any], folder: Path) -> bytes:
    """All stored bytes: SQLite's files, or all values of PostgreSQL as text and bytes."""
    if "database_url" not in database:
        return b"".join(file.read_bytes() for file in folder.glob("kaeru.db*"))
    found = b""
    with closing(psycopg.connect(database["database_url"])) as connection:
        for table in ServerTable.metadata.tables:
            for row in connection.execute(f"SELECT * FROM {table}"):
                found += b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    return found


def test_a_database_error_leaks_nothing_and_changes_nothing(
    web: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing table makes statements fail with their values in the error."""
    import sqlite3

    with serving(web, data=tmp_path) as running:
        device = Device.of_new_account(running.client)
        with closing(sqlite3.connect(tmp_path / "kaeru.db")) as connection:
            connection.execute("ALTER TABLE record RENAME TO gone")
        box = new_box()
        assert problem(device.send(change("a", 0, box))) == (503, "unavailable")
        with closing(sqlite3.connect(tmp_path / "kaeru.db")) as connection:
            connection.execute("ALTER TABLE gone RENAME TO record")
        assert device.sync(change("a", 0, box))["accepted"] == [{"id": "a", "rev": 1}]
    said = "\n".join(logs.JsonFormatter().format(record) for record in caplog.records)
    assert "OperationalError" in said
    for hidden in (box, device.token, device.account, device.secret):
        assert hidden not in said

"""The promises of docs/security.md: the server receives no plaintext, and logs don't identify users."""

import base64
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, inspect, select

from app.domain.entities import Client, Job, Message, Settings, new_id
from app.reminders.planner import planned_reminders
from app.server.database.engine import open_engine
from app.server.database.tables import ServerTable
from app.server.settings import ServerSettings
from app.store.database import open_database
from app.store.store import Store
from app.sync import keys
from app.sync.service import Sync
from tests.server.conftest import serving
from tests.server.devices import PROTOCOL, Device, change, new_box, reminder
from tests.server.processes import environment, run, serving_process
from tests.server.sink import Answer, Browser, Sink
from tests.server.test_dispatch import ringing_environment
from tests.server.test_key_change import NewKey, change_body
from tests.server.test_security import everything_in
from tests.unit.sync.people import play, word
from tests.unit.sync.support import Phone

METRICS_TOKEN = "metrics-token-of-a-test"
MARKER = "Zebrafish-" + "quartz" * 3
JAPANESE = "秘密の見積書"
ADDRESS = "203.0.113.77"
PUSH = "https://fcm.googleapis.com/fcm/send/abc"
WEBSOCKET = {
    "connection": "upgrade",
    "upgrade": "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
}


class Recorder(httpx.AsyncBaseTransport):
    """Opens a connection per request and records what is sent."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.sent = b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.addresses.append(str(request.url))
        self.sent += repr(request.headers.raw).encode() + await request.aread()
        async with httpx.AsyncHTTPTransport(verify=False) as connection:
            response = await connection.handle_async_request(request)
            content = await response.aread()
        return httpx.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )


def test_no_plaintext_reaches_the_server(database: dict[str, Any], web: Path, tmp_path: Path) -> None:
    """Search the database, log, metrics and requests of a real server after the app has synced."""
    variables = {
        **environment(database, web),
        "KAERU_LOG_LEVEL": "debug",
        "KAERU_METRICS_TOKEN": METRICS_TOKEN,
    }
    run("db", "upgrade", **variables)
    now = datetime.now(UTC)
    store = Store(open_database(":memory:"), lambda: datetime.now(UTC))
    client, message = new_id(), new_id()
    store.save(
        Settings(introduced=True, name=MARKER, quiet_hours=[]),
        Client(id=client, name=f"{MARKER} {JAPANESE}", notes=MARKER),
        Message(
            id=message, client_id=client, at=now, due_at=now + timedelta(hours=9), body=f"{MARKER} {JAPANESE}"
        ),
        *(Job(client_id=client, title=f"{JAPANESE} {MARKER}") for _ in range(20)),
    )
    network = Recorder()
    with (
        serving_process(tmp_path / "log", **variables) as serving,
        httpx.Client(base_url=serving.url) as http,
    ):
        sync = Sync(store, Phone(tmp_path / "phone", network), lambda: datetime.now(UTC))
        sync.reminders.plan_with(lambda at: planned_reminders(store, at, word))
        text: list[str] = []

        async def story() -> None:
            text.append(await sync.start(serving.url, MARKER))
            await sync.sync_once()
            assert sync.status.state == "idle", sync.status
            given = Browser(PUSH).subscription()
            await sync.reminders.subscribe(PUSH, given["keys"]["p256dh"], given["keys"]["auth"])
            await sync.devices.rename(sync.reminders.device, f"{MARKER} {JAPANESE}")

        play(story)
        metrics = http.get("/metrics", headers={"authorization": f"Bearer {METRICS_TOKEN}"}).text
        assert serving.stop() == 0
    log = (tmp_path / "log").read_bytes()
    kept = everything_in(database, tmp_path)
    assert client.encode() in kept  # the search works: ids are not encrypted
    assert message.encode() in kept
    assert 'route="/api/v1/reminders"' in metrics  # the reminder plan was sent, not only records
    for where in (kept, log, metrics.encode(), network.sent, "\n".join(network.addresses).encode()):
        for hidden in (MARKER, JAPANESE):
            assert hidden.encode() not in where
            assert hidden.encode("utf-16-le") not in where
            assert base64.b64encode(hidden.encode())[:-4] not in where
        assert b"reply_half" not in where
        assert b'"fields"' not in where
        assert text[0].encode() not in where
    derived = keys.derive(keys.from_text(text[0]))
    for key in (keys.from_text(text[0]), derived.sealing, derived.reminders):
        for form in (key, key.hex().encode(), base64.urlsafe_b64encode(key).rstrip(b"=")):
            assert form not in kept + log + network.sent


def test_no_secret_is_in_a_url(tmp_path: Path, web: Path) -> None:
    """No path or query of the app's requests contains a token, a secret or the account's id."""
    network = Recorder()
    with serving(web, data=tmp_path) as running:
        store = Store(open_database(":memory:"), lambda: datetime.now(UTC))
        store.save(Settings(introduced=True), Client(id="c", name="Ana"))
        sync = Sync(store, Phone(tmp_path / "phone", network), lambda: datetime.now(UTC))
        text: list[str] = []

        async def story() -> None:
            text.append(await sync.start(f"http://{running.host}:{running.port}"))
            await sync.sync_once()
            await sync.devices.fetch()
            await sync.delete_account()

        play(story)
    derived = keys.derive(keys.from_text(text[0]))
    assert len(network.addresses) > 5
    for address in network.addresses:
        assert "?" not in address
        assert derived.account not in address
        assert not re.search(r"[A-Za-z0-9_-]{40,}", address)  # a token or secret in base64url


# --- logs and metrics ------------------------------------------------------------------------------------


def every_endpoint(client: httpx.Client) -> list[tuple[str, str]]:
    """Return (method, path) of all API endpoints, from OpenAPI, and of the server's other paths."""
    described = client.get("/api/v1/openapi.json").json()["paths"]
    api = [(method.upper(), f"/api/v1{path}") for path, methods in described.items() for method in methods]
    others = [
        "/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/.well-known/security.txt",
        "/sw.js",
        "/missing.js",
        "/api",
    ]
    return api + [("GET", path) for path in others]


def test_logs_and_metrics_do_not_identify_users_or_content(
    database: dict[str, Any], web: Path, tmp_path: Path
) -> None:
    """For every endpoint: valid, invalid body, no token, a query, another method, a WebSocket."""
    with Sink(tmp_path).running() as sink:
        variables = {
            **ringing_environment(database, web, sink),
            "KAERU_LOG_LEVEL": "debug",
            "KAERU_TRUSTED_PROXIES": "127.0.0.1",
            "KAERU_DISPATCHER": "true",
        }
        run("db", "upgrade", **variables)
        with (
            serving_process(tmp_path / "log", **variables) as serving,
            httpx.Client(base_url=serving.url, headers=visitor()) as client,
        ):
            device = Device.of_new_account(client)
            other = device.another()
            record, planned = new_id(), reminder(datetime.now(UTC))
            endpoints = refuse_pushes(sink, device, "https"), refuse_pushes(sink, other, "http")
            device.sync(change(record))
            device.put(planned)
            sink.wait_for(2)
            names = {"device": other.id, "group": planned["group"]}
            for method, path in every_endpoint(client):
                for each in (
                    re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], record), path),
                    f"{path}/{record}",
                ):
                    ask_in_every_way(client, method, each, device)
            metrics = client.get("/metrics", headers={"authorization": f"Bearer {METRICS_TOKEN}"}).text
            assert serving.stop() == 0
        log = (tmp_path / "log").read_text()
    hidden = {
        "account": device.account, "device": device.id, "other device": other.id, "record": record,
        "group": planned["group"], "reminder": planned["id"], "label": device.label, "box": planned["box"],
        "token": device.token, "secret": device.secret, "address": ADDRESS, "what was asked": MARKER,
        "push endpoint": endpoints[0], "push endpoint over HTTP/1.1": endpoints[1],
        "metrics token": METRICS_TOKEN,
    }  # fmt: skip
    assert "push refused" in log  # the dispatcher's log is searched, too
    assert log.count('"kaeru.access"') > 100
    assert {name for name, value in hidden.items() if value in log} == set()
    assert {name for name, value in hidden.items() if value in metrics} == set()
    labels = set(re.findall(r'(\w+)="', metrics))
    assert labels <= {"method", "route", "status", "code", "outcome", "reason", "le", "version", "generation",
                      "implementation", "major", "minor", "patchlevel"}  # fmt: skip


def visitor() -> dict[str, str]:
    """Headers of a browser behind the trusted proxy."""
    return {
        "x-forwarded-for": ADDRESS,
        "user-agent": MARKER,
        "referer": f"https://kaeru.example/{MARKER}",
        "accept-language": MARKER,
        "cookie": f"a={MARKER}",
    }


def refuse_pushes(sink: Sink, device: Device, scheme: str) -> str:
    """Subscribe the device with an endpoint that refuses pushes. Returns its secret part."""
    path = f"/push/{secrets.token_hex(16)}"
    sink.will(path, *[Answer(400)] * 5)
    browser = sink.browser(path, scheme=scheme, host="localhost")
    assert device.subscribe(browser.subscription()).status_code == 204
    return path.rpartition("/")[2]


def ask_in_every_way(client: httpx.Client, method: str, path: str, device: Device) -> None:
    token = {**PROTOCOL, "authorization": f"Bearer {device.token}"}
    bodies: list[Any] = [
        None,
        {},
        {"secret": MARKER, "box": MARKER, "changes": [{"id": MARKER}], "cursor": MARKER},
    ]
    for body in bodies:
        for headers in (token, PROTOCOL, {}, {**PROTOCOL, "authorization": f"Bearer {MARKER}"}):
            answer = client.request(
                method, path, json=body, headers=headers, params={"q": MARKER, "id": device.id}
            )
            assert "set-cookie" not in answer.headers
            assert not path.startswith("/api/v1/") or answer.headers["cache-control"] == "no-store"
    client.request(method, path, content=MARKER, headers={**token, "content-type": "application/json"})
    client.request("PROPFIND", path, headers=token)
    # WebSockets are not supported; an HTTP server may log such a request's address and query.
    client.get(path, headers={**token, **WEBSOCKET}, params={"q": MARKER, "id": device.id})


# --- deletion --------------------------------------------------------------------------------------------


def test_deleting_an_account_deletes_its_rows_in_every_table(database: dict[str, Any], web: Path) -> None:
    """Create rows in every table that refers to accounts, then check that they are deleted."""
    with serving(web, **database) as running:
        device, stranger = (Device.of_new_account(running.client) for _ in range(2))
        for each in (device, stranger):
            fill(each)
        engine = open_engine(ServerSettings(**database).database, 1)
        before = rows_naming(engine, device)
        others = rows_naming(engine, stranger)
        tables = {table.name for table in ServerTable.metadata.tables.values()}
        assert before.keys() == tables - {"server_key"}  # it doesn't refer to accounts
        gone = device.request("DELETE", "/account", json={"secret": device.secret})
        assert gone.status_code == 204
        assert rows_naming(engine, device) == {}
        assert rows_naming(engine, stranger) == others
        engine.dispose()


def fill(device: Device) -> None:
    """Create rows of the account in every table. No dispatcher runs, so the test delivery stays.

    The key is changed twice, because the account's row itself keeps the first key's id.
    """
    revoked = device.another()
    device.request("DELETE", f"/devices/{revoked.id}")
    for epoch in (1, 2):
        change_key_of(device, epoch)
    device.sync(*(change(new_id()) for _ in range(3)))
    device.request("PATCH", f"/devices/{device.id}", json={"label": new_box()})
    assert device.subscribe(Browser(f"{PUSH}/{new_id()}").subscription()).status_code == 204
    device.put(reminder(datetime.now(UTC) + timedelta(hours=1)))
    assert device.request("POST", "/push/test", json={"box": new_box()}).status_code == 202
    offer = {"id": secrets.token_hex(16), "box": new_box()}
    assert device.request("POST", "/pairing", json=offer).status_code == 201


def change_key_of(device: Device, epoch: int) -> None:
    key = NewKey.make()
    answer = device.request(
        "POST",
        "/account/key",
        json=change_body(device, key, [device], []) | {"base": epoch - 1, "epoch": epoch},
    )
    assert answer.status_code == 200, answer.text
    device.secret, device.plan = key.secret, epoch  # the plan was deleted
    device.api = httpx.Client(base_url=device.api.base_url, headers={"kaeru-key": key.account[:16]})


def rows_naming(engine: Engine, device: Device) -> dict[str, int]:
    """Count the rows of each table with the account's or its device's id in any column."""
    marks = {bytes.fromhex(device.account), device.account, device.id}
    found: dict[str, int] = {}
    tables = {table.name: table for table in ServerTable.metadata.tables.values()}
    assert set(inspect(engine).get_table_names()) - {"alembic_version"} == set(tables)
    with engine.connect() as connection:
        for name, table in tables.items():
            count = sum(bool(marks & values_of(row)) for row in connection.execute(select(table)))
            if count:
                found[name] = count
    return found


def values_of(row: Any) -> set[Any]:
    return {bytes(value) if isinstance(value, memoryview) else value for value in row}

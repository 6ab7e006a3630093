"""A fake server in memory, a lossy network, and devices that sync over them."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Coroutine
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from app.platform.native import FileVault, NativePlatform
from app.store.database import open_database
from app.store.store import Store
from app.sync import keys
from app.sync.api_client import ApiClient
from app.sync.engine import SyncContext, SyncProgress, synchronise
from app.sync.wire import decode
from tests.unit.store.support import Clock
from tests.unit.sync.pairing_server import FakePairings

SERVER = "https://kaeru.example"
KEY = bytes(range(32))

SEALED = {("POST", "sync"), ("POST", "reminders"), ("POST", "push"), ("PATCH", "devices")}
"""Requests that contain or return boxes."""

T = TypeVar("T")


def run(task: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(task)


@dataclass
class FakeServer(httpx.AsyncBaseTransport):
    """A server according to docs/protocol.md, for one account; `clock` is its own."""

    clock: Clock
    page: int = 500
    protocol: dict[str, int] = field(default_factory=lambda: {"min": 1, "max": 1})
    quota: int | None = None  # records
    closed: bool = False
    account: str | None = None
    secret: str = ""
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    records: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # id → rev, box, device
    counter: int = 0
    push_key: str = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
    plan: dict[str, dict[str, Any]] = field(default_factory=dict)
    plan_rev: int = 0
    subscriptions: dict[str, Any] = field(default_factory=dict)
    epoch: int = 0
    retired: set[str] = field(default_factory=set)
    keyring: str | None = None
    grants: dict[str, str | None] = field(default_factory=dict)
    rung: list[str] = field(default_factory=list)
    requests: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pairings = FakePairings(self.clock)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(await request.aread() or "null")
        path = request.url.path.removeprefix("/api/v1/")
        self.requests.append((f"{request.method} {path}", body))
        assert request.headers["kaeru-protocol"] == "1"
        status, answer = self.answer(request, path, body)
        return httpx.Response(status, json=answer, request=request)

    def answer(  # noqa: C901, PLR0911, PLR0912 - one line per endpoint
        self, request: httpx.Request, path: str, body: Any
    ) -> tuple[int, Any]:
        match request.method, path.split("/"):
            case "GET", ["info"]:
                push = {"key": self.push_key} if self.push_key else None
                about = {"name": "kaeru", "protocol": self.protocol, "time": self.clock().isoformat()}
                return 200, about | {"push": push}
            case "POST", ["devices"]:
                return self.register(body)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        device = self.tokens.get(token)
        if path.partition("/")[0] == "pairing":
            return self.pairings.ask(path.partition("/")[2], device, body)
        if device is None:
            return 401, {"code": "revoked" if token in self.revoked else "unauthorized"}
        if (request.method, path.partition("/")[0]) in SEALED and (refused := self.refuse(request)):
            return refused
        match request.method, path.split("/"):
            case "POST", ["sync"]:
                return self.sync(device, body)
            case "POST", ["reminders"]:
                return self.reminders(body)
            case _, ["push", _]:
                return self.push(request.method, device, body)
            case "GET", ["account", "key"]:
                grant = self.grants.get(device)
                return 200, {
                    "epoch": self.epoch, "account": self.account, "grant": grant, "keyring": self.keyring,
                }  # fmt: skip
            case "POST", ["account", "key"]:
                return self.change_key(body)
            case "GET", ["devices"]:
                return 200, {
                    "devices": [entry | {"this": id_ == device} for id_, entry in self.devices.items()]
                }
            case "PATCH", ["devices", id_] if id_ in self.devices:
                self.devices[id_]["label"] = body["label"]
                return 204, None
            case "DELETE", ["devices", id_] if id_ in self.devices:
                self.revoke(id_)
                return 204, None
            case "DELETE", ["account"] if body["secret"] == self.secret:
                self.account = None
                self.records.clear()
                self.tokens.clear()
                return 204, None
        return 404, {"code": "no_device"}

    def refuse(self, request: httpx.Request) -> tuple[int, Any] | None:
        key = request.headers.get("kaeru-key")
        if key is None:
            return (426, {"code": "protocol", "min": 1, "max": 1}) if self.epoch else None
        wrong = key != (self.account or "")[:16]
        return (409, {"code": "key_changed", "epoch": self.epoch}) if wrong else None

    def change_key(self, body: Any) -> tuple[int, Any]:
        if body["base"] != self.epoch:
            return 409, {"code": "key_changed", "epoch": self.epoch}
        if body["secret"] != self.secret:
            return 403, {"code": "wrong_secret"}
        if {each["id"] for each in body["keep"]} | set(body["revoke"]) != self.devices.keys():
            return 409, {"code": "devices_changed", "devices": sorted(self.devices)}
        self.retired.add(self.account or "")
        self.account, self.secret = body["account"], body["new_secret"]
        self.epoch, self.keyring = body["epoch"], body["keyring"]
        for each in body["keep"]:
            self.devices[each["id"]]["label"] = each["label"]
        self.grants = {each["id"]: each["grant"] for each in body["keep"]}
        for device in body["revoke"]:
            self.revoke(device)
        self.plan.clear()
        self.plan_rev += 1
        return 200, {"epoch": self.epoch}

    def register(self, body: Any) -> tuple[int, Any]:
        if body["account"] in self.retired:
            return 404, {"code": "no_account", "key_changed": True}
        if self.account is None and body["create"] and not self.closed:
            self.account, self.secret = body["account"], body["secret"]
        if self.account != body["account"]:
            return (403, {"code": "closed"}) if body["create"] else (404, {"code": "no_account"})
        if body["secret"] != self.secret:
            return 403, {"code": "wrong_secret"}
        token, seen = f"token-{len(self.tokens)}-{len(self.revoked)}", self.clock().isoformat()
        self.tokens[token] = body["device"]
        entry = {"id": body["device"], "label": body["label"], "created_at": seen, "seen_at": seen}
        self.devices[body["device"]] = entry
        return 201, {"token": token, "epoch": self.epoch}

    def revoke(self, device: str) -> None:
        del self.devices[device]
        gone = {token for token, owner in self.tokens.items() if owner == device}
        self.revoked |= gone
        self.tokens = {token: owner for token, owner in self.tokens.items() if token not in gone}

    def sync(self, device: str, body: Any) -> tuple[int, Any]:
        cursor = body["cursor"]
        if cursor > self.counter:
            return 409, {"code": "cursor"}
        assert len(body["changes"]) <= 500
        new = {change["id"] for change in body["changes"]} - self.records.keys()
        if self.quota is not None and len(self.records) + len(new) > self.quota:
            return 507, {"code": "quota", "used": len(self.records), "limit": self.quota}
        accepted, conflicts = [], []
        for change in body["changes"]:
            assert len(decode(change["box"])) <= 65_536
            rev, box, _ = self.records.get(change["id"], (0, "", ""))
            if change["base"] == rev:
                self.counter += 1
                self.records[change["id"]] = (self.counter, change["box"], device)
                accepted.append({"id": change["id"], "rev": self.counter})
            else:
                conflicts.append({"id": change["id"], "rev": rev, "box": box})
        answered = {item["id"] for item in accepted + conflicts}
        newer = sorted((rev, id_, box) for id_, (rev, box, _) in self.records.items() if rev > cursor)
        others = [{"id": id_, "rev": rev, "box": box} for rev, id_, box in newer if id_ not in answered]
        changes, more = others[: self.page], len(others) > self.page
        cursor = changes[-1]["rev"] if more else self.counter
        return 200, {
            "cursor": cursor, "changes": changes, "accepted": accepted, "conflicts": conflicts, "more": more,
        }  # fmt: skip

    def push(self, method: str, device: str, body: Any) -> tuple[int, Any]:
        if method == "PUT":
            self.subscriptions[device] = body
        elif method == "DELETE":
            self.subscriptions.pop(device, None)
        elif device not in self.subscriptions:
            return 404, {"code": "no_subscription"}
        else:
            self.rung.append(body["box"])
            return 202, None
        return 204, None

    def reminders(self, body: Any) -> tuple[int, Any]:
        if body["base"] != self.plan_rev:
            return 409, {"code": "plan", "rev": self.plan_rev, "ids": sorted(self.plan)}
        before = dict(self.plan)
        for id_ in body["drop"]:
            self.plan.pop(id_, None)
        for each in body["put"]:
            assert len(decode(each["box"])) <= 2048
            self.plan.setdefault(each["id"], each)
        assert len(self.plan) <= 500
        self.plan_rev += self.plan != before
        return 200, {"rev": self.plan_rev}

    def restore(self, backup: "FakeServer") -> None:
        """Return to an earlier state, like an operator after a disk failure."""
        for each in ("account", "secret", "epoch", "keyring", "counter"):
            setattr(self, each, getattr(backup, each))
        for each in ("records", "devices", "tokens", "revoked", "retired", "grants"):
            setattr(self, each, copy(getattr(backup, each)))


class LossyNetwork(httpx.AsyncBaseTransport):
    """Randomly loses requests and responses, and duplicates requests."""

    def __init__(self, server: httpx.AsyncBaseTransport, chance: random.Random, loss: float = 0.25) -> None:
        self._server, self._chance, self._loss = server, chance, loss

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._chance.random() < self._loss / 2:
            raise httpx.ConnectError("the request was lost", request=request)
        response = await self._server.handle_async_request(request)
        if self._chance.random() < self._loss / 2:
            response = await self._server.handle_async_request(request)
        if self._chance.random() < self._loss / 2:
            raise httpx.ReadError("the answer was lost", request=request)
        return response


class Device:
    """A store with its own clock and a key, which can sync with a server."""

    def __init__(
        self,
        network: httpx.AsyncBaseTransport,
        name: str,
        clock: Clock,
        path: Path | str = ":memory:",
        key: bytes = KEY,
        server: str = SERVER,
    ) -> None:
        self.name, self.clock = name, clock
        self.store = Store(open_database(path), clock, node=f"node{name}")
        self.keys = keys.derive(key)
        self.sealer = NativePlatform().sealer(self.keys.sealing)
        self.progress: list[SyncProgress] = []
        self.token = ""
        self._server, self._network = server, network

    def enter(self, *, create: bool = False) -> "Device":
        device = f"device-{self.name}"
        self.token = run(
            self._with(
                self._network,
                lambda client: client.register(
                    self.keys.account, self.keys.secret, device, b"label", create=create
                ),
            )
        )
        self.store.sync_store.begin(self._server, device, joining=not create)
        return self

    def sync_once(self, network: httpx.AsyncBaseTransport | None = None) -> None:
        """Run one sync session. Raises SyncError."""
        run(self._with(network or self._network, self._sync_once))

    def ask(
        self, question: Callable[[ApiClient], Awaitable[T]], network: httpx.AsyncBaseTransport | None = None
    ) -> T:
        return run(self._with(network or self._network, question))

    async def _sync_once(self, client: ApiClient) -> None:
        await synchronise(
            SyncContext(self.store.sync_store, client, self.sealer, self.clock, self.progress.append)
        )

    async def _with(
        self, network: httpx.AsyncBaseTransport, question: Callable[[ApiClient], Awaitable[T]]
    ) -> T:
        client = ApiClient(self._server, self.clock, network, self.token)
        try:
            return await question(client)
        finally:
            await client.close()


class Phone(NativePlatform):
    """A native platform with secrets in a temporary folder, over the test's network."""

    def __init__(self, folder: Path, network: httpx.AsyncBaseTransport) -> None:
        self._folder, self._network = folder, network

    @property
    def vault(self) -> FileVault:
        return FileVault(self._folder / "secrets")

    def transport(self) -> httpx.AsyncBaseTransport:
        return self._network


def pushed(server: FakeServer) -> list[str]:
    """The ids of all records pushed by any device."""
    return [
        change["id"] for path, body in server.requests if path == "POST sync" for change in body["changes"]
    ]

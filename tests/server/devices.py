"""A minimal device that speaks the protocol, for tests of the server."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

PROTOCOL = {"kaeru-protocol": "1"}


def text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def new_box(size: int = 60) -> str:
    return text(secrets.token_bytes(size))


def new_id() -> str:
    return uuid4().hex


def reminder(
    fire_at: datetime, *, lasts: timedelta = timedelta(hours=1), urgency: str = "high", **members: Any
) -> dict[str, Any]:
    """A reminder as a device sends it."""
    return {
        "id": new_id(),
        "group": new_id(),
        "fire_at": instant(fire_at),
        "expires_at": instant(fire_at + lasts),
        "urgency": urgency,
        "box": new_box(400),
        **members,
    }


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def change(record: str, base: int = 0, box: str | None = None) -> dict[str, Any]:
    return {"id": record, "base": base, "box": box or new_box()}


@dataclass
class Device:
    """A device of an account that returns the server's responses unchanged."""

    api: httpx.Client
    account: str = field(default_factory=lambda: secrets.token_hex(16))
    secret: str = field(default_factory=lambda: text(secrets.token_bytes(32)))
    id: str = field(default_factory=new_id)
    label: str = field(default_factory=new_box)
    token: str = ""
    cursor: int = 0
    plan: int = 0

    @classmethod
    def of_new_account(cls, api: httpx.Client) -> "Device":
        device = cls(api)
        answer = device.register(create=True)
        assert answer.status_code == 201, answer.text
        return device

    def another(self) -> "Device":
        """Register another device of the account."""
        device = Device(self.api, self.account, self.secret)
        assert device.register().status_code == 201
        return device

    def register(self, **changed: Any) -> httpx.Response:
        body = {
            "account": self.account,
            "secret": self.secret,
            "device": self.id,
            "label": self.label,
            "create": False,
        }
        answer = self.api.post("/api/v1/devices", json={**body, **changed}, headers=PROTOCOL)
        if answer.status_code == 201:
            self.token = answer.json()["token"]
        return answer

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        headers = {**PROTOCOL, "authorization": f"Bearer {self.token}"}
        return self.api.request(method, f"/api/v1{path}", headers=headers, **arguments)

    def send(self, *changes: dict[str, Any], cursor: int | None = None) -> httpx.Response:
        """Sync, ignoring the response's cursor."""
        asked = self.cursor if cursor is None else cursor
        return self.request("POST", "/sync", json={"cursor": asked, "changes": list(changes)})

    def sync(self, *changes: dict[str, Any], cursor: int | None = None) -> dict[str, Any]:
        """Sync and keep the new cursor."""
        answer = self.send(*changes, cursor=cursor)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        self.cursor = body["cursor"]
        return body

    def change_plan(
        self, *put: dict[str, Any], drop: Sequence[str] = (), base: int | None = None
    ) -> httpx.Response:
        """Change the plan at the known revision, ignoring the response's one."""
        asked = self.plan if base is None else base
        return self.request("POST", "/reminders", json={"base": asked, "put": put, "drop": list(drop)})

    def put(self, *put: dict[str, Any], drop: Sequence[str] = ()) -> int:
        """Change the plan and keep its new revision."""
        answer = self.change_plan(*put, drop=drop)
        assert answer.status_code == 200, answer.text
        self.plan = answer.json()["rev"]
        return self.plan

    def subscribe(self, subscription: dict[str, Any]) -> httpx.Response:
        return self.request("PUT", "/push/subscription", json=subscription)

    def pull_all(self) -> dict[str, tuple[int, str]]:
        """Everything after the cursor: {id: (rev, box)}."""
        held: dict[str, tuple[int, str]] = {}
        more = True
        while more:
            answer = self.sync()
            held |= {each["id"]: (each["rev"], each["box"]) for each in answer["changes"]}
            more = answer["more"]
        return held

    def device_ids(self) -> list[str]:
        return [each["id"] for each in self.request("GET", "/devices").json()["devices"]]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem response (RFC 9457)."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    return answer.status_code, body["code"]

"""The browser: Python runs in a worker and delegates to the page."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.platform.base import (
    Alarm,
    Event,
    KeyPair,
    NotificationAnswer,
    NotificationCapability,
    PushSubscription,
    ThemeName,
)
from app.platform.javascript import browser_module

if TYPE_CHECKING:
    import flet as ft
    import httpx

# In the browser's private file system, see assets/web/worker/opfs.js.
DATABASE = Path("/data/kaeru.db")


class WebPlatform:
    """A browser tab. `kaeru_page` is the worker's module; see assets/web/worker/python-worker.js."""

    def __init__(self) -> None:
        self._js = browser_module("js")
        self._page = browser_module("kaeru_page")
        self._handlers: list[Callable[[Event], None]] = []
        self._page.on_event = browser_module("pyodide.ffi").create_proxy(self._on_event)

    async def attach(
        self, page: "ft.Page", start: Callable[[], Awaitable[None]], stop: Callable[[], None]
    ) -> None:
        pass  # every page has its own worker, which ends with it

    @property
    def database_path(self) -> Path:
        return DATABASE

    @property
    def languages(self) -> list[str]:
        return [str(tag) for tag in self._js.navigator.languages]

    @property
    def time_zone(self) -> str:
        return str(self._js.Intl.DateTimeFormat().resolvedOptions().timeZone or "UTC")

    @property
    def origin(self) -> str:
        return str(self._js.location.origin)

    @property
    def device_name(self) -> str:
        return named(str(self._js.navigator.userAgent))

    @property
    def vault(self) -> "IndexedDbVault":
        return IndexedDbVault()

    @property
    def notifications(self) -> "WebNotifications":
        return WebNotifications(self._page)

    def sealer(self, key: bytes) -> "WebSealer":
        return WebSealer(key)

    @property
    def hpke(self) -> "WebHpke":
        return WebHpke()

    def transport(self) -> "httpx.AsyncBaseTransport":
        from app.platform.fetch import FetchTransport

        return FetchTransport()

    def subscribe(self, handler: Callable[[Event], None]) -> None:
        # Browser events have no context, but Flet finds its page by the subscriber's context.
        context = copy_context()
        self._handlers.append(lambda event: context.run(handler, event))

    def take_pairing_text(self) -> str:
        return str(self._page.take_pairing_text())

    async def keeps_storage(self) -> bool:
        return bool(await self._js.navigator.storage.persisted())

    def apply_update(self) -> None:
        self._tell("apply-update")

    def restart(self) -> None:
        self._tell("restart")

    def ask_before_leaving(self, unsaved: bool) -> None:
        self._tell("ask-before-leaving", unsaved=unsaved)

    def tick(self) -> None:
        pass

    def set_look(self, language: str, theme: ThemeName) -> None:
        self._tell("wear", language=language, theme=theme)

    def leave_glance(self, glance: Mapping[str, object] | None) -> None:
        self._tell("glance", glance=glance)

    def _tell(self, kind: str, **details: object) -> None:
        self._page.tell(kind, json.dumps(details))

    def _on_event(self, event: Event) -> None:
        for handler in self._handlers:
            handler(event)


class WebNotifications:
    """Browser notifications by page and service worker; see assets/web/page/notifications.js."""

    def __init__(self, page: Any) -> None:
        self._page = page

    async def state(self) -> NotificationCapability:
        return NotificationCapability(**await self._ask("notifications"))

    async def ask(self) -> NotificationCapability:
        return NotificationCapability(**await self._ask("allow-notifications"))

    async def ask_punctual(self) -> NotificationCapability:
        return await self.state()

    async def name(self, title: str, about: str) -> None:
        pass  # browsers do not support names

    async def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        pass

    async def shown(self) -> frozenset[str]:
        return frozenset((await self._ask("shown-notifications"))["tags"])

    async def withdraw(self, tags: Collection[str]) -> None:
        # Notifications with the same tag replace each other.
        if tags:
            await self._ask("withdraw-notifications", tags=sorted(tags))

    async def subscribe(self, key: str) -> PushSubscription | None:
        given = await self._ask("subscribe", key=key)
        if "keys" not in given:
            return None
        return PushSubscription(given["endpoint"], given["keys"]["p256dh"], given["keys"]["auth"])

    async def unsubscribe(self) -> None:
        await self._ask("unsubscribe")

    def show(self, notification: Mapping[str, object]) -> None:
        self._page.tell("show-notification", json.dumps({"notification": notification}))

    def badge(self, count: int) -> None:
        self._page.tell("badge", json.dumps({"count": count}))

    async def answers(self) -> list[NotificationAnswer]:
        found = json.loads(await browser_module("kaeru_answers").readAnswers())
        return [NotificationAnswer(each["id"], each["fields"]) for each in found]

    async def forget(self, answers: Sequence[NotificationAnswer]) -> None:
        ids = json.dumps([answer.id for answer in answers])
        await browser_module("kaeru_answers").forgetAnswers(ids)

    async def forget_everything(self) -> None:
        await browser_module("kaeru_answers").dropReminders()

    async def opened_path(self) -> str:
        return str((await self._ask("opened-path"))["path"])

    async def _ask(self, question: str, **given: object) -> Any:
        return json.loads(await self._page.ask(question, json.dumps(given)))


class IndexedDbVault:
    """IndexedDB, which the service worker can also read; see assets/web/worker/vault.js."""

    def __init__(self) -> None:
        self._vault = browser_module("kaeru_vault")

    async def read(self, name: str) -> bytes | None:
        secret = await self._vault.read(name)
        return None if secret is None else bytes(secret.to_bytes())

    async def write(self, name: str, secret: bytes) -> None:
        await self._vault.write(name, _to_js(secret))

    async def forget(self, name: str) -> None:
        await self._vault.forget(name)


class WebSealer:
    """WebCrypto, one call for all boxes, packed; see assets/web/worker/sealing.js."""

    def __init__(self, key: bytes) -> None:
        self._sealing = browser_module("kaeru_sealing")
        self._key = key

    async def seal(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        boxes = unpack((await self._sealing.seal(_to_js(self._key), _to_js(pack(items)))).to_bytes())
        return [box for box in boxes if box is not None]

    async def open(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        return unpack((await self._sealing.open(_to_js(self._key), _to_js(pack(items)))).to_bytes())


class WebHpke:
    """HPKE by WebCrypto; see assets/web/worker/hpke.js."""

    def __init__(self) -> None:
        self._hpke = browser_module("kaeru_hpke")

    async def generate(self) -> KeyPair:
        pair = await self._hpke.generate()
        return KeyPair(bytes(pair.private.to_bytes()), bytes(pair.public.to_bytes()))

    async def seal(self, public: bytes, info: bytes, plain: bytes) -> bytes:
        box = await self._hpke.seal(_to_js(public), _to_js(info), _to_js(plain))
        if box is None:
            raise ValueError("not a point of P-256")
        return bytes(box.to_bytes())

    async def open(self, private: bytes, info: bytes, box: bytes) -> bytes | None:
        plain = await self._hpke.open(_to_js(private), _to_js(info), _to_js(box))
        return None if plain is None else bytes(plain.to_bytes())


NOT_OPENED = 0xFFFFFFFF
"""Replaces the length of an item that could not be opened."""


def pack(items: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Concatenate pairs, each part after its length (4 bytes, little-endian)."""
    return b"".join(len(part).to_bytes(4, "little") + part for item in items for part in item)


def unpack(packed: bytes) -> list[bytes | None]:
    """Split packed bytes into parts; None for items that could not be opened."""
    parts: list[bytes | None] = []
    at = 0
    while at < len(packed):
        length, at = int.from_bytes(packed[at : at + 4], "little"), at + 4
        if length == NOT_OPENED:
            parts.append(None)
        else:
            parts.append(packed[at : at + length])
            at += length
    return parts


_BROWSERS = {
    "Edg": "Edge", "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome", "Chrome": "Chrome",
    "Safari": "Safari",
}  # fmt: skip
_SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "Mac",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


def named(agent: str) -> str:
    """A readable name of a browser from its User-Agent: "Chrome, Android"."""
    marks = (_BROWSERS, _SYSTEMS)
    found = [next((name for mark, name in each.items() if mark in agent), "") for each in marks]
    return ", ".join(filter(None, found)) or "Browser"


def _to_js(data: bytes) -> Any:
    return browser_module("pyodide.ffi").to_js(data)

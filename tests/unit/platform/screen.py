"""The other end of Flet's connection: a phone's screen and services that answer what Python asks of them."""

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Any

import flet as ft
import msgpack
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page
from flet.controls.device_info import AndroidBuildVersion
from flet.messaging.connection import Connection
from flet.messaging.protocol import (
    InvokeMethodRequestBody,
    Message,
    MessageAction,
    configure_encode_object_for_msgpack,
)
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

Service = Callable[[str, dict[str, Any]], Any]


class Screen(Connection):
    """Answers each method call with what the named service returns, or with the error that it raises."""

    def __init__(self, **services: Service) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.pubsubhub = PubSubHub(self.loop)
        self.services: dict[str, Service] = {
            "Page": self._page, "HapticFeedback": lambda name, _arguments: self.felt.append(name), **services,
        }  # fmt: skip
        self.felt: list[str] = []
        self.locales = [ft.Locale("fr", "FR"), ft.Locale("ja")]
        self.session = Session(self)
        self.page = self.session.page
        self.page.platform = ft.PagePlatform.ANDROID
        _context_page.set(self.page)
        encoded(self.session.get_page_patch())

    def send_message(self, message: Message) -> None:
        encoded(message.body)
        if message.action is MessageAction.INVOKE_METHOD:
            body = message.body
            assert isinstance(body, InvokeMethodRequestBody)
            self.loop.call_soon(self._answer, body)

    def _answer(self, call: InvokeMethodRequestBody) -> None:
        control = self.session.index[call.control_id]
        result, error = None, None
        try:
            result = self.services[control._c](call.name, dict(call.args or {}))
        except RuntimeError as refusal:
            error = str(refusal)
        self.session.handle_invoke_method_results(call.control_id, call.call_id, result, error)

    def _page(self, name: str, _arguments: dict[str, Any]) -> Any:
        assert name == "get_device_info"
        told = blank(ft.AndroidDeviceInfo) | {"name": "Mei’s phone", "model": "Pixel 9"}
        return told | {"locales": [dataclasses.asdict(locale) for locale in self.locales]}

    async def happen(self, service: ft.Service, event: str, data: Any) -> None:
        """Have the service tell of something."""
        await self.session.dispatch_event(service._i, event, data)


def encoded(body: object) -> bytes:
    """As it travels; only while it is encoded does Flet tell new controls where they belong."""
    return bytes(msgpack.packb(body, default=configure_encode_object_for_msgpack(BaseControl)))


def blank(kind: type[Any]) -> dict[str, Any]:
    """Something for each field of a dataclass."""
    empty = {"str": "", "int": 0, "bool": False, "float": 0.0}
    names = {
        field.name: str(getattr(field.type, "__name__", field.type)) for field in dataclasses.fields(kind)
    }
    made: dict[str, Any] = {name: empty.get(kind, []) for name, kind in names.items()}
    if "version" in made:
        made["version"] = blank(AndroidBuildVersion)
    return made

"""The other end of Flet's connection: a phone's screen and services that answer Python's method calls."""

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
REPLACE = 0  # flet.controls.object_patch.Operation


class Screen(Connection):
    """Answers each method call with the result of the named service, or with the error it raises."""

    def __init__(self, **services: Service) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.pubsubhub = PubSubHub(self.loop)
        self.services: dict[str, Service] = {
            "Page": self._page,
            "HapticFeedback": lambda name, _arguments: self.haptics.append(name),
            **services,
        }
        self.haptics: list[str] = []
        self.properties: dict[int, dict[str, Any]] = {}  # by control id, as Dart has them
        self.locales = [ft.Locale("fr", "FR"), ft.Locale("ja")]
        self.session = Session(self)
        self.page = self.session.page
        self.page.platform = ft.PagePlatform.ANDROID
        _context_page.set(self.page)
        encoded(self.session.get_page_patch())

    def send_message(self, message: Message) -> None:
        self._learn(msgpack.unpackb(encoded(message.body), strict_map_key=False, ext_hook=_extension))
        if message.action is MessageAction.INVOKE_METHOD:
            body = message.body
            assert isinstance(body, InvokeMethodRequestBody)
            self.loop.call_soon(self._answer, body)

    def _learn(self, body: Any) -> None:
        """Record what Dart knows of a control: all properties when it is new, then patches by its id."""
        self._learn_new(body)
        patch = body.get("patch") if isinstance(body, dict) else None
        known = self.properties.get(body["id"]) if patch else None
        for operation in patch[1:] if patch and known is not None else ():
            kind, node, name, value = (*operation, None)[:4]
            if kind == REPLACE and node == 0 and known is not None:
                known[name] = value

    def _learn_new(self, part: Any) -> None:
        if isinstance(part, dict):
            if "_c" in part and "_i" in part:
                self.properties[part["_i"]] = part
            for value in part.values():
                self._learn_new(value)
        elif isinstance(part, list):
            for value in part:
                self._learn_new(value)

    def latest_properties(self, kind: str) -> dict[str, Any]:
        """The properties of the newest control of this type."""
        return [each for each in self.properties.values() if each["_c"] == kind][-1]

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
        device_info = blank(ft.AndroidDeviceInfo) | {"name": "Mei’s phone", "model": "Pixel 9"}
        return device_info | {"locales": [dataclasses.asdict(locale) for locale in self.locales]}

    async def emit(self, service: ft.Service, event: str, data: Any) -> None:
        """Emit an event of the service."""
        await self.session.dispatch_event(service._i, event, data)


def _extension(code: int, data: bytes) -> object:
    return code, data


def encoded(body: object) -> bytes:
    """The body as transmitted; Flet assigns new controls to their parents only during encoding."""
    return bytes(msgpack.packb(body, default=configure_encode_object_for_msgpack(BaseControl)))


def blank(kind: type[Any]) -> dict[str, Any]:
    """A neutral value for each field of a dataclass."""
    empty = {"str": "", "int": 0, "bool": False, "float": 0.0}
    names = {
        field.name: str(getattr(field.type, "__name__", field.type)) for field in dataclasses.fields(kind)
    }
    made: dict[str, Any] = {name: empty.get(kind, []) for name, kind in names.items()}
    if "version" in made:
        made["version"] = blank(AndroidBuildVersion)
    return made

"""Android and iOS: CPython inside Flet's app, with system features provided by the page.

Flet cannot restart an app's process. On Android the process may outlive the page: closed by the back gesture
and opened again, the app gets a new page in the same Python.
"""

import base64
import binascii
import ctypes
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import flet as ft
from flet_secure_storage import AndroidOptions, IOSOptions, KeychainAccessibility, SecureStorage

from app.platform.alarms import PhoneNotifications
from app.platform.answers import AnswerJournal
from app.platform.base import Event, Notifications, Vault
from app.platform.native import NativePlatform

STORAGE = "FLET_APP_STORAGE_DATA"
"""The folder `data` in the application support directory of ft.StoragePaths."""

AnswerType = TypeVar("AnswerType")


class PhonePlatform(NativePlatform):
    """Call `attach` before anything else."""

    def __init__(self) -> None:
        self._handlers: list[Callable[[Event], None]] = []
        self._languages: list[str] = []
        self._name = ""
        self._stop: Callable[[], None] | None = None

    async def attach(
        self, page: ft.Page, start: Callable[[], Awaitable[None]], stop: Callable[[], None]
    ) -> None:
        if self._stop is not None:
            self._stop()  # the previous page is gone, but its app still runs
        self._page, self._start, self._stop = page, start, stop
        self._handlers.clear()
        self._unheard: list[Event] = []
        self._keystore = KeystoreVault()
        self._connectivity = ft.Connectivity(on_change=self._on_connectivity)
        self._haptics = ft.HapticFeedback()
        if not os.environ.get(STORAGE):
            os.environ[STORAGE] = f"{await ft.StoragePaths().get_application_support_directory()}/data"
        journal = AnswerJournal(self.database_path.parent / "answers")
        self._notifications = PhoneNotifications(lambda: datetime.now(UTC), self._tell, journal)
        info = await page.get_device_info()
        self._languages = [locale.language_tag for locale in info.locales] if info else []
        if isinstance(info, ft.AndroidDeviceInfo | ft.IosDeviceInfo):
            self._name = info.name or info.model

    @property
    def languages(self) -> list[str]:
        return self._languages

    @property
    def time_zone(self) -> str:
        return android_property("persist.sys.timezone") or super().time_zone

    @property
    def device_name(self) -> str:
        return self._name or {"android": "Android", "ios": "iPhone"}.get(sys.platform, "")

    @property
    def vault(self) -> Vault:
        return self._keystore

    @property
    def notifications(self) -> Notifications:
        return self._notifications

    def subscribe(self, handler: Callable[[Event], None]) -> None:
        self._handlers.append(handler)
        unheard, self._unheard = self._unheard, []
        for event in unheard:
            handler(event)

    def restart(self) -> None:
        if self._stop is not None:
            self._stop()
        self._handlers.clear()
        self._page.run_task(self._start)

    def tick(self) -> None:
        self._page.run_task(self._haptics.light_impact)

    def _on_connectivity(self, event: ft.ConnectivityChangeEvent) -> None:
        if any(kind is not ft.ConnectivityType.NONE for kind in event.connectivity):
            self._tell("online")

    def _tell(self, event: Event) -> None:
        if not self._handlers:
            self._unheard.append(event)  # events before `subscribe`: a pressed notification starts the app
        for handler in tuple(self._handlers):
            handler(event)


class KeystoreVault:
    """Android's keystore or iOS's keychain: on this device only, available after the first unlock."""

    def __init__(self) -> None:
        self._storage = SecureStorage(
            # By default, one unreadable entry deletes all others.
            android_options=AndroidOptions(reset_on_error=False),
            ios_options=IOSOptions(
                account_name="kaeru", accessibility=KeychainAccessibility.FIRST_UNLOCK_THIS_DEVICE
            ),
        )

    async def read(self, name: str) -> bytes | None:
        text = await _asked(self._storage.get(name))
        try:
            return None if text is None else base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise OSError(f"the keystore's {name} is no base64") from error

    async def write(self, name: str, secret: bytes) -> None:
        await _asked(self._storage.set(name, base64.b64encode(secret).decode()))

    async def forget(self, name: str) -> None:
        await _asked(self._storage.remove(name))


async def _asked(answer: Awaitable[AnswerType]) -> AnswerType:
    """Await the keystore's answer; convert Flet's errors to OSError."""
    try:
        return await answer
    except (RuntimeError, TimeoutError) as error:
        raise OSError(f"the keystore refused: {error}") from error


def android_property(name: str) -> str:
    """A property of the Android system; empty on other systems."""
    try:
        get = ctypes.CDLL(None)["__system_property_get"]
    except (AttributeError, OSError, TypeError):
        return ""
    value = ctypes.create_string_buffer(92)  # PROP_VALUE_MAX of bionic's sys/system_properties.h
    get(name.encode(), value)
    return value.value.decode()

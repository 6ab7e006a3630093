"""Two ticks made before the screen has shown the first: both hold, on the screen as Flet would draw it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import flet as ft

from app.domain.entities import Checklist, Settings
from app.platform.native import NativePlatform
from app.store.database import open_database
from app.store.store import Store
from app.ui.app import App
from app.ui.state import AppState
from tests.unit.platform.screen import Screen
from tests.unit.ui.test_trust_page import NOW

PATIENCE = 5  # seconds


class Shown:
    """The whole app on a screen that nobody looks at, opened at an address."""

    def __init__(self, app: AppState, screen: Screen) -> None:
        self.app, self.screen = app, screen

    def all(self, kind: type[Any]) -> list[Any]:
        return [each for each in self.screen.session.index.values() if isinstance(each, kind)]

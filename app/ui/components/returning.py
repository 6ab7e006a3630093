"""Keyboard focus of panes: into a pane that a key opens, and back to the opener when a key closes it.

For dialogs and menus Flutter does this itself, as they are routes. A pane is not a route.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import flet as ft
from flet.messaging.session import Session

from app.viewmodels import paths

PRESSING = ("Enter", "Numpad Enter", " ", "Escape")
SETTLED = 0.1  # seconds until the closed pane is removed from the screen, and its focus with it
PATIENCE = 2  # seconds to wait for the opener to be on the screen again


@dataclass
class Presses:
    """The input state of one session: the last press, and each screen's opener by the screen's address."""

    route: str = ""
    pressed: int | None = None
    by_key: bool = False
    key_is_new: bool = False  # a key was pressed, and no click has followed yet
    openers: dict[str, int] = field(default_factory=dict)
    # each screen's back button, by the screen's address
    ways_back: dict[str, ft.IconButton] = field(default_factory=dict)


_sessions: WeakKeyDictionary[Session, Presses] = WeakKeyDictionary()


def _of(session: Session) -> Presses:
    return _sessions.setdefault(session, Presses())


def note(session: Session, control_id: int, event_name: str, event_data: Any) -> None:
    """Record an event. A button pressed by a key also sends a click, after the key's event."""
    presses = _of(session)
    if event_name == "keyboard_event":
        presses.key_is_new = presses.by_key = _key(event_data) in PRESSING
    elif event_name == "click":
        presses.pressed, presses.by_key, presses.key_is_new = control_id, presses.key_is_new, False


def _key(event_data: Any) -> str:
    return str(event_data.get("key", "")) if isinstance(event_data, dict) else ""


def was_key(session: Session) -> bool:
    """Whether the last press came from the keyboard."""
    return _of(session).by_key


def keep_way_back(session: Session, path: str, button: ft.IconButton) -> None:
    """Register the back button, which takes the focus if no other control of the screen can."""
    _of(session).ways_back[paths.without_query(path)] = button


def begin(session: Session, route: str) -> None:
    _of(session).route = route


def went(session: Session, route: str) -> int | None:
    """Record a new address. Return the control to focus, if a key closed the screen that it had opened."""
    presses = _of(session)
    before, presses.route = paths.without_query(presses.route), route
    after = paths.without_query(route)
    if before == after or not paths.is_within(before, after):
        if presses.pressed is not None:
            presses.openers[after] = presses.pressed
        return None
    closed = before
    while len(closed) > len(after) and paths.without_query(paths.parent(closed)) != after:
        closed = paths.parent(closed)
    opener = presses.openers.pop(closed, None)
    return opener if presses.by_key else None


async def focus(session: Session, control_id: int) -> None:
    """Focus a control, or the screen's back button if the control is gone or cannot take the focus."""
    await asyncio.sleep(SETTLED)
    presses = _of(session)
    if not hasattr(session.index.get(control_id), "focus"):  # a menu entry, a row or a chip
        way_back = presses.ways_back.get(paths.without_query(presses.route))
        if way_back is None:
            return
        control_id = way_back._i  # noqa: SLF001 - Flet has no public API for it
    with suppress(RuntimeError, TimeoutError):
        await session.invoke_method(control_id, "focus", None, PATIENCE)

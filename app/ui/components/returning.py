"""Where the focus goes when the keyboard opens a pane, and when it closes it: back to what opened it.

Over a screen, Flutter sees to it by itself: a dialog or a menu is a route to it. A pane is none.
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
SETTLED = 0.1  # seconds until the closed pane is gone from the screen, and its focus with it
PATIENCE = 2  # seconds for the opener to be on the screen again


@dataclass
class Presses:
    """Of one session: what was pressed last, and what opened each screen, by the screen's address."""

    route: str = ""
    pressed: int | None = None
    by_key: bool = False
    key_is_new: bool = False  # a key was pressed, and nothing since
    openers: dict[str, int] = field(default_factory=dict)
    ways_back: dict[str, ft.IconButton] = field(default_factory=dict)  # of each screen, by its address


_sessions: WeakKeyDictionary[Session, Presses] = WeakKeyDictionary()


def _of(session: Session) -> Presses:
    return _sessions.setdefault(session, Presses())


def note(session: Session, control_id: int, event_name: str, event_data: Any) -> None:
    """An event arrived. A button that a key presses is clicked too, after the key."""
    presses = _of(session)
    if event_name == "keyboard_event":
        presses.key_is_new = presses.by_key = _key(event_data) in PRESSING
    elif event_name == "click":
        presses.pressed, presses.by_key, presses.key_is_new = control_id, presses.key_is_new, False


def _key(event_data: Any) -> str:
    return str(event_data.get("key", "")) if isinstance(event_data, dict) else ""


def was_key(session: Session) -> bool:
    """Whether the last press was a key's."""
    return _of(session).by_key


def keep_way_back(session: Session, path: str, button: ft.IconButton) -> None:
    """What has the focus in a screen when nothing else of it can."""
    _of(session).ways_back[paths.without_query(path)] = button


def begin(session: Session, route: str) -> None:
    _of(session).route = route


def went(session: Session, route: str) -> int | None:
    """The address changed. What is to have the focus now, if a key closed what that had opened."""
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
    """Give a control the focus, if it is still there and can have it; or else the way back beside it."""
    await asyncio.sleep(SETTLED)
    presses = _of(session)
    if not hasattr(session.index.get(control_id), "focus"):  # an entry of a menu, a row, a chip
        way_back = presses.ways_back.get(paths.without_query(presses.route))
        if way_back is None:
            return
        control_id = way_back._i  # noqa: SLF001 - Flet tells it in no other way
    with suppress(RuntimeError, TimeoutError):
        await session.invoke_method(control_id, "focus", None, PATIENCE)

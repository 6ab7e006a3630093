"""Keyboard shortcuts: Enter in a field saves its form, Esc closes the top screen, Ctrl+K searches.

Enter applies to one-line fields. Esc and Ctrl+K work on a desktop only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import flet as ft

from app.viewmodels import paths

KeyAction = Callable[[], None]


@dataclass
class ScreenKeys:
    """The actions of the keys on one screen; None: no action."""

    submit: KeyAction | None = None
    leave: KeyAction | None = None


# By session, then by the screen's address.
_screens: WeakKeyDictionary[object, dict[str, ScreenKeys]] = WeakKeyDictionary()


def _of(session: object, path: str) -> ScreenKeys:
    return _screens.setdefault(session, {}).setdefault(paths.without_query(path), ScreenKeys())


def on_enter(act: KeyAction) -> None:
    """Hook for a form: set the action that saves it."""
    path = ft.use_view_path()
    keys = _of(ft.context.page.session, path)

    def forget() -> None:
        keys.submit = None

    keys.submit = act
    ft.use_effect(lambda: None, [path], cleanup=forget)


def on_escape(act: KeyAction) -> None:
    """Hook for a stacked screen: set the action that closes it."""
    path = ft.use_view_path()
    keys = _of(ft.context.page.session, path)

    def forget() -> None:
        keys.leave = None

    keys.leave = act
    ft.use_effect(lambda: None, [path], cleanup=forget)


def submit(page: ft.Page) -> None:
    """Handle Enter in a one-line field."""
    act = _of(page.session, page.route).submit
    if act is not None:
        act()


def escape(page: ft.Page) -> None:
    """Handle Esc. A dialog or menu over the screen closes by itself."""
    act = _of(page.session, page.route).leave
    if act is not None and not _is_covered(page):
        act()


def is_search(event: ft.KeyboardEvent) -> bool:
    """Whether this is the search shortcut, which assets/web/page/shortcuts.js hides from the browser."""
    held = event.meta if _is_apple(event.page) else event.ctrl
    return (
        held and not (event.alt or event.shift) and event.key.upper() == "K" and not _is_covered(event.page)
    )


def search_shortcut(page: ft.Page) -> str:
    """The search shortcut as labelled on this device's keyboard."""
    return "Cmd+K" if _is_apple(page) else "Ctrl+K"


def _is_apple(page: ft.Page) -> bool:
    return page.platform in (ft.PagePlatform.MACOS, ft.PagePlatform.IOS)


def _is_covered(page: ft.Page) -> bool:
    return page in _open_menus or any(
        dialog.open and not isinstance(dialog, ft.SnackBar)
        for dialog in page._dialogs.controls  # noqa: SLF001 - Flet has no public API for it
    )


_open_menus: set[ft.Page] = set()


def menu_opened(page: ft.Page) -> None:
    _open_menus.add(page)


def menu_closed(page: ft.Page) -> None:
    _open_menus.discard(page)

"""What keys do: Enter in a one-line field saves its form, Esc closes the top screen, Ctrl+K searches.

The last two are a desktop's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import flet as ft

from app.viewmodels import paths

KeyAction = Callable[[], None]


@dataclass
class ScreenKeys:
    """What the keys do on one screen; None where they do nothing."""

    submit: KeyAction | None = None
    leave: KeyAction | None = None


# By session, then by the screen's address.
_screens: WeakKeyDictionary[object, dict[str, ScreenKeys]] = WeakKeyDictionary()


def _of(session: object, path: str) -> ScreenKeys:
    return _screens.setdefault(session, {}).setdefault(paths.without_query(path), ScreenKeys())


def on_enter(act: KeyAction) -> None:
    """A hook for a form: what saves it."""
    path = ft.use_view_path()
    keys = _of(ft.context.page.session, path)

    def forget() -> None:
        keys.submit = None

    keys.submit = act
    ft.use_effect(lambda: None, [path], cleanup=forget)


def on_escape(act: KeyAction) -> None:
    """A hook for a screen on top of others: the way out of it."""
    path = ft.use_view_path()
    keys = _of(ft.context.page.session, path)

    def forget() -> None:
        keys.leave = None

    keys.leave = act
    ft.use_effect(lambda: None, [path], cleanup=forget)


def submit(page: ft.Page) -> None:
    """Enter was pressed in a one-line field."""
    act = _of(page.session, page.route).submit
    if act is not None:
        act()


def escape(page: ft.Page) -> None:
    """Esc was pressed. A dialog or a menu over the screen closes by itself."""
    act = _of(page.session, page.route).leave
    if act is not None and not _is_covered(page):
        act()


def is_search(event: ft.KeyboardEvent) -> bool:
    """Whether this is the shortcut of the search: assets/web/page/shortcuts.js keeps it from the browser."""
    held = event.meta if _is_apple(event.page) else event.ctrl
    return (
        held and not (event.alt or event.shift) and event.key.upper() == "K" and not _is_covered(event.page)
    )


def search_shortcut(page: ft.Page) -> str:
    """The shortcut as it is written on this device's keyboard."""
    return "Cmd+K" if _is_apple(page) else "Ctrl+K"


def _is_apple(page: ft.Page) -> bool:
    return page.platform in (ft.PagePlatform.MACOS, ft.PagePlatform.IOS)


def _is_covered(page: ft.Page) -> bool:
    return page in _open_menus or any(
        dialog.open and not isinstance(dialog, ft.SnackBar)
        for dialog in page._dialogs.controls  # noqa: SLF001 - Flet tells it in no other way
    )


_open_menus: set[ft.Page] = set()


def menu_opened(page: ft.Page) -> None:
    _open_menus.add(page)


def menu_closed(page: ft.Page) -> None:
    _open_menus.discard(page)

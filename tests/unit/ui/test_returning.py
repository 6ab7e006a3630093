"""Where the keyboard focus goes when a pane closes."""

import asyncio
import weakref
from types import SimpleNamespace
from typing import Any

import pytest

from app.ui.components import returning

LIST_ROW, EDIT, MENU_ENTRY = 11, 12, 13


class Session:
    """Stands in for Flet's session: its controls, and the focus requests sent to them."""

    def __init__(self) -> None:
        self.index: dict[int, Any] = {
            LIST_ROW: SimpleNamespace(focus=None),
            EDIT: SimpleNamespace(focus=None),
            MENU_ENTRY: SimpleNamespace(),
        }
        self.focused: list[int] = []

    async def invoke_method(self, control_id: int, name: str, *_more: Any) -> None:
        assert name == "focus"
        self.focused.append(control_id)


@pytest.fixture
def session() -> Any:
    made = Session()
    returning.begin(made, "/clients")  # type: ignore[arg-type]
    return made


def by_key(session: Any, control_id: int) -> None:
    returning.note(session, 1, "keyboard_event", {"key": "Enter"})
    returning.note(session, control_id, "click", None)


def by_mouse(session: Any, control_id: int) -> None:
    returning.note(session, control_id, "click", None)


def esc(session: Any) -> None:
    returning.note(session, 1, "keyboard_event", {"key": "Escape"})


def test_a_pane_closed_by_key_returns_the_focus_to_the_control_that_opened_it(session: Any) -> None:
    by_key(session, LIST_ROW)
    assert returning.went(session, "/clients/client/a") is None
    by_key(session, EDIT)
    assert returning.went(session, "/clients/client/a/edit-client/a") is None
    esc(session)
    assert returning.went(session, "/clients/client/a") == EDIT
    esc(session)
    assert returning.went(session, "/clients") == LIST_ROW


def test_closing_two_panes_at_once_focuses_the_control_that_opened_the_lower(session: Any) -> None:
    by_key(session, LIST_ROW)
    returning.went(session, "/clients/client/a")
    by_key(session, EDIT)
    returning.went(session, "/clients/client/a/edit-client/a")
    esc(session)
    assert returning.went(session, "/clients") == LIST_ROW


def test_a_pane_closed_by_mouse_does_not_move_the_focus(session: Any) -> None:
    by_key(session, LIST_ROW)
    returning.went(session, "/clients/client/a")
    by_mouse(session, EDIT)
    assert returning.went(session, "/clients") is None


def test_a_screen_opened_by_mouse_does_not_take_the_focus(session: Any) -> None:
    by_key(session, LIST_ROW)
    assert returning.was_key(session)
    by_mouse(session, LIST_ROW)
    assert not returning.was_key(session)


def test_a_control_that_cannot_be_focused_passes_the_focus_to_the_back_button(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "SETTLED", 0)
    way_back: Any = SimpleNamespace(_i=99)
    returning.keep_way_back(session, "/clients/client/a", way_back)
    returning.went(session, "/clients/client/a")
    asyncio.run(returning.focus(session, EDIT))
    asyncio.run(returning.focus(session, MENU_ENTRY))
    assert session.focused == [EDIT, 99]


def test_a_closed_session_is_not_kept_in_memory() -> None:
    session: Any = Session()
    returning.begin(session, "/")
    gone = weakref.ref(session)
    del session
    assert gone() is None

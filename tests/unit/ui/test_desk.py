"""Row menus, confirm dialogs, when the client page shows calls, panes, and keyboard keys."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from app.domain.agenda import AgendaKind
from app.domain.codes import JobStatus
from app.domain.entities import Call, Client, Conversation, Job, Message
from app.store import queries
from app.ui import panes
from app.ui.components import keys
from app.ui.components.dialogs import confirm
from app.ui.components.fields import one_of
from app.ui.panes import PaneState
from app.ui.state import WIDE, AppState
from app.ui.theme import DESTRUCTIVE
from app.ui.today.row import agenda_row
from app.viewmodels import client as client_page

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)


def descendants(control: Any) -> Iterator[Any]:
    """Yield the control and all controls inside it."""
    yield control
    for name in ("content", "controls", "items", "leading", "trailing"):
        held = getattr(control, name, None)
        for each in held if isinstance(held, list) else [held]:
            if isinstance(each, ft.Control):
                yield from descendants(each)


def menus(app: AppState, kind: AgendaKind, client: Client) -> list[list[str]]:
    """The menu entries of each row of this kind; rows without a menu are left out."""
    items = [item for item in queries.today(app.store, app.now).agenda.items if item.kind is kind]
    assert items
    rows = [agenda_row(app, item, client) for item in items]
    return [
        [str(entry.content) for entry in each.items]
        for row in rows
        for each in descendants(row)
        if isinstance(each, ft.PopupMenuButton)
    ]


def test_a_row_that_can_only_be_opened_has_no_menu(app: AppState, ana: Client) -> None:
    app.store.save(Job(client_id=ana.id, title="Menu", status=JobStatus.IN_PROGRESS, deadline=NOW + 3 * HOUR))
    assert menus(app, AgendaKind.INTERNAL_DEADLINE, ana) == []


def test_the_menu_of_a_message_does_not_repeat_the_actions_of_its_row(app: AppState, ana: Client) -> None:
    app.store.save(Message(client_id=ana.id, received_at=NOW - HOUR))
    assert menus(app, AgendaKind.REPLY, ana) == [["Acknowledge…", "Snooze…", "Open client"]]


@pytest.mark.parametrize("destructive", [True, False])
def test_a_destructive_button_has_its_own_style_and_no_initial_focus(
    app: AppState, destructive: bool
) -> None:
    confirm(app, "Sure?", "It is gone then.", "Delete", lambda: None, destructive=destructive)
    dialog: ft.AlertDialog = app.page.said[-1]  # type: ignore[attr-defined]
    cancel, act = dialog.actions
    assert isinstance(cancel, ft.TextButton)
    assert isinstance(act, ft.FilledButton)
    assert (act.style is DESTRUCTIVE) == destructive
    # Enter presses the safe button.
    assert (cancel.autofocus, act.autofocus) == (destructive, not destructive)


def is_about_calls(app: AppState, client: Client) -> bool:
    page = client_page.load(app, client.id, 10)
    assert page is not None
    return client_page.is_about_calls(page)


@pytest.mark.parametrize(
    "matter",
    [
        lambda client: Call(client_id=client.id, at=NOW - HOUR),
        lambda client: Conversation(client_id=client.id, at=NOW - HOUR),
    ],
    ids=["a call", "a conversation about calls"],
)
def test_a_client_page_shows_calls_after_the_first_call_or_conversation(
    app: AppState, ana: Client, matter: Any
) -> None:
    assert not is_about_calls(app, ana)
    app.store.save(matter(ana))
    assert is_about_calls(app, ana)


def test_a_client_page_shows_calls_when_there_is_a_standing_call(app: AppState, ana: Client) -> None:
    ana.standing_call_rule, ana.standing_call_start = "FREQ=WEEKLY;BYDAY=FR", NOW - timedelta(days=5)
    app.store.save(ana)
    assert is_about_calls(app, ana)


def test_chips_of_which_one_is_chosen_form_a_radio_group() -> None:
    group = one_of([ft.Chip(label=ft.Text(text), selected=text == "A") for text in "AB"])
    assert isinstance(group, ft.Semantics)
    assert group.identifier == "radiogroup"
    assert [chip.selected for chip in descendants(group) if isinstance(chip, ft.Chip)] == [True, False]


# --- panes -----------------------------------------------------------------------------------------------


def test_opening_from_the_list_pane_replaces_the_detail_pane(app: AppState) -> None:
    app.page.route = "/clients/client/a/job/b"
    listed, detail = PaneState(app, 400, "/clients"), PaneState(app, 700)
    detail.open("message", "m")
    assert app.page.route == "/clients/client/a/job/b/message/m"
    listed.open("client", "c")
    assert app.page.route == "/clients/client/c"
    # An unsaved form beside the list asks first, as for the browser's own "back".
    assert not app.is_going_to("/clients/client/c")


def test_a_pane_has_its_own_width_and_shares_all_other_app_state(app: AppState) -> None:
    app.width = WIDE
    pane = PaneState(app, 400)
    assert (pane.width, app.width, pane.is_wide) == (400, WIDE, True)
    pane.update_ready = True
    assert app.update_ready
    notified: list[str | None] = []

    def listen(_sender: Any, field: str | None) -> None:
        notified.append(field)

    pane.subscribe(listen)
    app.update_ready = False
    assert notified == ["update_ready"]


def test_list_and_detail_pane_fit_into_a_1280_pixel_window() -> None:
    assert panes.RAIL_WIDTH + panes.LIST_WIDTH + panes.LEAST_BESIDE < 1280
    assert WIDE > panes.RAIL_WIDTH + panes.LIST_WIDTH


# --- keys ------------------------------------------------------------------------------------------------


class Window:
    """Stands in for Flet's page, with dialogs open over the screen."""

    def __init__(self, *dialogs: Any) -> None:
        self.route = "/clients/client/a"
        self.session = SimpleNamespace()
        self._dialogs = SimpleNamespace(controls=list(dialogs))

    def __hash__(self) -> int:
        return id(self)


class Session:
    pass


@pytest.mark.parametrize(
    ("over", "leaves"),
    [
        (None, True),
        (ft.SnackBar(content="Saved", open=True), True),
        (ft.AlertDialog(title="Sure?", open=True), False),
        (ft.AlertDialog(title="Sure?", open=False), True),
    ],
    ids=["nothing", "a short word", "a dialog", "a dialog that closes"],
)
def test_esc_leaves_the_screen_unless_a_dialog_is_open_over_it(over: Any, leaves: bool) -> None:
    page: Any = Window(*([over] if over else []))
    page.session = Session()
    left: list[bool] = []
    keys._of(page.session, page.route).leave = lambda: left.append(True)
    keys.escape(page)
    assert left == [True] * leaves
    page.route = "/clients"
    keys.escape(page)
    assert left == [True] * leaves


def test_esc_closes_an_open_menu_and_nothing_else() -> None:
    page: Any = Window()
    page.session = Session()
    left: list[bool] = []
    keys._of(page.session, page.route).leave = lambda: left.append(True)
    keys.menu_opened(page)
    keys.escape(page)
    assert left == []
    keys.menu_closed(page)
    keys.escape(page)
    assert left == [True]


def test_enter_submits_the_topmost_form() -> None:
    page: Any = Window()
    page.session = Session()
    saved: list[str] = []
    keys._of(page.session, "/clients/client/a").submit = lambda: saved.append("client")
    keys._of(page.session, "/clients/client/a/job/b").submit = lambda: saved.append("job")
    keys.submit(page)
    assert saved == ["client"]
    page.route = "/clients/client/a/job/b"
    keys.submit(page)
    assert saved == ["client", "job"]

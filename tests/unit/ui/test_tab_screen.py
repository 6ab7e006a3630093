"""The frame of the main destinations, and the groups that keep the Tab key in one part of a screen."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from app.domain.workload import DayPlan
from app.ui.components import tabs
from app.ui.components.scrolled import tab_group
from app.ui.state import GAP, AppState
from app.ui.workload import view as workload

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def clients(app: AppState, monkeypatch: pytest.MonkeyPatch) -> ft.View:
    """The client list, built without a renderer."""
    monkeypatch.setattr(tabs, "name_window", lambda *_given: None)
    monkeypatch.setattr(tabs, "settings_button", lambda _app: ft.IconButton())
    monkeypatch.setattr(ft, "use_view_path", lambda: "/clients")
    in_a_browser(monkeypatch, pyodide=False)
    return tabs.tab_screen(app, "/clients", "Clients", [ft.Text("Ana")], add_label="New client")


def in_a_browser(monkeypatch: pytest.MonkeyPatch, *, pyodide: bool) -> None:
    monkeypatch.setattr(type(ft.context), "page", SimpleNamespace(pyodide=pyodide))


def parts(view: ft.View) -> list[Any]:
    area: Any = view.controls[0]
    return list(area.content.controls)


def test_the_add_button_does_not_float_over_the_rows(clients: ft.View) -> None:
    assert clients.floating_action_button is None
    listed, button = parts(clients)
    assert listed.expand
    assert isinstance(button.content, ft.FilledButton)
    assert button.content.content == "New client"


def test_a_snack_bar_stays_above_the_add_button(app: AppState, clients: ft.View) -> None:
    button = parts(clients)[-1]
    button.on_size_change(SimpleNamespace(height=64))
    app.say("Saved")
    bar = app.page.said[-1]  # type: ignore[attr-defined]
    assert bar.margin.bottom == 64 + GAP


@pytest.mark.parametrize("pyodide", [True, False], ids=["the packaged page", "elsewhere"])
def test_a_tab_group_is_added_only_in_the_packaged_page(
    monkeypatch: pytest.MonkeyPatch, pyodide: bool
) -> None:
    in_a_browser(monkeypatch, pyodide=pyodide)
    content = ft.Text("Ana")
    group: Any = tab_group(content)
    if pyodide:
        assert isinstance(group, ft.RadioGroup)
        marked: Any = group.content
        assert (marked.identifier, marked.content) == ("tab-group", content)
    else:
        assert group is content


def test_a_days_name_and_load_wrap_with_large_text(app: AppState) -> None:
    day = DayPlan(date(2026, 11, 25), minutes=468, work=[], due=[])
    head = workload._day(app, day, set()).content.controls[0]  # type: ignore[attr-defined]
    assert head.wrap
    assert [text.expand for text in head.controls] == [None, None]

"""The lists of scripts and checklists, with a search."""

from collections.abc import Callable

import flet as ft

from app.domain.languages import LANGUAGES
from app.i18n import _, n_
from app.store.content import ChecklistView
from app.ui.components.fields import choice_chips, search_field, segments
from app.ui.components.layout import card, empty_state, heading
from app.ui.components.scripts import script_tile, text_tile
from app.ui.components.tabs import tab_screen
from app.ui.state import AppState, use_app
from app.viewmodels import search_places as places
from app.viewmodels.scripts import texts as model

SCRIPTS, CHECKLISTS = "scripts", "checklists"
SHOWN = 60  # rows built at once


@ft.component
def ScriptsScreen() -> ft.View:
    app = use_app()
    part, set_part = ft.use_state(SCRIPTS)
    query, set_query = ft.use_state("")
    chosen, set_chosen = ft.use_state("")
    shown, set_shown = ft.use_state(SHOWN)
    spoken = ft.use_memo(lambda: model.languages(app), [app.revision])
    language = chosen if chosen in spoken else app.settings.language
    sections = ft.use_memo(lambda: model.sections(app, language, query), [app.revision, language, query])
    checklists = ft.use_memo(lambda: model.checklists(app, language, query), [app.revision, language, query])

    def search(text: str) -> None:
        set_query(text)
        set_shown(SHOWN)

    scripts = part == SCRIPTS
    rows = _scripts(app, sections, shown) if scripts else _checklists(app, checklists)
    if len(spoken) > 1:
        names = {code: LANGUAGES[code] for code in spoken}
        rows.insert(0, choice_chips(names, language, set_chosen))
    if scripts:
        rows += _settings(app, query)
    total = sum(len(section.scripts) for section in sections) if scripts else len(checklists)
    if scripts and total > shown:
        rows.append(ft.TextButton(_("Show more"), on_click=lambda _event: set_shown(shown + SHOWN)))
    new = f"new.{language}"
    if not total:
        rows.append(_nothing(query, scripts, lambda: app.open(_form(scripts), new)))
    return tab_screen(
        app,
        "/scripts",
        _("Scripts"),
        rows,
        header=_header(part, set_part, query, search),
        add_label=_("New script") if scripts else _("New checklist"),
        add_route=f"/scripts/{_form(scripts)}/{new}",
    )


def _form(scripts: bool) -> str:
    return "edit-script" if scripts else "edit-checklist"


def _header(
    part: str, set_part: Callable[[str], None], query: str, search: Callable[[str], None]
) -> ft.Control:
    return ft.Column(
        [
            segments({SCRIPTS: _("Scripts"), CHECKLISTS: _("Checklists")}, part, set_part),
            search_field(_("Search scripts") if part == SCRIPTS else _("Search checklists"), query, search),
        ],
        spacing=8,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _scripts(app: AppState, sections: list[model.ScriptSection], limit: int) -> list[ft.Control]:
    rows: list[ft.Control] = []
    for section in sections:
        tiles = [script_tile(app, script) for script in section.scripts[:limit]]
        limit -= len(tiles)
        if tiles:
            rows += [heading(section.title), card(ft.Column(tiles, spacing=0, tight=True), padding=4)]
    return rows


def _checklists(app: AppState, checklists: list[ChecklistView]) -> list[ft.Control]:
    tiles = [
        text_tile(
            app,
            "checklist",
            checklist,
            n_("{n} thing to check", "{n} things to check", len(checklist.items)),
        )
        for checklist in checklists[:SHOWN]
    ]
    return [card(ft.Column(tiles, spacing=0, tight=True), padding=4)] if tiles else []


def _settings(app: AppState, query: str) -> list[ft.Control]:
    """Settings that match the search."""
    tiles: list[ft.Control] = [
        ft.ListTile(
            leading=ft.Icons.SETTINGS_OUTLINED,
            title=place.title,
            subtitle=ft.Text(place.where, color=ft.Colors.ON_SURFACE_VARIANT),
            trailing=ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
            on_click=lambda _event, place=place: app.open(place.kind, place.key),
            content_padding=ft.Padding(left=12, right=8),
        )
        for place in places.found(query)
    ]
    return [heading(_("Settings")), card(ft.Column(tiles, spacing=0, tight=True), padding=4)] if tiles else []


def _nothing(query: str, scripts: bool, write: Callable[[], None]) -> ft.Control:
    """The placeholder of a search without results; without a search the list is never empty."""
    return empty_state(
        ft.Icons.SEARCH_OFF,
        _("Nothing found for “{query}”").format(query=query.strip()),
        _("There is no text for it. Try another word, or write it yourself: it is kept here for next time."),
        _("Write a script") if scripts else _("Write a checklist"),
        write,
    )

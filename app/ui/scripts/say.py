"""Scripts for one client: fitting ones first, then all by moment, with a search."""

import flet as ft

from app.domain.entities import Client
from app.i18n import _
from app.store.content import ScriptView
from app.ui.components.client_gone import gone
from app.ui.components.fields import search_field
from app.ui.components.layout import card, empty_state, heading, screen
from app.ui.components.scripts import script_tile, text_tile
from app.ui.state import AppState, use_app
from app.viewmodels.fitting_texts import Fitting, fitting
from app.viewmodels.record import client as client_of
from app.viewmodels.scripts import texts as model
from app.viewmodels.scripts.keys import key_of, say
from app.wording import words


@ft.component
def SayScreen() -> ft.View:
    app = use_app()
    client_id = ft.use_route_params()["key"]
    query, set_query = ft.use_state("")
    client = ft.use_memo(lambda: client_of(app, client_id), [client_id, app.revision])
    fits = ft.use_memo(lambda: fitting(app, client) if client else [], [client, app.revision, app.now])
    sections = ft.use_memo(lambda: _sections(app, client, query), [client, query, app.revision])
    if client is None:
        return screen(app, _("What to say"), [gone()])
    rows: list[ft.Control] = [search_field(_("Search scripts"), query, set_query)]
    if fits and not query.strip():
        rows += [heading(_("Fits now")), _tiles([_fitting_tile(app, each) for each in fits])]
    for section in sections:
        tiles = [script_tile(app, script) for script in section.scripts]
        rows += [heading(section.title), _tiles(tiles)]
    if not sections:
        rows.append(_nothing(app, client, query))
    return screen(app, _("What to say to {name}").format(name=words.client_name(client)), rows)


def _sections(app: AppState, client: Client | None, query: str) -> list[model.ScriptSection]:
    return model.sections_for(app, client, query) if client else []


def _tiles(tiles: list[ft.Control]) -> ft.Control:
    return card(ft.Column(tiles, spacing=0, tight=True), padding=4)


def _fitting_tile(app: AppState, each: Fitting) -> ft.Control:
    """A row that opens the script on top of the record it is about, so that its blanks are filled in."""

    def open_it(script: ScriptView) -> None:
        say(app, key_of(app, script.id, script.language), each.kind, each.key)

    return text_tile(app, "script", each.script, each.about, on_open=open_it)


def _nothing(app: AppState, client: Client, query: str) -> ft.Control:
    return empty_state(
        ft.Icons.SEARCH_OFF,
        _("Nothing found for “{query}”").format(query=query.strip()),
        _("Try another word, or write it yourself: it is kept here for next time."),
        _("Write a script"),
        lambda: app.open("edit-script", f"new.{client.language}"),
    )

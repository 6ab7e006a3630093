"""The form of a client; only a name is required."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flet as ft

from app.domain.entities import Client
from app.i18n import _
from app.ui.client import sections, terms
from app.ui.components.client_gone import gone
from app.ui.components.drafts import use_draft
from app.ui.components.fields import error_text, save_bar
from app.ui.components.layout import screen
from app.ui.state import AppState, use_app
from app.viewmodels import client as model
from app.viewmodels.client_draft import ClientDraft, draft_of, new_client, read, readdressed
from app.viewmodels.contact import usual_kinds
from app.viewmodels.draft_codecs import Changes
from app.viewmodels.record import all_clients
from app.viewmodels.record import client as client_of

NEW = "new"


@ft.component
def ClientForm() -> ft.View:
    app = use_app()
    key = ft.use_route_params()["key"]
    stored = ft.use_memo(lambda: _stored(app, key), [key])
    opened = ft.use_memo(lambda: _draft(app, stored), [key])
    form = use_draft(app, f"edit-client/{key}", opened, Changes(opened))
    draft, set_draft = form.value, form.set
    # after the first refused save, errors are shown until corrected
    refused, set_refused = ft.use_state(False)
    others = ft.use_memo(lambda: all_clients(app), [app.revision])
    kinds = ft.use_memo(lambda: usual_kinds(app), [])
    if stored is None or draft is None:
        return screen(app, _("Client"), [gone()], close=True)

    def change(**fields: Any) -> None:
        set_draft(lambda before: replace(before, **fields) if before else None)

    def readdress(**fields: Any) -> None:
        # Uses the newest draft, not the rendered one: the user may type faster than the screen renders.
        set_draft(lambda before: replace(before, **readdressed(before, **fields)) if before else None)

    client, problems = read(draft, stored, app.settings, app.calendar, app.now)
    errors = problems if refused else {}

    def save() -> None:
        set_refused(bool(problems))
        if problems:
            form.refused()
        elif form.save(lambda: model.add(app, client) if key == NEW else model.save(app, stored, client)):
            app.replace("client", client.id)

    part = sections.ClientForm(app, draft, client, change, readdress, errors)
    namesake = any(
        other.id != stored.id
        and client.name
        and (other.name.casefold(), other.organisation.casefold())
        == (client.name.casefold(), client.organisation.casefold())
        for other in others
    )
    return screen(
        app,
        _("New client") if key == NEW else _("Edit client"),
        [
            _section(sections.who(part, namesake=namesake, autofocus=key == NEW)),
            _section(sections.channels(part, kinds)),
            _section(sections.times(part)),
            _section(sections.replies(part)),
            _section(terms.phone_calls(part)),
            _section(terms.money(part)),
            _section(terms.standing(part)),
        ],
        bottom=_bottom(save, bool(errors)),
        close=True,
        unsaved=draft != opened,
        form=form,
    )


def _bottom(on_save: Callable[[], None], failed: bool) -> ft.Control:
    """The Save button, with a note after a refused save: the error may have scrolled out of view."""
    parts = [error_text(_("Not saved yet: please check the marked fields."))] if failed else []
    return ft.Column([*parts, save_bar(on_save)], spacing=8, tight=True)


def _section(controls: list[ft.Control]) -> ft.Control:
    return ft.Column(controls, spacing=14, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _draft(app: AppState, client: Client | None) -> ClientDraft | None:
    return draft_of(client, app.settings, app.calendar, app.format) if client else None


def _stored(app: AppState, key: str) -> Client | None:
    """The stored client, or a new one with default values."""
    return new_client(app.settings, app.now) if key == NEW else client_of(app, key)

"""The form for agreed terms, with the fields of the client form; saving it records the agreement."""

from dataclasses import replace
from typing import Any

import flet as ft

from app.i18n import _
from app.ui.client.sections import ClientForm
from app.ui.client.terms import phone_calls
from app.ui.components.client_gone import gone
from app.ui.components.drafts import use_draft
from app.ui.components.fields import error_text, save_bar
from app.ui.components.layout import screen
from app.ui.state import use_app
from app.viewmodels import ladder as model
from app.viewmodels.agreement import open_agreement, terms_of
from app.viewmodels.client_draft import read
from app.viewmodels.draft_codecs import Changes

# The fields of the client form that an agreement can change.
FIELDS = frozenset({"call_allowance", "standing_call_rule", "standing_call_start", "standing_call_minutes"})
RATE = "availability_rate"


@ft.component
def AgreementForm() -> ft.View:
    app = use_app()
    key = ft.use_route_params()["key"]
    opened = ft.use_memo(lambda: open_agreement(app, key), [key])
    base = opened.draft if opened else None
    form = use_draft(app, f"agreement/{key}", base, Changes(base))
    draft, set_draft = form.value, form.set
    refused, set_refused = ft.use_state(False)
    if opened is None or draft is None:
        return screen(app, _("They agreed"), [gone()], close=True)

    def change(**fields: Any) -> None:
        set_draft(lambda before: replace(before, **fields) if before else None)

    client, problems = read(draft, opened.client, app.settings, app.calendar, app.now)
    asked = FIELDS | {RATE} if opened.about_rate else FIELDS
    wrong = {field: text for field, text in problems.items() if field in asked}

    def save() -> None:
        set_refused(bool(wrong))
        terms = terms_of(client, opened.about_rate)
        if wrong:
            form.refused()
        elif form.save(lambda: model.agreed(app, opened.conversation, opened.client, terms)):
            app.back()

    part = ClientForm(app, draft, client, change, change, wrong if refused else {})
    return screen(
        app,
        _("They agreed"),
        [
            ft.Text(
                _("Good. Note what you agreed on: Kaeru counts by it from now on.")
                if opened.client.standing_call_rule or not opened.draft.call_days
                else _("Good. What you proposed is filled in: put right what you agreed on otherwise."),
                color=ft.Colors.ON_SURFACE_VARIANT,
            ),
            *phone_calls(part),
            *([_rate(part)] if opened.about_rate else []),
        ],
        bottom=ft.Column(
            [
                *([error_text(_("Not saved yet: please check the marked fields."))] if part.errors else []),
                save_bar(save),
            ],
            spacing=8,
            tight=True,
        ),
        close=True,
        unsaved=draft != opened.draft,
        form=form,
    )


def _rate(form: ClientForm) -> ft.Control:
    return form.text(
        _("Rate agreed, an hour"),
        RATE,
        suffix=form.app.format.unit(form.draft.currency or form.app.settings.currency),
        helper=_("From now on it is your rate for them. Empty: the rate stays as it is."),
    )

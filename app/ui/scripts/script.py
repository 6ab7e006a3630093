"""The screen of a script, filled in for a client; it can be copied only when no blank is missing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import flet as ft

from app.domain.column_types import Channel
from app.domain.conversations import NO_TERMS, Terms
from app.domain.entities import Client
from app.i18n import _, n_
from app.store.content import SPOKEN, ScriptView
from app.ui.components.buttons import icon_button, menu_button, menu_item
from app.ui.components.contact import send_button
from app.ui.components.copied import live_note, once_sent
from app.ui.components.drafts import use_draft
from app.ui.components.fields import choice_chips
from app.ui.components.layout import heading, screen
from app.ui.components.script_preview import preview, subject_row, unfounded
from app.ui.components.scripts import badge
from app.ui.scripts.blanks import blank_field
from app.ui.scripts.form import gone
from app.ui.scripts.rhythm import rhythm_field
from app.ui.scripts.whom import ForWhom, job_choice
from app.ui.state import AppState, use_app
from app.viewmodels import sent
from app.viewmodels.contact import channel_of
from app.viewmodels.draft_codecs import Changes
from app.viewmodels.scripts import filling, labels
from app.viewmodels.scripts import texts as model
from app.viewmodels.scripts.filling import Filling, ScriptPage
from app.viewmodels.scripts.keys import key_of, origin
from app.wording import words


@dataclass(frozen=True)
class Blanks:
    """The values entered by hand, and their client and job; None: from the screens below."""

    client_id: str | None = None
    job_id: str | None = None
    typed: dict[str, str] = field(default_factory=dict)
    picked: dict[str, datetime] = field(default_factory=dict)

    def addressed_to(self, client_id: str, *, anew: bool) -> "Blanks":
        """Return the blanks for this client.

        Values typed for another client are dropped (`anew`); values typed without a client are kept.
        """
        return Blanks(client_id=client_id) if anew else replace(self, client_id=client_id, job_id=None)

    def worded(self, name: str, text: str) -> "Blanks":
        """Return the blanks with one text changed; an empty text removes it."""
        others = {other: said for other, said in self.typed.items() if other != name}
        return replace(self, typed={**others, name: text} if text else others)


NOTHING = Blanks()


@ft.component
def ScriptScreen() -> ft.View:
    app = use_app()
    opened, path = ft.use_route_params()["key"], ft.use_view_path()
    variant, set_variant = ft.use_state("")  # the key of another variant of the text
    key = variant or opened
    form = use_draft(app, f"script{path}", NOTHING, Changes(NOTHING))
    blanks, edit = form.value, form.set
    client_id, job_id, typed, picked = blanks.client_id, blanks.job_id, blanks.typed, blanks.picked
    proposed, set_proposed = ft.use_state(NO_TERMS)
    everything, set_everything = ft.use_state(False)
    copied, set_copied = ft.use_state(False)
    page = ft.use_memo(
        lambda: filling.load(app, key, path, client_id, job_id),
        [key, path, client_id, job_id, app.revision, app.now],
    )
    if page is None:
        return screen(app, _("Script"), [gone()])
    client = page.situation.client
    now = filling.filling(page, typed, picked, _chosen_terms(app, client, proposed))

    def forget() -> None:
        """Drop values that were entered for another client."""
        set_proposed(NO_TERMS)
        set_copied(False)

    def for_client(chosen: str) -> None:
        edit(lambda before: before.addressed_to(chosen, anew=client is not None))
        forget()

    def for_job(chosen: str) -> None:
        edit(lambda before: Blanks(before.client_id, chosen))
        forget()

    def type_in(name: str, text: str) -> None:
        edit(lambda before: replace(before, typed={**before.typed, name: text}))
        set_copied(False)

    def pick(name: str, at: datetime) -> None:
        edit(lambda before: replace(before, picked={**before.picked, name: at}))
        set_copied(False)

    def mark_copied() -> None:
        form.discard()
        set_copied(True)

    def propose(name: str, terms: Terms, text: str) -> None:
        """Set either terms or free text; one replaces the other, as they could contradict each other."""
        set_proposed(terms)
        if client:
            app.propose(client.id, terms)
        edit(lambda before: before.worded(name, "" if terms.standing_call_rule else text))
        set_copied(False)

    fields = [
        rhythm_field(app, client, blank, now, partial(propose, blank.name))
        if blank.kind is labels.BlankKind.RHYTHM
        else blank_field(
            app, page, now, blank, typed, partial(type_in, blank.name), partial(pick, blank.name)
        )
        for blank in filling.asked(page, everything)
    ]
    out = copied and now.complete
    return screen(
        app,
        page.script.title,
        [
            _advice(page.script),
            ForWhom(page.situation.client, _about(page), for_client),
            *job_choice(page, for_job),
            *_variants(app, page.script, set_variant),
            *([heading(_("Fill in first")) if not everything else heading(_("Blanks"))] if fields else []),
            *fields,
            *unfounded(app, page),
            heading(_("The text"), _toggle(page, everything, set_everything)),
            *subject_row(app, now),
            preview(page, now),
        ],
        actions=_actions(app, page.script, opened),
        bottom=ft.Column(
            [
                *(once_sent(app, sent.notes(app, page, now)) if out else _missing_note(now)),
                *_send_buttons(app, page, now, mark_copied),
            ],
            spacing=8,
            tight=True,
        ),
        form=form,
    )


def _chosen_terms(app: AppState, client: Client | None, proposed: Terms) -> Terms:
    """The standing call chosen on this screen, else the one chosen for the client before."""
    return app.proposal(client.id) if client and proposed == NO_TERMS else proposed


def _actions(app: AppState, script: ScriptView, key: str) -> list[ft.Control]:
    def reset() -> None:
        if model.reset(app, script) and script.own:
            app.leave(key)

    edit = icon_button(
        ft.Icons.EDIT_OUTLINED,
        _("Edit text"),
        lambda: app.open("edit-script", key_of(app, script.id, script.language)),
    )
    if script.own:
        return [edit, icon_button(ft.Icons.DELETE_OUTLINE, _("Delete script"), reset)]
    if script.edited:
        return [
            edit,
            menu_button(_("More"), [menu_item(ft.Icons.RESTORE, _("Reset to the built-in text"), reset)]),
        ]
    return [edit]


def _about(page: ScriptPage) -> str:
    """The record that the script was opened from, in one line."""
    situation = page.situation
    if situation.message:
        return words.message_title(situation.message.summary, situation.message.kind)
    if situation.call:
        return words.call_outcome(situation.call.outcome)
    return ""


def _advice(script: ScriptView) -> ft.Control:
    """When to use the script, and its tone."""
    marks = [labels.tones().get(script.tone, ""), origin(script)]
    return ft.Column(
        [
            *([ft.Text(script.when, color=ft.Colors.ON_SURFACE_VARIANT)] if script.when else []),
            ft.Row([badge(mark) for mark in marks if mark], wrap=True, spacing=8),
        ],
        spacing=8,
        tight=True,
    )


# --- the text --------------------------------------------------------------------------------------------


def _send_buttons(
    app: AppState, page: ScriptPage, now: Filling, mark_copied: Callable[[], None]
) -> list[ft.Control]:
    """Buttons to copy or share the text or open the conversation, enabled when no blank is missing."""
    text, subject = now.body, sent.subject(page, now)
    # Browsers allow copying and sharing only during the tap itself, so Flet's client does it. A shared text
    # is copied too, as not every device can share.
    copy: list[ft.ClientAction] = [ft.CopyToClipboard(text)] if now.complete else []
    share = [*copy, ft.ShareText(text, subject=subject or None)] if now.complete else []
    rows: list[ft.Control] = [
        ft.Row(
            [
                ft.FilledButton(
                    _("Copy"),
                    icon=ft.Icons.CONTENT_COPY,
                    expand=True,
                    disabled=not now.complete,
                    action=copy,
                    on_click=lambda _event: mark_copied(),
                ),
                ft.FilledTonalButton(
                    _("Share"),
                    icon=ft.Icons.SHARE_OUTLINED,
                    expand=True,
                    disabled=not now.complete,
                    action=share,
                    on_click=lambda _event: mark_copied(),
                ),
            ]
        )
    ]
    if now.complete and page.script.channel != SPOKEN:
        opens = send_button(_channel(app, page), text, subject, mark_copied)
        rows += [ft.Row([opens])] if opens else []
    return rows


def _channel(app: AppState, page: ScriptPage) -> Channel | None:
    """The channel of the text: the message's, else the one last used with the client."""
    situation = page.situation
    if situation.client is None:
        return None
    return channel_of(app, situation.client, situation.message.channel if situation.message else "")


def _variants(app: AppState, script: ScriptView, on_choose: Callable[[str], None]) -> list[ft.Control]:
    """The variants of the text: e-mail, short chat message, spoken; values are kept between them."""
    forms = model.forms(app, script)
    if len(forms) < 2:
        return []
    options = {key_of(app, each.id, each.language): labels.form(each) for each in forms}
    return [choice_chips(options, key_of(app, script.id, script.language), on_choose)]


def _missing_note(now: Filling) -> list[ft.Control]:
    """How many blanks are missing."""
    if now.complete:
        return []
    return [
        live_note(
            n_(
                "One blank is missing: fill it in to copy the text.",
                "{n} blanks are missing: fill them in to copy the text.",
                len(now.filled.missing),
            )
        )
    ]


def _toggle(page: ScriptPage, everything: bool, set_everything: Callable[[bool], None]) -> ft.Control | None:
    """A button that shows every blank as a field, to change the values Kaeru has filled in."""
    if not any(name in page.known for name in page.blanks):
        return None
    return ft.TextButton(
        _("Only what is missing") if everything else _("Change values"),
        on_click=lambda _event: set_everything(not everything),
    )

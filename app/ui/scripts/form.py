"""The form of a script: the user's own text, with blanks that Kaeru fills in."""

from collections.abc import Callable
from typing import cast

import flet as ft

from app.domain.entities import edited
from app.domain.languages import LANGUAGES
from app.domain.scripts import unknown_placeholders
from app.i18n import _
from app.ui.components.drafts import use_draft
from app.ui.components.fields import choice_chips, dropdown, labelled, save_bar, text_field
from app.ui.components.layout import empty_state, screen
from app.ui.state import use_app
from app.viewmodels.draft_codecs import Changes
from app.viewmodels.scripts import labels
from app.viewmodels.scripts import texts as model
from app.viewmodels.scripts.keys import id_and_language

NEW = "new"

Setter = Callable[[str, str], None]  # takes a field's name and its new value


@ft.component
def ScriptForm() -> ft.View:
    app = use_app()
    key = ft.use_route_params()["key"]
    id_, language = id_and_language(app, key)
    stored = ft.use_memo(
        lambda: None if id_ == NEW else model.find_script(app, id_, language), [key, app.revision]
    )
    base = ft.use_memo(lambda: model.script_draft(app, stored, language), [key])
    form = use_draft(app, f"edit-script/{key}", base, Changes(base))
    draft, set_draft = form.value, form.set
    errors, set_errors = ft.use_state(dict[str, str]())
    caret = ft.use_ref(cast("int | None", None))
    if stored is None and id_ != NEW:
        return screen(app, _("Script"), [gone()], close=True)

    def change(field: str, text: str) -> None:
        set_draft(lambda before: edited(before, **{field: text}))
        set_errors(lambda before: {name: error for name, error in before.items() if name != field})

    def insert(name: str) -> None:
        body = draft.body
        at = min(caret.current, len(body)) if caret.current is not None else len(body)
        caret.current = at + len(name) + 2
        change("body", f"{body[:at]}{{{name}}}{body[at:]}")

    def moved(to: int) -> None:
        caret.current = to

    def save() -> None:
        kept, problems = form.save_kept(lambda: model.save_script(app, stored, base, draft))
        set_errors(problems)
        if problems:
            form.refused()
        elif kept and stored:
            app.back()
        elif kept:
            app.replace("script", kept)

    body = text_field(
        _("Text"),
        draft.body,
        lambda text: change("body", text),
        multiline=True,
        lines=(8, 24),
        error=errors.get("body", ""),
        helper=_unknown(draft.body),
        on_caret=moved,
    )
    own = stored is None or stored.own
    return screen(
        app,
        _("New script") if stored is None else _("Edit script"),
        [
            *([] if own else [_copy_note()]),
            text_field(
                _("Title"),
                draft.title,
                lambda text: change("title", text),
                error=errors.get("title", ""),
                autofocus=stored is None,
            ),
            body,
            _insertions(insert),
            *(_classification(draft.moment, draft.tone, change) if own else []),
            *(
                [ft.Row([dropdown(_("Language"), LANGUAGES, draft.language, _setter(change, "language"))])]
                if stored is None
                else []
            ),
        ],
        bottom=save_bar(save),
        close=True,
        unsaved=draft != base,
        form=form,
    )


def _setter(change: Setter, field: str) -> Callable[[str], None]:
    return lambda text: change(field, text)


def gone() -> ft.Control:
    return empty_state(
        ft.Icons.EDIT_NOTE, _("This text is gone"), _("It was deleted, or it came with another version.")
    )


def _copy_note() -> ft.Control:
    return ft.Text(
        _("You are making your own copy. You can restore the built-in text at any time."),
        color=ft.Colors.ON_SURFACE_VARIANT,
    )


def _unknown(body: str) -> str:
    names = unknown_placeholders(body)
    if not names:
        return ""
    listed = " ".join(f"{{{name}}}" for name in names)
    return _("Kaeru does not know {names}: it asks you each time.").format(names=listed)


def _insertions(insert: Callable[[str], None]) -> ft.Control:
    """The known blanks; a tap inserts one at the caret."""
    return ft.ExpansionTile(
        title=_("Insert a blank"),
        subtitle=_("Kaeru fills it in for each client, or asks you."),
        controls=[
            ft.Row(
                [
                    ft.OutlinedButton(
                        label, icon=ft.Icons.ADD, on_click=lambda _event, name=name: insert(name)
                    )
                    for name, label in labels.names().items()
                ],
                wrap=True,
                spacing=8,
                run_spacing=8,
            )
        ],
        controls_padding=ft.Padding(top=8, bottom=8),
        tile_padding=0,
        shape=ft.RoundedRectangleBorder(),
    )


def _classification(moment: str, tone: str, change: Setter) -> list[ft.Control]:
    """The script's moment, which groups the list, and its tone."""
    options = {"": _("For any moment"), **labels.moments()}
    return [
        ft.Row([dropdown(_("When do you say it?"), options, moment, _setter(change, "moment"))]),
        labelled(_("Tone"), choice_chips(labels.tones(), tone, _setter(change, "tone"))),
    ]

"""A checklist: its screen, and the form to edit it."""

from collections.abc import Callable
from functools import partial

import flet as ft

from app.domain.checklists import checklist_progress
from app.domain.column_types import ChecklistItem
from app.domain.entities import Checklist, edited, new_id
from app.domain.languages import LANGUAGES
from app.i18n import _
from app.store.content import ChecklistView
from app.ui.components.buttons import icon_button, menu_button, menu_item
from app.ui.components.drafts import left_note, use_draft
from app.ui.components.fields import check_row, dropdown, error_text, save_bar, text_field
from app.ui.components.layout import heading, screen
from app.ui.components.scripts import badge
from app.ui.scripts.form import NEW, gone
from app.ui.state import AppState, use_app
from app.viewmodels.draft_codecs import Changes, PlainText
from app.viewmodels.scripts import labels
from app.viewmodels.scripts import texts as model
from app.viewmodels.scripts.keys import id_and_language, key_of, origin

KEPT = frozenset({"reply", "delivery", "take-job"})  # moments whose ticks are stored with a message or job


@ft.component
def ChecklistScreen() -> ft.View:
    """A checklist to tick off here; the ticks last as long as the screen is open."""
    app = use_app()
    key = ft.use_route_params()["key"]
    id_, language = id_and_language(app, key)
    view = ft.use_memo(lambda: model.find_checklist(app, id_, language), [key, app.revision])
    ticked, set_ticked = ft.use_state(tuple[str, ...]())
    if view is None:
        return screen(app, _("Checklist"), [gone()])

    def tick(item_id: str, done: bool) -> None:
        # Uses the newest ticks, not the rendered ones: the user may tick faster than the screen renders.
        set_ticked(
            lambda before: (*(other for other in before if other != item_id), *([item_id] if done else []))
        )

    done, total = checklist_progress(ticked, view.items)
    mark = origin(view)
    return screen(
        app,
        view.title,
        [
            *([ft.Row([badge(mark)])] if mark else []),
            ft.Semantics(content=ft.Text(_progress(done, total)), live_region=True),
            ft.ProgressBar(value=done / total if total else 0, border_radius=4),
            *(
                check_row(item["text"], item["id"] in ticked, partial(tick, item["id"]))
                for item in view.items
            ),
            *([_progress_note()] if view.moment in KEPT else []),
        ],
        actions=_actions(app, view, key),
    )


def _progress(done: int, total: int) -> str:
    return _("All clear.") if done == total else _("{done} of {total}").format(done=done, total=total)


def _progress_note() -> ft.Control:
    return ft.Text(
        _("You also find it on the page of each message or job it is for, where what you tick is kept."),
        color=ft.Colors.ON_SURFACE_VARIANT,
    )


def _actions(app: AppState, view: ChecklistView, key: str) -> list[ft.Control]:
    def reset() -> None:
        if model.reset(app, view) and view.own:
            app.leave(key)

    edit = icon_button(
        ft.Icons.EDIT_OUTLINED,
        _("Edit checklist"),
        lambda: app.open("edit-checklist", key_of(app, view.id, view.language)),
    )
    if view.own:
        return [edit, icon_button(ft.Icons.DELETE_OUTLINE, _("Delete checklist"), reset)]
    if view.edited:
        back = menu_item(ft.Icons.RESTORE, _("Reset to the built-in text"), reset)
        return [edit, menu_button(_("More"), [back])]
    return [edit]


@ft.component
def ChecklistForm() -> ft.View:
    app = use_app()
    key = ft.use_route_params()["key"]
    id_, language = id_and_language(app, key)
    stored = ft.use_memo(
        lambda: None if id_ == NEW else model.find_checklist(app, id_, language), [key, app.revision]
    )
    base = ft.use_memo(lambda: model.checklist_draft(app, stored, language), [key])
    form = use_draft(app, f"edit-checklist/{key}", base, Changes(base))
    draft, set_draft = form.value, form.set
    errors, set_errors = ft.use_state(dict[str, str]())
    line = use_draft(app, f"checklist-line/{key}", "", PlainText())
    adding = line.value

    def set_adding(text: str) -> None:
        line.set(lambda _before: text)

    if stored is None and id_ != NEW:
        return screen(app, _("Checklist"), [gone()], close=True)
    items = draft.items

    def change(field: str, value: object) -> None:
        set_draft(lambda before: edited(before, **{field: value}))
        set_errors(lambda before: {name: error for name, error in before.items() if name != field})

    def add() -> None:
        if adding.strip():
            change("items", [*items, ChecklistItem(id=new_id(), text=adding.strip())])
            line.start_over()

    def save() -> None:
        typed = draft
        if adding.strip():  # typed but not added yet: include it
            typed = edited(draft, items=[*items, ChecklistItem(id=new_id(), text=adding.strip())])
        kept, problems = form.save_kept(lambda: model.save_checklist(app, stored, base, typed))
        set_errors(problems)
        if problems:
            form.refused()
        elif kept:
            line.discard()
            _leave(app, stored, kept)

    return screen(
        app,
        _("New checklist") if stored is None else _("Edit checklist"),
        [
            text_field(
                _("Title"),
                draft.title,
                lambda text: change("title", text),
                error=errors.get("title", ""),
                autofocus=stored is None,
            ),
            heading(_("Things to check")),
            *(
                _item_row(items, index, lambda changed: change("items", changed))
                for index in range(len(items))
            ),
            *left_note(line),
            ft.Row(
                [
                    ft.Container(
                        text_field(_("One more point"), adding, set_adding, on_submit=add, adds_to_list=True),
                        expand=True,
                    ),
                    icon_button(ft.Icons.ADD, _("Add to the checklist"), add),
                ]
            ),
            *([error_text(errors["items"])] if "items" in errors else []),
            *(_classification(draft, change) if stored is None or stored.own else []),
        ],
        bottom=save_bar(save),
        close=True,
        unsaved=draft != base or bool(adding.strip()),
        form=form,
    )


def _leave(app: AppState, stored: ChecklistView | None, kept: str) -> None:
    if stored:
        app.back()
    else:
        app.replace("checklist", kept)


def _item_row(
    items: list[ChecklistItem], index: int, on_change: Callable[[list[ChecklistItem]], None]
) -> ft.Control:
    """An item: its text, and buttons to move and remove it."""
    item = items[index]

    def rename(text: str) -> None:
        on_change([{**other, "text": text} if other["id"] == item["id"] else other for other in items])

    def move(by: int) -> None:
        on_change(model.moved(items, index, by))

    def remove() -> None:
        on_change([other for other in items if other["id"] != item["id"]])

    label = _("Item {n}").format(n=index + 1)
    field = text_field(label, item["text"], rename, multiline=True, lines=(1, 12))
    return ft.Row(
        [
            ft.Container(field, expand=True),
            icon_button(ft.Icons.ARROW_UPWARD, _("Move up"), lambda: move(-1)),
            icon_button(ft.Icons.ARROW_DOWNWARD, _("Move down"), lambda: move(1)),
            icon_button(ft.Icons.CLOSE, _("Remove"), remove),
        ],
        spacing=0,
        key=item["id"],
    )


def _classification(draft: Checklist, change: Callable[[str, object], None]) -> list[ft.Control]:
    """The moment of the user's own checklist, and its language."""
    moments = {"": _("Any time"), **labels.checklist_moments()}
    return [
        ft.Row(
            [
                dropdown(
                    _("When do you go through it?"),
                    moments,
                    draft.moment,
                    lambda key: change("moment", key),
                )
            ]
        ),
        ft.Row(
            [
                dropdown(
                    _("Language"),
                    LANGUAGES,
                    draft.language,
                    lambda key: change("language", key),
                )
            ]
        ),
    ]

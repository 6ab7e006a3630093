"""Open questions of a message or job, to be asked before answering or working."""

import flet as ft

from app.domain.column_types import Question
from app.i18n import _
from app.ui.components.buttons import icon_button, menu_button, menu_item
from app.ui.components.drafts import left_note, use_draft
from app.ui.components.fields import text_field
from app.ui.components.layout import heading
from app.ui.state import AppState, use_app
from app.viewmodels import items
from app.viewmodels.draft_codecs import PlainText
from app.viewmodels.items import Item

ASK_SCRIPT = "ask-not-guess"


def questions_of(item: Item) -> ft.Control:
    """The questions of an item; scrolling to any of their ids finds this control."""
    return ft.Container(Questions(item), data=[each["id"] for each in item.questions])


@ft.component
def Questions(item: Item) -> ft.Control:
    """The questions of a message or a job, and a field to add one."""
    app = use_app()
    draft = use_draft(app, f"question/{item.id}", "", PlainText())
    text = draft.value

    def set_text(typed: str) -> None:
        draft.set(lambda _before: typed)

    def add() -> None:
        if text.strip() and items.add_question(app, item, text.strip()):
            draft.start_over()

    return ft.Column(
        [
            heading(_("Open questions")),
            *(_question_row(app, item, question) for question in item.questions),
            *left_note(draft),
            ft.Row(
                [
                    ft.Container(
                        text_field(_("A question to ask"), text, set_text, on_submit=add, adds_to_list=True),
                        expand=True,
                    ),
                    icon_button(ft.Icons.ADD, _("Add question"), add),
                ]
            ),
        ],
        spacing=4,
        tight=True,
    )


def _question_row(app: AppState, item: Item, question: Question) -> ft.Control:
    done = question["answered_at"] is not None
    asked = question["asked_at"] is not None
    state = _("Answered") if done else _("Asked, no answer yet") if asked else _("Not asked yet")
    return ft.ListTile(
        leading=ft.Icons.CHECK_CIRCLE if done else ft.Icons.HELP_OUTLINE,
        title=question["text"],
        subtitle=state,
        icon_color=ft.Colors.PRIMARY if done else ft.Colors.TERTIARY,
        trailing=menu_button(_("More for this question"), _menu(app, item, question, done, asked)),
        content_padding=ft.Padding(left=8, right=0),
    )


def _menu(app: AppState, item: Item, question: Question, done: bool, asked: bool) -> list[ft.PopupMenuItem]:
    key = question["id"]
    entries = []
    if not done and not asked:
        entries += [
            menu_item(ft.Icons.EDIT_NOTE, _("What to say"), lambda: app.open("script", ASK_SCRIPT)),
            menu_item(ft.Icons.SEND_OUTLINED, _("Asked"), lambda: items.mark_asked(app, item, key)),
        ]
    if not done:
        entries.append(menu_item(ft.Icons.CHECK, _("Answered"), lambda: items.mark_answered(app, item, key)))
    entries.append(
        menu_item(ft.Icons.DELETE_OUTLINE, _("Remove"), lambda: items.remove_question(app, item, key))
    )
    return entries

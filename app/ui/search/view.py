"""The search screen: a field and the matching records."""

import flet as ft

from app.i18n import _
from app.ui.components.buttons import tappable
from app.ui.components.fields import search_field
from app.ui.components.layout import card, empty_state, screen
from app.ui.state import AppState, use_app
from app.viewmodels import search as model
from app.viewmodels.search import SearchRow

PAGE = 40

ICONS: dict[str, ft.IconData] = {
    "client": ft.Icons.PERSON_OUTLINE,
    "message": ft.Icons.MAIL_OUTLINE,
    "call": ft.Icons.CALL_OUTLINED,
    "conversation": ft.Icons.STAIRS_OUTLINED,
    "job": ft.Icons.WORK_OUTLINE,
    "part": ft.Icons.WORK_OUTLINE,
    "update": ft.Icons.OUTBOX_OUTLINED,
    "script": ft.Icons.EDIT_NOTE,
    "place": ft.Icons.SETTINGS_OUTLINED,
    "checklist": ft.Icons.CHECKLIST,
}


@ft.component
def SearchScreen() -> ft.View:
    app = use_app()
    query, set_query = ft.use_state("")
    limit, set_limit = ft.use_state(PAGE)
    rows = ft.use_memo(lambda: model.find(app, query, limit + 1), [query, limit, app.revision])

    def look_for(text: str) -> None:
        set_query(text)
        set_limit(PAGE)

    controls: list[ft.Control] = [search_field(_("Search everything"), query, look_for, autofocus=True)]
    controls += [_found(app, row) for row in rows[:limit]]
    if len(rows) > limit:
        controls.append(
            ft.TextButton(
                _("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: set_limit(limit + PAGE)
            )
        )
    if not rows:
        controls.append(_nothing(app, query))
    return screen(app, _("Search"), controls)


def _nothing(app: AppState, query: str) -> ft.Control:
    if query.strip():
        return empty_state(
            ft.Icons.SEARCH_OFF,
            _("Nothing found for “{query}”").format(query=query.strip()),
            _("Try fewer letters or another word, or write a text of your own."),
            _("Write a script"),
            lambda: app.open("edit-script", f"new.{app.settings.language}"),
        )
    return empty_state(
        ft.Icons.SEARCH,
        _("Find what somebody wrote"),
        _("Messages with their text, calls, jobs, clients and updates are searched, and the words to say."),
    )


def _found(app: AppState, row: SearchRow) -> ft.Control:
    about = " · ".join(part for part in (row.kind, row.client) if part)
    lines: list[ft.Control] = [
        ft.Text(row.title, weight=ft.FontWeight.W_600, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS),
        ft.Text(about, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT),
    ]
    if row.hit.snippet:
        lines.append(ft.Text(row.hit.snippet, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS))
    content = ft.Row(
        [
            ft.Icon(ICONS.get(row.hit.kind, ft.Icons.SEARCH), color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Column(lines, spacing=2, expand=True),
        ],
        spacing=16,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    spoken = ". ".join(part for part in (row.title, about, row.hit.snippet) if part)
    return ft.Container(
        card(
            tappable(content, spoken, lambda: app.open(row.kind_of_screen, row.key, row.at), padding=12),
            padding=4,
        ),
        key=row.hit.id,
    )

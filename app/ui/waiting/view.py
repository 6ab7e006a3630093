"""Waiting for them: unanswered matters, with the time waited, a script, and when to stop."""

from functools import partial

import flet as ft

from app.domain.entities import Client
from app.domain.silence import FollowUpStep
from app.domain.waiting import Waiting, WaitingKind
from app.i18n import _
from app.ui.components.answer_first import answer_first
from app.ui.components.buttons import menu_button, menu_item, tappable
from app.ui.components.layout import card, empty_state, heading, screen
from app.ui.state import AppState, use_app
from app.viewmodels import waiting as model
from app.viewmodels.exposure import ALL
from app.viewmodels.scripts.keys import say
from app.wording import words

PAGE = 40

ICONS: dict[WaitingKind, ft.IconData] = {
    WaitingKind.QUESTION: ft.Icons.HELP_OUTLINE,
    WaitingKind.OFFER: ft.Icons.LOCAL_OFFER_OUTLINED,
    WaitingKind.APPLICATION: ft.Icons.OUTBOX_OUTLINED,
    WaitingKind.MESSAGE: ft.Icons.MAIL_OUTLINE,
}


@ft.component
def WaitingScreen() -> ft.View:
    app = use_app()
    found = ft.use_memo(lambda: model.load(app), [app.revision, app.now])
    limit, set_limit = ft.use_state(PAGE)
    controls: list[ft.Control] = [_unpaid(app, found)] if found.unpaid else []
    if not found.count:
        return screen(app, _("Waiting for them"), [*controls, _nothing(app)])
    left = limit
    for section in found.sections:
        shown = section.rows[:left]
        left -= len(shown)
        if not shown:
            break
        controls.append(heading(section.title))
        if section.note:
            controls.append(ft.Text(section.note, color=ft.Colors.ON_SURFACE_VARIANT))
        controls += [_row(app, each, found.clients.get(each.client_id)) for each in shown]
    if found.count > limit:
        controls.append(
            ft.TextButton(
                _("Show more"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: set_limit(limit + PAGE)
            )
        )
    return screen(app, _("Waiting for them"), controls)


def _nothing(app: AppState) -> ft.Control:
    return empty_state(
        ft.Icons.HOURGLASS_EMPTY,
        *model.nothing(),
        _("Note a message you sent"),
        lambda: app.open("new", "sent"),
    )


def _unpaid(app: AppState, found: model.WaitingList) -> ft.Control:
    """A link to the unpaid amounts."""
    amount, late = model.unpaid_lines(found, app.format)
    color = ft.Colors.TERTIARY if found.late.count else ft.Colors.ON_SURFACE_VARIANT
    row = ft.Row(
        [
            ft.Icon(ft.Icons.PAYMENTS_OUTLINED, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Column(
                [
                    ft.Text(amount, weight=ft.FontWeight.W_600),
                    ft.Text(late, theme_style=ft.TextThemeStyle.BODY_SMALL, color=color),
                ],
                spacing=2,
                expand=True,
            ),
            ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        spacing=12,
    )
    label = _("{name}. {what}").format(name=amount, what=late)
    return card(tappable(row, label, partial(app.open, "exposure", ALL), padding=12), padding=4)


def _row(app: AppState, waiting: Waiting, client: Client | None) -> ft.Control:
    name = words.client_name(client)
    what = _("{label}: {value}").format(label=model.kind(waiting), value=model.subject(waiting))
    age = model.age(app, waiting)
    late = waiting.step != FollowUpStep.WAITING and not waiting.owed
    text = ft.Column(
        [
            ft.Text(name, weight=ft.FontWeight.W_600, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(what, max_lines=3, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(
                age,
                theme_style=ft.TextThemeStyle.BODY_SMALL,
                color=ft.Colors.TERTIARY if late else ft.Colors.ON_SURFACE_VARIANT,
            ),
        ],
        spacing=2,
        expand=True,
    )
    mark = ft.CircleAvatar(
        ft.Icon(ICONS[waiting.kind], color=ft.Colors.ON_SECONDARY_CONTAINER),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        radius=24,
    )
    main = tappable(
        ft.Row([mark, text], spacing=12),
        _("{name}. {what}. {due}").format(name=name, what=what, due=age),
        partial(app.open, *model.place(waiting), at=waiting.question["id"] if waiting.question else ""),
    )
    main.expand = True
    menu = menu_button(_("More for {name}").format(name=name), _menu(app, waiting))
    parts: list[ft.Control] = [ft.Row([main, menu], spacing=0)]
    if waiting.owed:
        parts.append(answer_first(app, waiting.owed))
    elif late:
        parts.append(_buttons(app, waiting, client))
    return ft.Container(card(ft.Column(parts, spacing=8, tight=True), padding=12), key=_key(waiting))


def _key(waiting: Waiting) -> str:
    return waiting.question["id"] if waiting.question else model.place(waiting)[1]


def _buttons(app: AppState, waiting: Waiting, client: Client | None) -> ft.Control:
    """The actions for this stage of waiting: a script and, after long enough, ending it."""
    script = model.script_for(app, waiting, client)
    row: list[ft.Control] = []
    if script:
        row.append(
            ft.FilledTonalButton(
                _("What to say"),
                icon=ft.Icons.EDIT_NOTE,
                on_click=lambda _event: say(app, script, *model.place(waiting)),
            )
        )
    if waiting.stop:
        row.append(ft.OutlinedButton(_("Let it go"), on_click=lambda _event: model.let_go(app, waiting)))
    else:
        row.append(
            ft.OutlinedButton(_("I followed up"), on_click=lambda _event: model.followed_up(app, waiting))
        )
    return ft.Row(row, wrap=True, spacing=8, run_spacing=4)


def _menu(app: AppState, waiting: Waiting) -> list[ft.PopupMenuItem]:
    came = _("I got an offer") if waiting.kind is WaitingKind.APPLICATION else _("They answered")
    entries = [menu_item(ft.Icons.MARK_CHAT_READ_OUTLINED, came, partial(model.answered, app, waiting))]
    if waiting.step == FollowUpStep.WAITING or waiting.stop or waiting.owed:
        entries.append(
            menu_item(ft.Icons.FORWARD_TO_INBOX, _("I followed up"), partial(model.followed_up, app, waiting))
        )
    if not waiting.stop:
        entries.append(menu_item(ft.Icons.LOGOUT, _("Let it go"), partial(model.let_go, app, waiting)))
    entries.append(
        menu_item(ft.Icons.PERSON_OUTLINE, _("Open client"), partial(app.open, "client", waiting.client_id))
    )
    return entries

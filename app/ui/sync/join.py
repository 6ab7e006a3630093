"""Joining an account: by an invitation, or by the sync key if no other device is available."""

from collections.abc import Callable

import flet as ft

from app.i18n import _
from app.sync import keys
from app.sync.addresses import server_address
from app.sync.checked_text import KeyTextError
from app.sync.pairing_secret import PairingEntry
from app.sync.status import Status
from app.ui.components.buttons import icon_button
from app.ui.components.fields import text_field
from app.ui.components.layout import card, fact, screen, side_padding
from app.ui.components.scrolled import scrolled
from app.ui.components.settings_section import why
from app.ui.components.sync_parts import notice_card, server_field, use_errand, use_status, working
from app.ui.state import AppState, use_app
from app.ui.sync.join_pairing import JoinByInvitation
from app.ui.sync.view import state_card
from app.viewmodels import sync as model
from app.viewmodels.sync_notices import Notice, key_message, notice_of


@ft.component
def JoinSection() -> ft.View:
    """The screen in Settings."""
    app = use_app()
    return screen(app, _("Add this device"), [Join("", app.back)])


@ft.component
def PairingScreen() -> ft.View:
    """The screen shown before all others: after a pairing link was opened, or from the first run."""
    app = use_app()
    side = side_padding(app)
    link_text = app.pairing_text or ""

    def close() -> None:
        app.pairing_text = None

    body = scrolled(
        [ft.Container(Join(link_text, close), key=str(hash(link_text)))],
        ft.Padding(left=side, right=side, top=8, bottom=32),
    )
    return ft.View(
        route="/",
        appbar=ft.AppBar(
            title=ft.Text(_("Add this device")), leading=icon_button(ft.Icons.CLOSE, _("Close"), close)
        ),
        controls=[ft.SafeArea(body, expand=True, avoid_intrusions_top=False)],
        padding=0,
    )


@ft.component
def Join(link_text: str, on_done: Callable[[], None]) -> ft.Control:
    """The step that follows from what was entered; `link_text` is the text of a pairing link, or empty."""
    app = use_app()
    status = use_status(app)
    # Read once: a device that joins here becomes a member while its screen is still shown.
    was_member = ft.use_memo(lambda: app.sync.is_member, [])
    first, first_problem = ft.use_memo(lambda: _read(link_text), [])
    entry, set_entry = ft.use_state(first)
    # Nothing is sent to a server named by a link before the user has seen its address.
    connects, set_connects = ft.use_state(not (first and first.server) or bool(app.platform.origin))
    server, set_server = ft.use_state(first.server if first else "")
    joined, set_joined = ft.use_state(False)

    def enter(given: PairingEntry, typed_server: str) -> None:
        set_server(given.server or typed_server)
        set_connects(not given.server or bool(app.platform.origin))
        set_entry(given)

    def again() -> None:
        set_entry(None)

    if joined:
        parts = _first_sync(app, status, on_done)
    elif was_member:
        parts = _member(app, status, on_done)
    elif entry is None:
        parts = [EntryForm(enter, server, first_problem)]
    elif entry.kind == "old_link":
        parts = _old_link(app, again)
    elif entry.kind == "pairing" and not connects:
        parts = _server_named(server, lambda: set_connects(True), again)
    elif entry.kind == "pairing":
        parts = [JoinByInvitation(entry.secret, server, lambda: set_joined(True), again)]
    else:
        parts = [JoinByKey(entry.secret, server, lambda: set_joined(True), again)]
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _server_named(server: str, on_sure: Callable[[], None], on_again: Callable[[], None]) -> list[ft.Control]:
    return [
        card(fact(_("Server"), server)),
        ft.Text(
            _(
                "This invitation names its own server. If you go on, Kaeru connects to it. "
                "Only go on if you know this address."
            )
        ),
        ft.FilledButton(_("Go on"), on_click=lambda _event: on_sure()),
        ft.OutlinedButton(_("Do not join"), icon=ft.Icons.CLOSE, on_click=lambda _event: on_again()),
    ]


def _read(link_text: str) -> tuple[PairingEntry | None, str]:
    """Parse the text of a link; returns the entry, or an error message."""
    if not link_text:
        return None, ""
    try:
        return model.entry_of(link_text), ""
    except KeyTextError as error:
        return None, key_message(error)


@ft.component
def EntryForm(on_entered: Callable[[PairingEntry, str], None], server: str, first_problem: str) -> ft.Control:
    """A form for an invitation or a sync key, typed or pasted."""
    app = use_app()
    text, set_text = ft.use_state("")
    typed_server, set_typed_server = ft.use_state(server)
    problem, set_problem = ft.use_state("")
    server_problem, set_server_problem = ft.use_state("")

    def change(typed: str) -> None:
        set_text(typed)
        set_problem("")
        found, _wrong = _read(typed)
        if found and found.server:
            change_server(found.server)

    def change_server(typed: str) -> None:
        set_typed_server(typed)
        set_server_problem("")

    def submit() -> None:
        found, wrong = _read(text) if text.strip() else (None, key_message(KeyTextError("length")))
        # Report an outdated link even if other fields are missing.
        wrong_server = "" if found and found.kind == "old_link" else model.server_problem(app, typed_server)
        set_problem(wrong)
        set_server_problem(wrong_server)
        if found and not wrong_server:
            on_entered(found, typed_server)

    parts: list[ft.Control] = []
    if first_problem:
        parts.append(
            notice_card(
                app,
                Notice(_("This link is not complete. Open it again, or type what the other device shows.")),
            )
        )
    parts += [
        ft.Text(
            _(
                "On a device that syncs already, open Settings, Sync, Add a device. Scan the code there with "
                "this device's camera, open the link here, or type what is shown."
            )
        ),
        text_field(
            _("Invitation"),
            text,
            change,
            error=problem,
            helper=_("Dashes, spaces and small letters make no difference."),
            multiline=True,
            lines=(2, 6),
        ),
        *server_field(app, typed_server, change_server, server_problem),
        why(_("No other device at hand? Enter your sync key in its place.")),
        ft.FilledButton(_("Go on"), on_click=lambda _event: submit()),
    ]
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


@ft.component
def JoinByKey(
    key: bytes, server: str, on_joined: Callable[[], None], on_again: Callable[[], None]
) -> ft.Control:
    """The second step for a sync key: the account, and the consequences of joining it."""
    app = use_app()
    errand = use_errand(app)
    account = ft.use_memo(lambda: keys.account_fingerprint(keys.derive(key).account), [key])

    async def join() -> None:
        await app.sync.join(keys.to_text(key), server)
        on_joined()

    facts = [
        ft.Text(_("Join this account?"), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        fact(_("Server"), server_address(server, app.platform.origin)),
        fact(_("Account"), account),
    ]
    parts: list[ft.Control] = [
        card(ft.Column(facts, spacing=8, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)),
        card(ft.Text(model.joining_line(app))),
        ft.Text(
            _(
                "Only go on if this is the key that you kept yourself. If someone gave it to you, "
                "they would receive everything that is on this device."
            ),
            weight=ft.FontWeight.W_600,
        ),
    ]
    if errand.notice:
        parts.append(notice_card(app, Notice(errand.notice.text)))
    parts += (
        [working(_("Asking the server…"))]
        if errand.busy
        else [
            ft.FilledButton(
                _("This is my key: join"), icon=ft.Icons.CHECK, on_click=lambda _event: errand.run(join)
            ),
            ft.OutlinedButton(_("Do not join"), icon=ft.Icons.CLOSE, on_click=lambda _event: on_again()),
        ]
    )
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _old_link(app: AppState, on_again: Callable[[], None]) -> list[ft.Control]:
    return [
        notice_card(
            app,
            Notice(
                _(
                    "This link was made by an older version of Kaeru. It carries the sync key itself, so it "
                    "is no longer used. Update Kaeru on the other device, then open Settings, Sync, "
                    "Add a device there. Delete the old link wherever it was sent or kept, the browser's "
                    "history included."
                )
            ),
        ),
        ft.OutlinedButton(_("Enter an invitation"), on_click=lambda _event: on_again()),
    ]


def _member(app: AppState, status: Status, on_done: Callable[[], None]) -> list[ft.Control]:
    """A notice for a device that already belongs to an account: it cannot join another."""
    found = notice_of(status, app.format)
    parts: list[ft.Control] = [
        # Until the vault has answered, only the existence of an account is known.
        working(_("Asking the device…")) if status.state == "off" else state_card(app, status)
    ]
    if account := app.sync.fingerprint():
        parts += [fact(_("Server"), app.sync.server()), fact(_("Account"), account)]
    if found:
        parts.append(notice_card(app, _without_leaving(found)))
    parts += [
        ft.Text(_("This device syncs already. To join another account, stop syncing here first.")),
        ft.FilledButton(_("Go on"), on_click=lambda _event: on_done()),
    ]
    return parts


def _without_leaving(found: Notice) -> Notice:
    """Remove the "leave" action: it is in Settings, which cannot be opened before this screen is closed."""
    return Notice(found.text, tuple(way for way in found.ways if way != "leave"))


def _first_sync(app: AppState, status: Status, on_done: Callable[[], None]) -> list[ft.Control]:
    """The first sync session; the user can wait or continue at once."""
    parts: list[ft.Control] = [state_card(app, status)]
    found = notice_of(status, app.format)
    if found:
        parts.append(notice_card(app, _without_leaving(found)))
    if status.state == "syncing":
        parts.append(why(_("Everything arrives by itself. You can go on meanwhile.")))
    parts.append(ft.FilledButton(_("Go on"), on_click=lambda _event: on_done()))
    return parts

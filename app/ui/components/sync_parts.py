"""Shared parts of the sync screens: status, requests to the server, error notices."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import flet as ft

from app.i18n import _
from app.sync.status import Status
from app.ui.components.fields import text_field
from app.ui.components.layout import card
from app.ui.components.qr import QrCode
from app.ui.state import AppState
from app.viewmodels import sync as model
from app.viewmodels.sync import Command
from app.viewmodels.sync_notices import Notice, Way

if TYPE_CHECKING:
    from app.sync.pairing_side import PairingSide

DANGER = ft.ButtonStyle(bgcolor=ft.Colors.ERROR, color=ft.Colors.ON_ERROR)


@dataclass
class _Following:
    end: Callable[[], None] | None = None

    def stop(self) -> None:
        if self.end:
            self.end()


def use_status(app: AppState) -> Status:
    """Hook: the sync status, including each step of its progress."""
    status, set_status = ft.use_state(app.sync.status)
    following = ft.use_memo(_Following, [])

    def follow() -> None:
        set_status(app.sync.status)
        following.end = app.sync.subscribe(set_status)

    ft.use_effect(follow, [], following.stop)
    return status


def use_side(side: "PairingSide[Any] | None") -> None:
    """Hook: re-render on each change of a pairing."""
    _version, set_version = ft.use_state(0)
    following = ft.use_memo(_Following, [side])

    def follow() -> None:
        if side is not None:
            following.end = side.subscribe(lambda: set_version(lambda version: version + 1))

    ft.use_effect(follow, [side], following.stop)


@dataclass(frozen=True)
class Errand:
    """A request to the server: whether it is running, and the notice of the last failure."""

    busy: bool
    notice: Notice | None
    run: Callable[[Command], None]


def use_errand(app: AppState) -> Errand:
    """Hook: one request at a time."""
    nothing: Notice | None = None
    busy, set_busy = ft.use_state(False)
    notice, set_notice = ft.use_state(nothing)

    async def work(command: Command) -> None:
        set_busy(True)
        set_notice(None)
        found = await model.attempt(command, app.format)
        set_notice(found)
        set_busy(False)

    def run(command: Command) -> None:
        if not busy:
            app.page.run_task(work, command)

    return Errand(busy, notice, run)


def notice_card(app: AppState, notice: Notice) -> ft.Control:
    """A problem, announced by screen readers at once, with buttons for the possible actions."""
    text = ft.Row(
        [
            ft.Icon(ft.Icons.INFO_OUTLINE, color=ft.Colors.TERTIARY),
            ft.Semantics(content=ft.Text(notice.text), live_region=True, expand=True),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=12,
    )
    ways = [way_button(app, way) for way in notice.ways if way != "update" or app.update_ready]
    parts: list[ft.Control] = [text]
    if ways:
        parts.append(ft.Row(ways, wrap=True, spacing=8, run_spacing=8))
    return card(ft.Column(parts, spacing=12, tight=True))


def way_button(app: AppState, way: Way) -> ft.Control:
    ways: dict[Way, tuple[str, Callable[[], None]]] = {
        "retry": (_("Try again"), app.sync.sync_now),
        "leave": (_("Leave…"), partial(app.open, "settings", "sync-leave")),
        "update": (_("Update now"), app.platform.apply_update),
    }
    label, act = ways[way]
    return ft.OutlinedButton(label, on_click=lambda _event: act())


def letters(text: str) -> ft.Control:
    """A secret in groups of letters, two by two, which makes it easier to copy by hand."""
    groups: list[ft.Control] = [
        ft.Text(group, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, style=ft.TextStyle(letter_spacing=2))
        for group in text.split("-")
    ]
    pairs: list[ft.Control] = [
        ft.Row(groups[at : at + 2], spacing=20, tight=True) for at in range(0, len(groups), 2)
    ]
    block = ft.Row(pairs, wrap=True, spacing=20, run_spacing=10, alignment=ft.MainAxisAlignment.CENTER)
    return card(ft.Semantics(content=block, label=text, exclude_semantics=True))


def copy_button(app: AppState, label: str, text: str, said: str) -> ft.Control:
    return ft.OutlinedButton(
        label,
        icon=ft.Icons.CONTENT_COPY,
        action=ft.CopyToClipboard(text),
        on_click=lambda _event: app.say(said),
    )


def qr_image(code: QrCode) -> ft.Control:
    image = ft.Image(
        src=code.png,
        width=code.size,
        height=code.size,
        fit=ft.BoxFit.FILL,
        filter_quality=ft.FilterQuality.NONE,
        semantics_label=_("QR code for another device's camera"),
    )
    return ft.Container(
        ft.Container(image, border_radius=16, clip_behavior=ft.ClipBehavior.ANTI_ALIAS),
        alignment=ft.Alignment.CENTER,
    )


def digits(code: str) -> ft.Control:
    """The code to compare, large; a screen reader reads it digit by digit as soon as it appears."""
    shown = ft.Text(
        f"{code[:3]}\u2009{code[3:]}" if code else "",
        theme_style=ft.TextThemeStyle.DISPLAY_SMALL,
        style=ft.TextStyle(letter_spacing=4, weight=ft.FontWeight.W_600),
        text_align=ft.TextAlign.CENTER,
    )
    label = _("Code: {digits}").format(digits=" ".join(code))
    return ft.Semantics(
        content=ft.Container(shown, alignment=ft.Alignment.CENTER, padding=ft.Padding(top=4, bottom=4)),
        label=label,
        exclude_semantics=True,
        live_region=True,
    )


def server_field(app: AppState, value: str, on_change: Callable[[str], None], error: str) -> list[ft.Control]:
    """The server's address, for an installed app; in a browser, it is the app's own origin."""
    if app.platform.origin:
        return []
    return [
        text_field(
            _("Server address"),
            value,
            on_change,
            error=error,
            helper=_("It begins with https."),
            keyboard=ft.KeyboardType.URL,
        )
    ]


def errand_button(
    errand: Errand, command: Command, label: str, icon: ft.IconData, *, sure: bool | None
) -> ft.Control:
    """A button that sends the request and shows its progress; if it destroys data, it waits until `sure`."""
    if errand.busy:
        return working(_("Asking the server…"))
    return ft.FilledButton(
        label,
        icon=icon,
        disabled=sure is False,
        style=DANGER if sure else None,
        on_click=lambda _event: errand.run(command),
    )


def working(text: str) -> ft.Control:
    """A progress ring with a text."""
    return ft.Row(
        [ft.ProgressRing(width=20, height=20, stroke_width=3), ft.Text(text, expand=True)], spacing=12
    )

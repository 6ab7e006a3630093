"""Settings → Notifications: the next reminders, then permission, then the kinds of reminders."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import flet as ft

from app.i18n import _
from app.platform.base import NotificationCapability
from app.reminders.plan import PlanLimits, Reminder
from app.ui.components.fields import error_text, labelled, switch_row, toggle_chips
from app.ui.components.layout import card, heading
from app.ui.components.settings_section import Keeper, section, use_keeper, why
from app.ui.components.sync_parts import notice_card, use_errand, working
from app.ui.notifications import reach
from app.ui.state import AppState, use_app
from app.viewmodels import notifications as model
from app.viewmodels.settings import quiet_span

NEXT = 3


@ft.component
def NotificationsSection() -> ft.View:
    app = use_app()
    keeper = use_keeper(app)
    unknown: timedelta | None = None
    lateness, set_lateness = ft.use_state(unknown)

    async def look() -> None:
        set_lateness((await app.platform.notifications.state()).lateness)

    ft.use_effect(look, [app.revision])
    planned = ft.use_memo(
        lambda: model.plan(app, app.now, PlanLimits(NEXT + 1, lateness)), [app.revision, app.now, lateness]
    )
    return section(
        app,
        _("Notifications"),
        [
            heading(_("What rings next")),
            *_next_reminders(app, planned[:NEXT]),
            heading(_("On this device")),
            ThisDevice(),
            heading(_("What rings")),
            *_kinds(app, keeper),
            heading(_("When nothing rings")),
            *_silence(app, keeper),
        ],
        keeper,
    )


def _next_reminders(app: AppState, planned: list[Reminder]) -> list[ft.Control]:
    if not planned:
        nothing = _("No reminder is planned: nothing that rings lies ahead, or its kind is turned off below.")
        return [ft.Text(nothing)]
    return [_reminder_row(app, reminder) for reminder in planned]


def _reminder_row(app: AppState, reminder: Reminder) -> ft.Control:
    lines: list[ft.Control] = [
        ft.Text(
            app.format.when(reminder.fire_at, app.now),
            theme_style=ft.TextThemeStyle.BODY_SMALL,
            color=ft.Colors.ON_SURFACE_VARIANT,
        ),
        ft.Text(reminder.wording.title, weight=ft.FontWeight.W_600),
    ]
    if reminder.wording.body:
        lines.append(ft.Text(reminder.wording.body))
    row = ft.Row(
        [
            ft.Icon(ft.Icons.NOTIFICATIONS_ACTIVE_OUTLINED, color=ft.Colors.PRIMARY),
            ft.Column(lines, spacing=2, tight=True, expand=True),
        ],
        spacing=16,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    return card(ft.MergeSemantics(content=row), padding=12)


# --- permission and capability ---------------------------------------------------------------------------


@ft.component
def ThisDevice() -> ft.Control:
    """The state of reminders on this device, and the next step."""
    app = use_app()
    errand = use_errand(app)
    unknown: tuple[NotificationCapability, bool] | None = None
    known, set_known = ft.use_state(unknown)

    async def look() -> None:
        ringing = await app.platform.notifications.state()
        set_known((ringing, await model.is_on(app, ringing)))

    ft.use_effect(look, [app.sync_status.state])

    def do(act: Callable[[], Awaitable[object]]) -> None:
        async def command() -> None:
            try:
                await act()
            finally:
                await look()

        errand.run(command)

    if known is None:
        return working(_("Looking…"))
    if errand.busy:
        return working(_("Asking…"))
    parts = _standing(app, *known, do)
    if errand.notice:
        parts.append(notice_card(app, errand.notice))
    return ft.Column(parts, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


Do = Callable[[Callable[[], Awaitable[object]]], None]


def _standing(app: AppState, ringing: NotificationCapability, on: bool, do: Do) -> list[ft.Control]:
    if ringing.possible == "no":
        return [
            _info_card(
                ft.Icons.NOTIFICATIONS_OFF_OUTLINED, reach.cannot(in_browser=bool(app.platform.origin))
            )
        ]
    if ringing.possible == "home-screen":
        return [_info_card(ft.Icons.ADD_TO_HOME_SCREEN, reach.home_screen())]
    if ringing.permission == "denied":
        return [
            _info_card(ft.Icons.NOTIFICATIONS_OFF_OUTLINED, reach.denied(ringing)),
            _retry_button(do, app),
        ]
    if not on:
        return [
            why(
                _("Your phone asks once whether Kaeru may notify you. You can turn it off here at any time.")
                if ringing.possible == "alarms"
                else _(
                    "Your browser asks once whether Kaeru may notify you. "
                    "You can turn it off here at any time."
                )
            ),
            ft.FilledButton(
                _("Turn notifications on"),
                icon=ft.Icons.NOTIFICATIONS_ACTIVE_OUTLINED,
                on_click=lambda _event: do(lambda: model.turn_on(app)),
            ),
        ]
    buttons: list[ft.Control] = [
        ft.FilledTonalButton(
            _("Send a test"),
            icon=ft.Icons.SEND_OUTLINED,
            on_click=lambda _event: do(lambda: model.ring_once(app, ringing)),
        ),
        ft.OutlinedButton(_("Turn off"), on_click=lambda _event: do(lambda: model.turn_off(app))),
    ]
    if not app.sync.reminders.device and ringing.possible == "push":
        buttons.insert(
            1,
            ft.OutlinedButton(_("Sync…"), on_click=lambda _event: app.open("settings", "sync")),
        )
    parts: list[ft.Control] = [
        _info_card(
            ft.Icons.NOTIFICATIONS_ACTIVE_OUTLINED, reach.how(ringing, syncs=bool(app.sync.reminders.device))
        )
    ]
    if not ringing.punctual:
        parts += [
            _info_card(ft.Icons.ALARM_OUTLINED, reach.late()),
            ft.FilledButton(
                _("Allow exact alarms…"), on_click=lambda _event: do(lambda: model.allow_exact_alarms(app))
            ),
        ]
    if ringing.possible == "alarms" and app.sync.reminders.device:
        server = model.server_address(app) if app.page.platform is ft.PagePlatform.ANDROID else ""
        parts.append(_info_card(ft.Icons.DEVICES_OUTLINED, reach.elsewhere(server)))
    return [*parts, ft.Row(buttons, wrap=True, spacing=8, run_spacing=8)]


def _retry_button(do: Do, app: AppState) -> ft.Control:
    """For a user who has changed the permission in the browser's settings."""
    return ft.OutlinedButton(
        _("Try again"), icon=ft.Icons.REFRESH, on_click=lambda _event: do(lambda: model.turn_on(app))
    )


def _info_card(icon: ft.IconData, text: str) -> ft.Control:
    return card(
        ft.Row(
            [ft.Icon(icon, color=ft.Colors.PRIMARY), ft.Text(text, expand=True)],
            spacing=16,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
    )


# --- kinds and quiet hours -------------------------------------------------------------------------------


def _kinds(app: AppState, keeper: Keeper) -> list[ft.Control]:
    settings = app.settings
    return [
        switch_row(
            _("Replies and promises"),
            settings.ring_replies,
            lambda on: keeper.keep({"ring_replies": on}),
            _("Half of the time gone, nearly due, and each working morning once it is late"),
        ),
        *([_lead_times(app, keeper)] if settings.ring_replies else []),
        switch_row(
            _("Deadlines"),
            settings.ring_deadlines,
            lambda on: keeper.keep({"ring_deadlines": on}),
            _("Your own one coming, the last working day before, and two hours before"),
        ),
        switch_row(
            _("Follow-ups"),
            settings.ring_follow_ups,
            lambda on: keeper.keep({"ring_follow_ups": on}),
            _("When a client has not answered you"),
        ),
        switch_row(
            _("Standing calls"),
            settings.ring_calls,
            lambda on: keeper.keep({"ring_calls": on}),
            _("Ten minutes before"),
        ),
    ]


def _lead_times(app: AppState, keeper: Keeper) -> ft.Control:
    chosen = app.settings.reminder_minutes

    def toggle(key: str) -> None:
        keeper.keep({"reminder_minutes": sorted({*chosen} ^ {int(key)})})

    leads = {
        str(minutes): app.format.duration(timedelta(minutes=minutes))
        for minutes in sorted({*model.LEADS, *chosen})
    }
    choice = labelled(
        _("How long before it is due"),
        toggle_chips(leads, [str(minutes) for minutes in chosen], toggle),
        keeper.errors.get("reminder_minutes", ""),
    )
    return ft.Container(choice, padding=ft.Padding(left=8, right=8, bottom=8))


def _silence(app: AppState, keeper: Keeper) -> list[ft.Control]:
    quiet = quiet_span(app.settings.quiet_hours)
    hours = (
        _("Nothing rings from {first} until {last}.").format(
            first=app.format.time(quiet[0]), last=app.format.time(quiet[1])
        )
        if quiet
        else _("No hours are kept quiet.")
    )
    parts: list[ft.Control] = [
        ft.ListTile(
            leading=ft.Icons.BEDTIME_OUTLINED,
            title=_("Quiet hours and days off"),
            subtitle=ft.Text(
                "\n".join((_("Outside your working hours nothing rings."), hours)),
                color=ft.Colors.ON_SURFACE_VARIANT,
            ),
            trailing=ft.Icons.CHEVRON_RIGHT,
            on_click=lambda _event: app.open("settings", "time"),
            content_padding=ft.Padding(left=8, right=8),
        ),
        switch_row(
            _("Ring on days off, too"),
            app.settings.ring_on_days_off,
            lambda on: keeper.keep({"ring_on_days_off": on}),
            _("Otherwise, what falls due on a day off rings before you leave"),
        ),
    ]
    parts += [error_text(text) for field, text in keeper.errors.items() if field != "reminder_minutes"]
    return parts

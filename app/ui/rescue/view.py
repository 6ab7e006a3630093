"""The rescue screen: why the database cannot be opened, what to do, and a way to save its data."""

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.domain.entities import utc_now
from app.i18n import _
from app.platform.base import Platform
from app.store.transactions import Reason
from app.ui.components.fields import check_row, error_text
from app.ui.components.layout import EDGE, READABLE_WIDTH
from app.ui.components.scrolled import scrolled
from app.viewmodels import rescue as model

Remedy = tuple[str, ft.IconData, Callable[[], object]]  # label, icon, action


@dataclass(frozen=True)
class RescueAdvice:
    icon: ft.IconData
    title: str
    advice: str


def trouble(reason: Reason) -> RescueAdvice:
    if reason == "full":
        return RescueAdvice(
            ft.Icons.SD_STORAGE_OUTLINED,
            _("This device is full"),
            _(
                "There is no room left for Kaeru to work in. Nothing is lost. "
                "Delete some photos, downloads or apps, then try again."
            ),
        )
    if reason == "newer":
        return RescueAdvice(
            ft.Icons.SYSTEM_UPDATE_ALT,
            _("Please update Kaeru"),
            _("A newer version wrote your data, and this one must not touch it. Nothing is lost."),
        )
    if reason == "unavailable":
        return RescueAdvice(
            ft.Icons.LOCK_CLOCK_OUTLINED,
            _("Your data cannot be reached right now"),
            _(
                "Another program, or another window of Kaeru, may be using it. Nothing is lost. "
                "Close the others, then try again."
            ),
        )
    return RescueAdvice(
        ft.Icons.HEALING_OUTLINED,
        _("Your data is damaged"),
        _(
            "The database cannot be read as a whole, as can happen when a disk fails. "
            "First save what can be saved: the file is a backup that you can restore after starting afresh."
        ),
    )


@ft.component
def RescueScreen(reason: Reason, platform: Platform) -> ft.View:
    page = ft.context.page
    result, set_result = ft.use_state("")
    picker = ft.use_memo(ft.FilePicker, [])
    found = trouble(reason)
    side = max(EDGE + 8, ((page.width or 0) - READABLE_WIDTH) / 2)

    async def save() -> None:
        try:
            content, readable = model.rescued(platform.database_path)
        except OSError as error:
            set_result(_("Nothing can be read any more ({error}).").format(error=error.strerror or error))
            return
        name = f"kaeru-{utc_now().date().isoformat()}-rescued.{'json' if readable else 'db'}"
        saved = await picker.save_file(file_name=name, src_bytes=content)
        if not (saved or page.web):
            return
        set_result(
            _("Saved as {name}. Restore it in Settings, Your data, after starting afresh.").format(name=name)
            if readable
            else _("Nothing could be read, so the damaged file itself was saved as {name}.").format(name=name)
        )

    parts: list[ft.Control] = [
        ft.Icon(found.icon, size=64, color=ft.Colors.PRIMARY),
        ft.Semantics(
            content=ft.Text(
                found.title, theme_style=ft.TextThemeStyle.HEADLINE_SMALL, text_align=ft.TextAlign.CENTER
            ),
            heading_level=1,
            container=True,
        ),
        ft.Text(found.advice, text_align=ft.TextAlign.CENTER),
        *_remedies(reason, platform, lambda: page.run_task(save)),
    ]
    if result:
        parts.append(ft.Semantics(content=ft.Text(result, text_align=ft.TextAlign.CENTER), live_region=True))
    if reason == "corrupt":
        parts.append(StartAfresh(platform))
    return ft.View(
        route="/",
        controls=[
            ft.SafeArea(
                scrolled(
                    [
                        ft.Column(
                            parts, horizontal_alignment=ft.CrossAxisAlignment.CENTER, spacing=16, tight=True
                        )
                    ],
                    ft.Padding(left=side, right=side, top=48, bottom=32),
                ),
                expand=True,
            )
        ],
        padding=0,
    )


def _remedies(reason: Reason, platform: Platform, save: Callable[[], object]) -> list[ft.Control]:
    """The actions, the most helpful first."""
    retry: Remedy = (_("Try again"), ft.Icons.REFRESH, platform.restart)
    update: Remedy = (_("Update now"), ft.Icons.SYSTEM_UPDATE_ALT, platform.apply_update)
    if reason == "corrupt":
        first, second = (_("Save what can be saved…"), ft.Icons.SAVE_ALT, save), retry
    elif reason == "newer":
        first, second = update, retry
    else:
        first, second = retry, (_("Save a copy first…"), ft.Icons.SAVE_ALT, save)
    return [_button(ft.FilledButton, *first), _button(ft.OutlinedButton, *second)]


@ft.component
def StartAfresh(platform: Platform) -> ft.Control:
    """A button that replaces the damaged database with an empty one, after confirmation."""
    sure, set_sure = ft.use_state(False)
    problem, set_problem = ft.use_state("")

    def start() -> None:
        try:
            model.start_afresh(platform.database_path)
        except OSError as error:
            set_problem(
                _("The damaged database cannot be removed ({error}).").format(error=error.strerror or error)
            )
            return
        platform.restart()

    parts: list[ft.Control] = [
        ft.Divider(),
        check_row(_("I saved what can be saved. Delete the damaged data."), sure, set_sure),
        ft.OutlinedButton(
            _("Start afresh"),
            icon=ft.Icons.RESTART_ALT,
            width=float("inf"),
            disabled=not sure,
            style=ft.ButtonStyle(color=ft.Colors.ERROR, icon_color=ft.Colors.ERROR) if sure else None,
            on_click=lambda _event: start(),
        ),
    ]
    if problem:
        parts.append(error_text(problem))
    return ft.Column(parts, spacing=12, tight=True)


def _button(
    kind: type[ft.Button | ft.OutlinedButton], label: str, icon: ft.IconData, act: Callable[[], object]
) -> ft.Control:
    return kind(label, icon=icon, width=float("inf"), on_click=lambda _event: act())

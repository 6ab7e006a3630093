"""State shared by all screens: store, settings, clock, navigation, sync status and snack bars."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import flet as ft
from pydantic import TypeAdapter

from app import i18n
from app.domain.codes import Theme
from app.domain.conversations import NO_TERMS, Terms
from app.domain.entities import Settings, fields_of
from app.domain.errors import DomainError
from app.domain.hours import WorkCalendar, work_calendar, zone_of
from app.i18n import Formatter, _
from app.platform.base import Platform
from app.store.store import Change, Store
from app.store.transactions import Reason, StorageError
from app.sync.pairing_secret import without_key
from app.sync.service import Sync
from app.sync.status import Status, SyncDevice
from app.ui import theme
from app.viewmodels import paths
from app.viewmodels.defaults import settings_for
from app.viewmodels.services import FIRST_RUN, LongTask, NextStep, storage_message
from app.wording import words

# Interval between updates of `now`: a label on screen is never older than this.
TICK = timedelta(seconds=30)
# Window width, in logical pixels, from which the desktop layout is used: Material's "expanded" class.
WIDE = 840
SNACK_BAR_WIDTH = 480

DOUBLE_TAP = timedelta(seconds=1)
MAX_NAVIGATION_SECONDS = 2.0  # after that, keys apply to the current screen in any case
GAP = 12  # pixels between a snack bar and the controls below it
ONE_BUTTON = 72  # pixels: assumed height of a screen's bottom bar until it is measured


def _with_next_step(text: str, then: NextStep) -> ft.Control:
    return ft.Column(
        [
            ft.Text(text),
            ft.TextButton(
                then.label,
                style=ft.ButtonStyle(color=ft.Colors.INVERSE_PRIMARY, padding=0),
                on_click=lambda _event: then.act(),
            ),
        ],
        spacing=0,
        tight=True,
    )


@ft.observable
class ObservableTask(LongTask):
    """A long operation whose progress re-renders the components that show it."""


@ft.observable
class AppState:
    """The object that all screens read from; they re-render when a public attribute changes.

    `now` follows the clock. `revision` grows when data read from the store must be read again.
    """

    def __init__(
        self, page: ft.Page, store: Store, platform: Platform, clock: Callable[[], datetime]
    ) -> None:
        self.page = page
        self.store = store
        self.platform = platform
        self._clock = clock
        self._own_route = ""
        self._on_undone: Callable[[], None] | None = None
        self._last_action: tuple[str, datetime] | None = None
        self._route_since_message = ""  # the last address navigated to since the last message was shown
        self._coming = ""  # the address being navigated to, until its screen is shown
        self._coming_until = 0.0  # by the monotonic clock
        self._snack_bar: ft.SnackBar | None = None
        self._bottom_heights: dict[str, float] = {}
        self._proposals: dict[str, Terms] = {}
        self.now = clock()
        self.width = page.width or 0
        self.revision = 0
        self.update_ready = False
        self.broken: Reason | None = None  # set when the database turns out to be unusable while the app runs
        self.work: LongTask | None = None  # shown instead of all screens: it needs the store for itself
        self.sync = Sync(store, platform, clock)
        self.sync_status = self.sync.status
        # devices of the account that the user has not confirmed
        self.new_devices: tuple[SyncDevice, ...] = ()
        self.just_made: set[str] = set()  # ids of records whose first form is open: closing it deletes them
        self.key_is_new = False  # the sync key changed since it was last saved
        # Text of a pairing link, shown instead of all screens. Empty: the user types it. None: no pairing.
        self.pairing_text: str | None = without_key(platform.take_pairing_text()) or None
        self._applied: Settings | None = None
        self._load_settings()
        store.subscribe(self._on_store_change)
        platform.subscribe(self._on_platform_event)
        self.sync.subscribe(self._on_sync_status)

    # --- settings, clock and events of store, platform and sync ------------------------------------------

    def _load_settings(self) -> None:
        stored = self.store.settings()
        settings = stored if stored.introduced else self._first_settings()
        if self._applied is None or fields_of(settings) != fields_of(self._applied):
            self.use_settings(settings)

    def _first_settings(self) -> Settings:
        """Return the defaults for a first run, merged with the choices already made in it."""
        first = settings_for(self.platform.languages, self.platform.time_zone)
        left = self.store.drafts.find(FIRST_RUN)
        with suppress(ValueError, TypeError):  # the draft of another version may not validate
            return Settings.model_validate({**first.model_dump(mode="json"), **(left.value if left else {})})
        return first

    def use_settings(self, settings: Settings) -> None:
        """Apply these settings to the app: the stored ones or, during the first run, the draft."""
        i18n.use_language(settings.language)
        look = theme_of(settings.theme)
        self.page.theme_mode = theme.THEME_MODES[look]
        self.page.locale_configuration = theme.locales(settings.language)
        self.platform.set_look(settings.language, look.value)
        self.format = Formatter(
            settings.language, zone_of(settings.time_zone, zone_of(self.platform.time_zone))
        )
        self.calendar: WorkCalendar = work_calendar(settings)
        self.settings: Settings = settings
        self._applied = settings

    def _on_store_change(self) -> None:
        self._load_settings()
        self.now = self._clock()
        self.revision += 1

    def ask_for_key(self) -> None:
        """Show the pairing screen instead of all others."""
        self.pairing_text = ""

    def _on_platform_event(self, event: str) -> None:
        if event == "update-ready":
            self.update_ready = True
        elif event == "online":
            self.sync.network_returned()
        elif event == "open":
            self.page.run_task(self._open_pressed)

    async def _open_pressed(self) -> None:
        """Show the record of a notification that was pressed while the app runs."""
        if path := await self.platform.notifications.opened_path():
            self.go(path)

    def _on_sync_status(self, status: Status) -> None:
        # Every screen re-renders on this change; progress goes only to those that subscribe to it.
        if (status.state, status.code) != (self.sync_status.state, self.sync_status.code):
            self.sync_status = status
        if self.new_devices != self.sync.devices.new:
            self.new_devices = self.sync.devices.new
        if self.key_is_new != self.sync.key_is_new:
            self.key_is_new = self.sync.key_is_new

    async def keep_time(self) -> None:
        """Update `now` every `TICK` while the app is open."""
        while True:
            await asyncio.sleep(TICK.total_seconds())
            self.now = self._clock()

    def resized(self) -> None:
        """Lay out the screens again after the window width has changed."""
        self.width = self.page.width or 0

    @property
    def is_wide(self) -> bool:
        """Whether the window has room for a navigation rail beside the screen."""
        return self.width >= WIDE

    def name_window(self, title: str = "") -> None:
        """Show the screen's title in the browser tab.

        On phones, the app switcher must not show client names.
        """
        named = self.page.web and title not in ("", "Kaeru")
        self.page.title = f"{title} · Kaeru" if named else "Kaeru"

    def tick(self) -> None:
        """Update `now`, e.g. when the app returns to the foreground."""
        self.now = self._clock()

    def usual_deadline(self) -> datetime:
        """The default for a new deadline: the end of the next working day."""
        return self.calendar.closing(self.calendar.next_working_day(self.calendar.local(self.now).date()))

    # --- writing ---------------------------------------------------------------------------------------

    def write(
        self,
        change: Callable[[], Change],
        said: str | Callable[[Change], str] = "",
        undo: bool = True,
        then: NextStep | None = None,
    ) -> bool:
        """Run a store command and show a message with an Undo button.

        Returns False, and shows the reason, if the command failed. `then` is an action offered with the
        message.
        """
        try:
            made = change()
        except StorageError as error:
            self.revision += 1  # a command may have changed the entity passed to it: show the stored state
            self.say(storage_message(error))
            return False
        except DomainError as error:
            self.revision += 1
            self.say(words.refusal(error.code))
            return False
        self.platform.tick()
        text = said if isinstance(said, str) else said(made)
        if text:
            back = self._on_undone
            self.say(text, (lambda: self._undo(made, back)) if undo else None, then)
        return True

    @contextmanager
    def leading_back(self, undone: Callable[[], None]) -> Iterator[None]:
        """Call `undone` when a change written inside this context is undone: it returns to the form."""
        before, self._on_undone = self._on_undone, undone
        try:
            yield
        finally:
            self._on_undone = before

    def is_repeated(self, action: str) -> bool:
        """Whether the same action was run within `DOUBLE_TAP`: the second of two quick taps on a button."""
        now = self._clock()
        last, self._last_action = self._last_action, (action, now)
        return last is not None and last[0] == action and now - last[1] < DOUBLE_TAP

    def _undo(self, change: Change, back: Callable[[], None] | None) -> None:
        if self.write(lambda: self.store.undo(change), _undone, undo=False) and back:
            back()

    def say(self, text: str, undo: Callable[[], None] | None = None, then: NextStep | None = None) -> None:
        """Show a short message at the bottom of the screen; with `undo`, a button that reverts the action.

        It is shown after any navigation that directly follows, on the screen that is then on top.
        """
        self._route_since_message = ""
        self.page.run_task(self._show_snack_bar, text, undo, then)

    async def _show_snack_bar(
        self, text: str, undo: Callable[[], None] | None, then: NextStep | None
    ) -> None:
        self._close_snack_bar()
        action = ft.SnackBarAction(label=_("Undo"), on_click=lambda _event: undo()) if undo else None
        side = max(12, (self.width - SNACK_BAR_WIDTH) / 2)
        self._snack_bar = ft.SnackBar(
            content=ft.Text(text) if then is None else _with_next_step(text, then),
            action=action,
            behavior=ft.SnackBarBehavior.FLOATING,
            margin=ft.Margin(
                left=side,
                right=side,
                bottom=self._bottom_margin(self._route_since_message or self.page.route),
            ),
            duration=ft.Duration(seconds=8 if undo else 4),
            persist=False,
        )
        self.page.show_dialog(self._snack_bar)

    def _close_snack_bar(self) -> None:
        """Close the current snack bar: its screen is left, or another message follows."""
        bar, self._snack_bar = self._snack_bar, None
        if bar is not None and bar.open:
            bar.open = False
            bar.update()

    def keep_clear(self, path: str, height: float) -> None:
        """Set the height of a screen's bottom bar, so that snack bars do not cover it."""
        self._bottom_heights[paths.without_query(path)] = height

    def _bottom_margin(self, path: str) -> float:
        return self._bottom_heights.get(paths.without_query(path), ONE_BUTTON) + GAP

    def long_task(self, title: str) -> LongTask:
        return ObservableTask(title)

    def run_task(self, task: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> object:
        return self.page.run_task(task, *args)

    # --- navigation: the address spells the stack of screens, so "back" always has a target -------------

    def propose(self, client_id: str, terms: Terms) -> None:
        """Remember the standing call that the user intends to propose, until it is recorded as proposed."""
        self._proposals[client_id] = terms
        with suppress(StorageError):
            self.store.drafts.keep(
                f"proposal/{client_id}", TypeAdapter(Terms).dump_python(terms, mode="json")
            )

    def proposal(self, client_id: str) -> Terms:
        if client_id not in self._proposals:
            self._proposals[client_id] = self._kept_proposal(client_id)
        return self._proposals[client_id]

    def _kept_proposal(self, client_id: str) -> Terms:
        with suppress(StorageError, ValueError):
            if left := self.store.drafts.find(f"proposal/{client_id}"):
                return TypeAdapter(Terms).validate_python(left.value)
        return NO_TERMS

    def drop_proposal(self, client_id: str) -> None:
        """Forget the proposal once it was made: the next one starts empty."""
        self._proposals.pop(client_id, None)
        with suppress(StorageError):
            self.store.drafts.forget(f"proposal/{client_id}")

    @property
    def route(self) -> str:
        return self.page.route

    def go(self, route: str) -> None:
        self._close_snack_bar()
        self._own_route = self._route_since_message = route
        self._coming = "" if route == self.page.route else route
        self._coming_until = time.monotonic() + MAX_NAVIGATION_SECONDS
        self.page.navigate(route)

    @property
    def is_navigating(self) -> bool:
        """Whether an address was navigated to whose screen is not shown yet."""
        return bool(self._coming) and time.monotonic() < self._coming_until

    def arrived(self, route: str) -> None:
        """Record that the screen of an address is shown."""
        if self._coming == route:
            self._coming = ""

    def is_going_to(self, route: str) -> bool:
        """Whether the app itself navigated to this address, not the back button of the browser or phone."""
        return route == self._own_route

    def open(self, kind: str, key: str, at: str = "") -> None:
        """Push a screen; `at` is the id of the record on it to scroll to."""
        self.go(paths.pointing_at(paths.stacked(self.page.route, kind, key), at))

    def replace(self, kind: str, key: str) -> None:
        """Replace the top screen, e.g. a saved form by the record's screen."""
        self.go(paths.stacked(paths.parent(self.page.route), kind, key))

    def leave(self, key: str) -> None:
        """Close every screen of a deleted record."""
        self.go(paths.leaving(self.page.route, key))

    def back(self) -> None:
        self.go(paths.parent(self.page.route))


def _undone(change: Change) -> str:
    if not change.kept:
        return _("Undone")
    if change:
        return _("Undone, except for what was changed since.")
    return _("Not undone: it was changed since.")


def theme_of(value: str) -> Theme:
    """The stored theme; the system's if a newer version stored an unknown value."""
    return Theme(value) if value in set(Theme) else Theme.SYSTEM


AppContext: ft.ContextProvider[AppState | None] = ft.create_context(None)


def use_app() -> AppState:
    """Return the app's shared state; the calling component re-renders when it changes."""
    app: AppState | None = ft.use_context(AppContext)
    if app is None:
        raise LookupError("screens are rendered inside AppContext")
    return app

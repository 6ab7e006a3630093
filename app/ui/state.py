"""What every screen shares: store, settings, the passing of time, navigation, the word after an action."""

import asyncio
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

# A label on screen is never staler than this.
TICK = timedelta(seconds=30)
# From this width on, in logical pixels, a window is a desktop's: Material's "expanded".
WIDE = 840
SNACK_BAR_WIDTH = 480

DOUBLE_TAP = timedelta(seconds=1)
GAP = 12  # pixels between a word and what it keeps clear of
ONE_BUTTON = 72  # pixels that a screen's bottom takes, about, until it is measured


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
    """The one object screens read from; they re-render when a public attribute changes.

    `now` moves on by itself; `revision` grows when what was read from the store must be read again.
    """

    def __init__(
        self, page: ft.Page, store: Store, platform: Platform, clock: Callable[[], datetime]
    ) -> None:
        self.page = page
        self.store = store
        self.platform = platform
        self._clock = clock
        self._going = ""
        self._leads_back: Callable[[], None] | None = None
        self._last_action: tuple[str, datetime] | None = None
        self._going_after = ""  # the address gone to since the last word was said
        self.coming = ""  # the address gone to, until its screen is there
        self._snack_bar: ft.SnackBar | None = None
        self._bottoms: dict[str, float] = {}
        self._proposals: dict[str, Terms] = {}
        self.now = clock()
        self.width = page.width or 0
        self.revision = 0
        self.update_ready = False
        self.broken: Reason | None = None  # the database turned out to be unusable while the app ran
        self.work: LongTask | None = None  # shown before all else: it alone uses the store
        self.sync = Sync(store, platform, clock)
        self.sync_status = self.sync.status
        self.new_devices: tuple[SyncDevice, ...] = ()  # of the account, that the person has not said to know
        self.just_made: set[str] = set()  # ids of records whose first form is open: closing it unmakes them
        self.key_is_new = False  # the sync key was changed since it was last saved
        # What a pairing link brought, shown before all else; empty: to be typed. None: nothing is asked for.
        self.pairing_text: str | None = without_key(platform.take_pairing_text()) or None
        self._used: Settings | None = None
        self._load_settings()
        store.subscribe(self._on_store_change)
        platform.subscribe(self._on_platform_event)
        self.sync.subscribe(self._on_sync_status)

    # --- what follows from the store -----------------------------------------------------------------

    def _load_settings(self) -> None:
        stored = self.store.settings()
        settings = stored if stored.introduced else self._first_settings()
        if self._used is None or fields_of(settings) != fields_of(self._used):
            self.use_settings(settings)

    def _first_settings(self) -> Settings:
        """Those of a first run, with what was chosen in it before the app was ended."""
        first = settings_for(self.platform.languages, self.platform.time_zone)
        left = self.store.drafts.find(FIRST_RUN)
        with suppress(ValueError, TypeError):  # another version kept what this one cannot use
            return Settings.model_validate({**first.model_dump(mode="json"), **(left.value if left else {})})
        return first

    def use_settings(self, settings: Settings) -> None:
        """Show the app as these settings have it: the stored ones or, during the first run, those to be."""
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
        self._used = settings

    def _on_store_change(self) -> None:
        self._load_settings()
        self.now = self._clock()
        self.revision += 1

    def ask_for_key(self) -> None:
        """Add this device to an account before anything else is shown."""
        self.pairing_text = ""

    def _on_platform_event(self, event: str) -> None:
        if event == "update-ready":
            self.update_ready = True
        elif event == "online":
            self.sync.network_returned()
        elif event == "open":
            self.page.run_task(self._open_pressed)

    async def _open_pressed(self) -> None:
        """A notification was pressed while the app ran: show what it is about."""
        if path := await self.platform.notifications.opened_path():
            self.go(path)

    def _on_sync_status(self, status: Status) -> None:
        # Every screen renders again for this: how far it has come is for those that subscribe to it.
        if (status.state, status.code) != (self.sync_status.state, self.sync_status.code):
            self.sync_status = status
        if self.new_devices != self.sync.devices.new:
            self.new_devices = self.sync.devices.new
        if self.key_is_new != self.sync.key_is_new:
            self.key_is_new = self.sync.key_is_new

    async def keep_time(self) -> None:
        """Move `now` on while the app is open, so that states change by themselves."""
        while True:
            await asyncio.sleep(TICK.total_seconds())
            self.now = self._clock()

    def resized(self) -> None:
        """Lay the screens out anew for another width."""
        self.width = self.page.width or 0

    @property
    def is_wide(self) -> bool:
        """Whether the window has room for a navigation rail beside the screen."""
        return self.width >= WIDE

    def name_window(self, title: str = "") -> None:
        """Have the browser's tab say which screen it shows. A phone's list of apps names no client."""
        named = self.page.web and title not in ("", "Kaeru")
        self.page.title = f"{title} · Kaeru" if named else "Kaeru"

    def tick(self) -> None:
        """Catch up with the clock, e.g. when the app comes back to the foreground."""
        self.now = self._clock()

    def usual_deadline(self) -> datetime:
        """What a calendar asked for a deadline opens on: the end of the next working day."""
        return self.calendar.closing(self.calendar.next_working_day(self.calendar.local(self.now).date()))

    # --- writing ---------------------------------------------------------------------------------------

    def write(
        self,
        change: Callable[[], Change],
        said: str | Callable[[Change], str] = "",
        undo: bool = True,
        then: NextStep | None = None,
    ) -> bool:
        """Run a store command and say what happened, with undo. False, and why on screen, if it failed.

        `then` is offered beside what is said.
        """
        try:
            made = change()
        except StorageError as error:
            self.revision += 1  # a command may have changed the entity it was given: show what is stored
            self.say(storage_message(error))
            return False
        except DomainError as error:
            self.revision += 1
            self.say(words.refusal(error.code))
            return False
        self.platform.tick()
        text = said if isinstance(said, str) else said(made)
        if text:
            back = self._leads_back
            self.say(text, (lambda: self._undo(made, back)) if undo else None, then)
        return True

    @contextmanager
    def leading_back(self, undone: Callable[[], None]) -> Iterator[None]:
        """Undoing what is written in here calls `undone`: it leads back to the form."""
        before, self._leads_back = self._leads_back, undone
        try:
            yield
        finally:
            self._leads_back = before

    def is_repeated(self, action: str) -> bool:
        """Whether the same was done a moment ago, by the first of two quick taps on one button."""
        now = self._clock()
        last, self._last_action = self._last_action, (action, now)
        return last is not None and last[0] == action and now - last[1] < DOUBLE_TAP

    def _undo(self, change: Change, back: Callable[[], None] | None) -> None:
        if self.write(lambda: self.store.undo(change), _undone, undo=False) and back:
            back()

    def say(self, text: str, undo: Callable[[], None] | None = None, then: NextStep | None = None) -> None:
        """A short word at the bottom of the screen; with `undo`, a button that takes the action back.

        It is shown once the step that follows at once is taken, over the screen that is there then.
        """
        self._going_after = ""
        self.page.run_task(self._show_word, text, undo, then)

    async def _show_word(self, text: str, undo: Callable[[], None] | None, then: NextStep | None) -> None:
        self._hush()
        action = ft.SnackBarAction(label=_("Undo"), on_click=lambda _event: undo()) if undo else None
        side = max(12, (self.width - SNACK_BAR_WIDTH) / 2)
        self._snack_bar = ft.SnackBar(
            content=ft.Text(text) if then is None else _with_next_step(text, then),
            action=action,
            behavior=ft.SnackBarBehavior.FLOATING,
            margin=ft.Margin(
                left=side, right=side, bottom=self._clear_of(self._going_after or self.page.route)
            ),
            duration=ft.Duration(seconds=8 if undo else 4),
            persist=False,
        )
        self.page.show_dialog(self._snack_bar)

    def _hush(self) -> None:
        """Take the last word away: its screen is left, or another word follows."""
        bar, self._snack_bar = self._snack_bar, None
        if bar is not None and bar.open:
            bar.open = False
            bar.update()

    def keep_clear(self, path: str, height: float) -> None:
        """How high what a screen keeps at its bottom is: no word covers it."""
        self._bottoms[paths.without_query(path)] = height

    def _clear_of(self, path: str) -> float:
        return self._bottoms.get(paths.without_query(path), ONE_BUTTON) + GAP

    def long_task(self, title: str) -> LongTask:
        return ObservableTask(title)

    def run_task(self, task: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> object:
        return self.page.run_task(task, *args)

    # --- going places: the address spells the stack of screens, so "back" always has somewhere to go -----

    def propose(self, client_id: str, terms: Terms) -> None:
        """Remember the standing call the user means to propose, until it is noted as said."""
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
        """It was said: the next one starts anew."""
        self._proposals.pop(client_id, None)
        with suppress(StorageError):
            self.store.drafts.forget(f"proposal/{client_id}")

    @property
    def route(self) -> str:
        return self.page.route

    def go(self, route: str) -> None:
        self._hush()
        self._going = self._going_after = route
        self.coming = "" if route == self.page.route else route
        self.page.navigate(route)

    def is_going_to(self, route: str) -> bool:
        """Whether the app itself chose this address, not the browser's or the phone's own buttons."""
        return route == self._going

    def open(self, kind: str, key: str, at: str = "") -> None:
        """Put a screen on top of this one; `at` is the id of the thing on it to bring into view."""
        self.go(paths.pointing_at(paths.stacked(self.page.route, kind, key), at))

    def replace(self, kind: str, key: str) -> None:
        """Swap the top screen for another: after saving a form, show what was made."""
        self.go(paths.stacked(paths.parent(self.page.route), kind, key))

    def leave(self, key: str) -> None:
        """Close every screen about a thing that was deleted."""
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
    """The stored theme, or the system's when a newer app wrote one this version does not know."""
    return Theme(value) if value in set(Theme) else Theme.SYSTEM


AppContext: ft.ContextProvider[AppState | None] = ft.create_context(None)


def use_app() -> AppState:
    """The app's shared state; the calling component re-renders when it changes."""
    app: AppState | None = ft.use_context(AppContext)
    if app is None:
        raise LookupError("screens are rendered inside AppContext")
    return app

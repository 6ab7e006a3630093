"""Interface to the running app, so that view models depend on neither Flet nor screens."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.domain.conversations import Terms
from app.domain.entities import Settings
from app.domain.hours import WorkCalendar
from app.i18n import Formatter, _
from app.platform.base import Platform
from app.store.store import Change, Store
from app.store.transactions import Reason, StorageError
from app.sync.service import Sync

FIRST_RUN = "first-run"
"""Key of the draft that holds the choices of the first run."""


class WorkCancelledError(Exception):
    """The user cancelled a long task; nothing was changed."""


class LongTask:
    """A long operation in progress, with its share done and a request to cancel it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.share: float | None = None  # from 0 to 1; None while the total is unknown
        self.cancelled = False

    def cancel(self) -> None:
        """Stop the operation after its current step."""
        self.cancelled = True


@dataclass(frozen=True)
class NextStep:
    """The action that usually follows, offered in the message about the one before."""

    label: str
    act: Callable[[], None]


class AppServices(Protocol):
    """The running app as view models see it; `app.ui.state.AppState` implements it."""

    store: Store
    platform: Platform
    sync: Sync
    settings: Settings
    format: Formatter
    calendar: WorkCalendar
    now: datetime
    work: LongTask | None  # the long operation with exclusive use of the store
    broken: Reason | None  # why the database became unusable while the app runs
    just_made: set[str]  # ids of records whose first form is open; closing the form deletes them

    @property
    def route(self) -> str:
        """Address of the current screen."""

    def write(
        self,
        change: Callable[[], Change],
        said: str | Callable[[Change], str] = "",
        undo: bool = True,
        then: NextStep | None = None,
    ) -> bool:
        """Run a store command and show `said` with an undo button; False if the command failed."""

    def say(self, text: str, undo: Callable[[], None] | None = None, then: NextStep | None = None) -> None:
        """Show a short message at the bottom of the screen."""

    def is_repeated(self, action: str) -> bool:
        """Whether the same action was started a moment ago by the first tap of a double tap."""

    def leading_back(self, undone: Callable[[], None]) -> AbstractContextManager[None]:
        """Context manager: call `undone` when a change written inside the context is undone."""

    def use_settings(self, settings: Settings) -> None:
        """Apply settings that are not stored yet."""

    def long_task(self, title: str) -> LongTask:
        """A new long operation whose progress the screens can show."""

    def run_task(self, task: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> object:
        """Start a coroutine function on the app's event loop."""

    def go(self, route: str) -> None:
        """Show the screen at an address."""

    def open(self, kind: str, key: str, at: str = "") -> None:
        """Open a screen above the current one; `at` is the id of the record to scroll to."""

    def replace(self, kind: str, key: str) -> None:
        """Replace the current screen with another."""

    def propose(self, client_id: str, terms: Terms) -> None:
        """Remember the standing call to propose until the step is recorded as taken."""

    def proposal(self, client_id: str) -> Terms:
        """The terms passed to `propose`; `NO_TERMS` if none."""

    def drop_proposal(self, client_id: str) -> None:
        """Forget the terms passed to `propose`."""


def storage_message(error: StorageError) -> str:
    """Explain why a change was not saved."""
    messages = {
        "full": _("This device's storage is full. Nothing was changed: free some space, then try again."),
        "corrupt": _("The database is damaged. Open Settings, Your data, and check the database."),
        "unavailable": _("The database is not available. Nothing was changed: try again."),
        "newer": _("A newer version of Kaeru wrote this data. Update the app to go on."),
    }
    return messages[error.reason]

"""The app's root: opens the database, sets the theme, starts background tasks, and maps routes to screens."""

from concurrent.futures import Future

import flet as ft

from app import i18n
from app.domain.entities import utc_now
from app.platform import AttachablePlatform
from app.platform import current as current_platform
from app.store.database import open_database
from app.store.store import Store
from app.store.transactions import StorageError
from app.ui import glance, theme
from app.ui.components.progress import WorkScreen
from app.ui.events import OrderedEvents
from app.ui.links import OpenedLinks
from app.ui.panes import Panes
from app.ui.rescue.view import RescueScreen
from app.ui.routes import ROUTES
from app.ui.state import AppContext, AppState
from app.ui.sync.join import PairingScreen
from app.ui.welcome.view import WelcomeScreen
from app.viewmodels.reminder_scheduler import ReminderScheduler


@ft.component
def App(app: AppState) -> list[ft.View] | ft.Control:
    broken = app.broken
    if broken:
        return AppContext(app, lambda: [RescueScreen(broken, app.platform)])
    work = app.work
    if work:
        return AppContext(app, lambda: [WorkScreen(work)])
    if app.pairing_text is not None:
        return AppContext(app, lambda: [PairingScreen()])
    if not app.settings.introduced:
        return AppContext(app, lambda: [WelcomeScreen()])
    if app.is_wide:
        return AppContext(app, lambda: [Panes()])
    return AppContext(app, lambda: ft.Router(ROUTES, manage_views=True))


async def main(page: ft.Page) -> None:
    """Open the database and show the app, or the rescue screen if the database cannot be opened."""
    OrderedEvents(page.session)
    page.title = "Kaeru"
    page.theme, page.dark_theme = theme.LIGHT, theme.DARK
    # While Flutter's default theme fades into the app's, the first texts would use a font without kanji.
    page.theme_animation_style = ft.AnimationStyle.no_animation()
    if page.web and not page.pyodide:  # the PWA loads its fonts from its FontManifest; phones use their own
        page.fonts = theme.FONT_FILES
    running = Running(page, current_platform())
    await running.platform.attach(page, running.start, running.end)
    i18n.use_language(i18n.best_language(running.platform.languages))
    i18n.use_region(running.platform.languages)
    await running.start()


class Running:
    """The app on one page, with its store and background tasks."""

    def __init__(self, page: ft.Page, platform: AttachablePlatform) -> None:
        self.page = page
        self.platform = platform
        self._store: Store | None = None
        self._tasks: list[Future[None]] = []

    async def start(self) -> None:
        page, platform = self.page, self.platform
        try:
            self._store = store = Store(open_database(platform.database_path), utc_now)
            app = AppState(page, store, platform, utc_now)
        except StorageError as error:
            reason = error.reason
            platform.leave_glance(None)
            page.render_views(lambda: [RescueScreen(reason, platform)])
            return
        page.on_app_lifecycle_state_change = lambda event: _on_lifecycle(app, event)
        page.on_resize = lambda _event: app.resized()
        if not page.pyodide:  # in the PWA, links are addresses of the page itself
            OpenedLinks(page, app)
        self._tasks = [
            page.run_task(app.keep_time),
            page.run_task(glance.keep, app),
            page.run_task(ReminderScheduler(app).run),
        ]
        page.render_views(App, app)
        # after the first screen, which does not wait for sync
        self._tasks.append(page.run_task(app.sync.run))

    def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        if self._store is not None:
            self._store.close()
            self._store = None


def _on_lifecycle(app: AppState, event: ft.AppLifecycleStateChangeEvent) -> None:
    if event.state in (ft.AppLifecycleState.RESUME, ft.AppLifecycleState.SHOW):
        app.tick()
        app.sync.set_foreground(foreground=True)
    elif event.state in (ft.AppLifecycleState.PAUSE, ft.AppLifecycleState.HIDE):
        app.sync.set_foreground(foreground=False)

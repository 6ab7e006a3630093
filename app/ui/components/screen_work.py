"""Hook for the long task of one screen."""

import flet as ft

from app.ui.state import AppState
from app.viewmodels.services import LongTask
from app.viewmodels.work import ScreenWork


def use_work(app: AppState) -> tuple[ScreenWork, LongTask | None]:
    """Hook: the screen's long task, cancelled when the screen closes, and the progress to show."""
    nothing: LongTask | None = None
    shown, show = ft.use_state(nothing)
    screen_work = ft.use_memo(lambda: ScreenWork(app), [])
    screen_work.show = show
    ft.use_effect(lambda: None, [], screen_work.stop)
    return screen_work, shown

"""A text field that saves itself: when typing pauses, when it loses the focus and when its screen closes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from app.ui.components.fields import text_field
from app.ui.state import use_app

PAUSE = 0.6  # seconds after the last key: one write per keystroke would slow down typing


@dataclass
class _Unsaved:
    """The unsaved text, and the newest callback to save it: the field outlives many renders."""

    text: str | None = None
    save: Callable[[str], None] | None = None

    def flush(self) -> None:
        text, self.text = self.text, None
        if text is not None and self.save is not None:
            self.save(text)


@ft.component
def AutosaveText(
    label: str,
    value: str,
    on_save: Callable[[str], None],
    helper: str = "",
    error: str = "",
    multiline: bool = False,
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
) -> ft.Control:
    """A self-saving text field. `value` is the stored text; `on_save` gets each text that differs from it."""
    app = use_app()
    stored: str | None = None
    typed, set_typed = ft.use_state(stored)  # None: same as the stored text
    unsaved = ft.use_memo(_Unsaved, [])
    unsaved.save = on_save

    async def flush_after_pause(text: str) -> None:
        await asyncio.sleep(PAUSE)
        if unsaved.text == text:
            unsaved.flush()

    def change(text: str) -> None:
        set_typed(lambda _before: text)
        unsaved.text = text
        app.page.run_task(flush_after_pause, text)

    def leave() -> None:
        unsaved.flush()
        set_typed(lambda _before: None)

    ft.use_effect(lambda: None, [], unsaved.flush)
    return text_field(
        label,
        value if typed is None else typed,
        change,
        helper=helper,
        error=error,
        multiline=multiline,
        keyboard=keyboard,
        on_submit=leave,
        on_leave=leave,
    )

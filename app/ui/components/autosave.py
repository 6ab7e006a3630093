"""A text that keeps itself: saved when typing pauses, when the field is left and when its screen goes."""

import asyncio
from collections.abc import Callable

import flet as ft

from app.ui.components.fields import text_field
from app.ui.state import use_app

PAUSE = 0.6  # seconds without a key: a write a keystroke would make typing wait for the disk


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
    """`on_save` gets each text that differs from `value`, which is what is stored."""
    app = use_app()
    typed, set_typed = ft.use_state(None)
    pending = ft.use_ref(None)  # the text not saved yet
    save = ft.use_ref(lambda: on_save)  # a callable given as it is would be called for the first value
    save.current = on_save

    def flush() -> None:
        text, pending.current = pending.current, None
        if text is not None:
            save.current(text)

    async def flush_after_pause(text: str) -> None:
        await asyncio.sleep(PAUSE)
        if pending.current == text:
            flush()

    def change(text: str) -> None:
        set_typed(text)
        pending.current = text
        app.page.run_task(flush_after_pause, text)

    def leave() -> None:
        flush()
        set_typed(None)

    ft.use_effect(lambda: None, [], flush)
    field = text_field(
        label,
        value if typed is None else typed,
        change,
        helper=helper,
        error=error,
        multiline=multiline,
        keyboard=keyboard,
        on_submit=leave,
    )
    field.on_blur = lambda _event: leave()
    return field

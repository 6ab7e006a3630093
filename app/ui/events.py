"""Ordered event handling: each event reaches the screen as the previous event left it."""

import asyncio
from typing import Any

from flet.messaging.session import Session

from app.ui.components import returning

# A value that belongs to an event arrives with it; a value without an event is applied after this time.
LONE_VALUE_SECONDS = 0.1


class OrderedEvents:
    """Intercepts the events and patches between Flet's connection and a session, so that no typed text is
    lost.

    Flet runs each event in its own task and renders in another. While Python is busy, two things can go
    wrong:

    - Two events arrive together, such as a last letter and a tap on Save, and both are handled by the screen
      from
      before the letter. So the screen renders the changes of one event before the next is handled. Only the
      handler's first step is awaited: a handler that waits for a file does not block others.
    - A field's new value is applied when it arrives, but its event is handled later. A screen rendered in
      between knows only the old text, sees the field as changed and restores the old text. So values are held
      back until the event that comes with them is handled.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._dispatch = session.dispatch_event
        self._apply = session.apply_patch
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()
        self._values: list[tuple[int, dict[str, Any]]] = []
        session.dispatch_event = self.dispatch  # type: ignore[method-assign]
        session.apply_patch = self.keep_value  # type: ignore[method-assign]

    async def dispatch(self, control_id: int, event_name: str, event_data: Any) -> None:
        async with self._turn:
            returning.note(self._session, control_id, event_name, event_data)
            task = asyncio.create_task(self._handle(control_id, event_name, event_data))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            # One loop iteration for the handler, one to wake the renderer, one for it to render.
            for _turn in range(3):
                await asyncio.sleep(0)

    def keep_value(self, control_id: int, patch: dict[str, Any]) -> None:
        if not self._values:
            asyncio.get_running_loop().call_later(LONE_VALUE_SECONDS, self._apply_values)
        self._values.append((control_id, patch))

    async def _handle(self, control_id: int, event_name: str, event_data: Any) -> None:
        self._apply_values()
        await self._dispatch(control_id, event_name, event_data)  # runs up to the handler's first await

    def _apply_values(self) -> None:
        values, self._values = self._values, []
        for control_id, patch in values:
            self._apply(control_id, patch)

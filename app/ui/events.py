"""Events one after the other, each met by the screen as the one before left it."""

import asyncio
from typing import Any

from flet.messaging.session import Session

from app.ui.components import returning

# An event that belongs to a new value comes with it; a value that comes alone need not wait longer for one.
LONE_VALUE_SECONDS = 0.1


class OrderedEvents:
    """Stands between Flet's connection and a session, and keeps what a person typed from being lost.

    Flet gives each event a task of its own and renders in another. Two things can go wrong while Python is
    busy:

    - Two events that arrive together, a last letter and a tap on Save, are both handled by the screen from
      before the letter. So the screen renders what an event changed before the next one is handled. Only the
      first step of a handler is waited for: one that goes on to wait for a file holds nobody up.
    - A field's new value is taken over when it arrives, its event is handled later. A screen rendered in
      between knows the old text only, takes the field for changed and puts the old text back. So values are
      kept until the event that comes with them is handled.
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
            # One turn of the loop for the handler, one to wake the renderer, one for it to render.
            for _turn in range(3):
                await asyncio.sleep(0)

    def keep_value(self, control_id: int, patch: dict[str, Any]) -> None:
        if not self._values:
            asyncio.get_running_loop().call_later(LONE_VALUE_SECONDS, self._take_values)
        self._values.append((control_id, patch))

    async def _handle(self, control_id: int, event_name: str, event_data: Any) -> None:
        self._take_values()
        await self._dispatch(control_id, event_name, event_data)  # runs up to the handler's first wait

    def _take_values(self) -> None:
        values, self._values = self._values, []
        for control_id, patch in values:
            self._apply(control_id, patch)

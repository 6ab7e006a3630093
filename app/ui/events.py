"""Events one after the other, each met by the screen as the one before left it."""

import asyncio
from typing import Any

from flet.messaging.session import Session


def keep_in_order(session: Session) -> None:
    """Let a screen render what an event changed before the next event is handled.

    Flet gives each event a task of its own and renders in another. Two events that arrive together, a last
    letter and a tap on Save while Python was busy, would both be handled by the screen from before the
    letter, and the letter would be lost. Only the first step of a handler is waited for: one that goes on to
    wait for a file or a share sheet holds nobody up.
    """
    dispatch = session.dispatch_event
    turn = asyncio.Lock()
    running: set[asyncio.Task[None]] = set()

    async def dispatch_in_turn(control_id: int, event_name: str, event_data: Any) -> None:
        async with turn:
            task = asyncio.create_task(dispatch(control_id, event_name, event_data))
            running.add(task)
            task.add_done_callback(running.discard)
            # One turn of the loop for the handler, one to wake the renderer, one for it to render.
            for _turn in range(3):
                await asyncio.sleep(0)

    session.dispatch_event = dispatch_in_turn  # type: ignore[method-assign]

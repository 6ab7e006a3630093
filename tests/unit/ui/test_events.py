"""A tap sees the text typed before it, in whatever order Flet delivers the two events."""

import asyncio
from collections.abc import Callable
from typing import Any

from app.ui.events import LONE_VALUE_SECONDS, OrderedEvents

FIELD, BUTTON = 1, 2


class Form:
    """A text field and a Save button as Flet runs them: handlers belong to one rendering of the screen. A
    task of its own renders the screen and resets a field whose value differs from the screen's state."""

    def __init__(self) -> None:
        self.known = ""  # the screen's own state
        self.field = ""  # the field's value as the browser last reported it
        self.saved: list[str] = []
        self.resets: list[str] = []  # values sent to the browser in place of the typed text
        self.tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._handlers: dict[int, Callable[[Any], None]] = {}
        self.render()
        self._renderer = asyncio.create_task(self._render_when_changed())
        OrderedEvents(self)  # type: ignore[arg-type]

    def render(self) -> None:
        text = self.known
        if self.field != text:
            self.resets.append(text)
            self.field = text
        self._handlers = {FIELD: self._type, BUTTON: lambda _data: self.saved.append(text)}

    def ask_for_rendering(self) -> None:
        self._changed.set()

    def apply_patch(self, control_id: int, patch: dict[str, Any]) -> None:
        self.field = patch["value"]

    async def dispatch_event(self, control_id: int, event_name: str, event_data: Any) -> None:
        self._handlers[control_id](event_data)

    def press_key(self, text: str) -> None:
        """A key was pressed: Flet applies the value at once and starts a task for its event."""
        self.apply_patch(FIELD, {"value": text})
        self.tasks.append(asyncio.create_task(self.dispatch_event(FIELD, "change", text)))

    def tap(self) -> None:
        self.tasks.append(asyncio.create_task(self.dispatch_event(BUTTON, "click", None)))

    async def settle(self) -> None:
        await asyncio.gather(*self.tasks)
        await asyncio.sleep(0)
        self._renderer.cancel()

    def _type(self, text: str) -> None:
        self.known = text
        self.ask_for_rendering()

    async def _render_when_changed(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            self.render()


def test_a_tap_right_after_typing_saves_the_typed_text() -> None:
    async def play() -> Form:
        form = Form()
        for text in ("K", "Ka", "Kaeru"):
            form.press_key(text)
        form.tap()
        await form.settle()
        return form

    assert asyncio.run(play()).saved == ["Kaeru"]


def test_a_rendering_between_a_value_and_its_event_keeps_the_typed_text() -> None:
    async def play() -> Form:
        form = Form()
        await asyncio.sleep(0)
        form.ask_for_rendering()  # time has passed: the screen is due to be rendered
        form.press_key("Kaeru")
        await form.settle()
        return form

    form = asyncio.run(play())
    assert form.resets == []
    assert (form.field, form.known) == ("Kaeru", "Kaeru")


def test_a_value_without_an_event_is_kept() -> None:
    async def play() -> Form:
        form = Form()
        form.apply_patch(FIELD, {"value": "Kaeru"})
        await asyncio.sleep(LONE_VALUE_SECONDS * 2)
        await form.settle()
        return form

    assert asyncio.run(play()).field == "Kaeru"


def test_a_waiting_handler_does_not_block_later_events() -> None:
    class Picker(Form):
        def __init__(self) -> None:
            self.answered = asyncio.Event()
            self.happened: list[str] = []
            super().__init__()

        async def dispatch_event(self, control_id: int, event_name: str, event_data: Any) -> None:
            if event_name == "pick":
                await self.answered.wait()
            self.happened.append(event_name)

    async def play() -> list[str]:
        picker = Picker()
        await picker.dispatch_event(BUTTON, "pick", None)
        await picker.dispatch_event(BUTTON, "click", None)
        picker.answered.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await picker.settle()
        return picker.happened

    assert asyncio.run(play()) == ["click", "pick"]

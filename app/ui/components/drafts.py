"""Drafts: text typed into a form is stored on this device until it is saved or discarded.

It survives a reload, a killed tab and a phone that ends the app.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import flet as ft
from pydantic import ValidationError

from app.i18n import _
from app.store.drafts import Drafts
from app.store.transactions import StorageError
from app.ui.state import AppState
from app.viewmodels.draft_codecs import DraftCodec

SOON = 0.4
"""Seconds from the first unsaved key to the write; further typing does not postpone it."""

T = TypeVar("T")


class DraftKeeper(Generic[T]):
    """Stores the newest draft under a name, shortly after it was typed.

    `later` calls a function after `SOON`. Write errors are ignored: the form still has the text.
    """

    def __init__(
        self,
        drafts: Drafts,
        name: str,
        codec: DraftCodec[T],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        self.codec = codec
        self._drafts = drafts
        self._name = name
        self._later = later
        self._typed: tuple[T] | None = None  # not stored yet
        self._waits = False

    def found(self) -> tuple[datetime, T] | None:
        """The stored draft, and when it was last typed into."""
        with suppress(StorageError, ValidationError, ValueError, TypeError, KeyError):
            left = self._drafts.find(self._name)
            if left is not None:
                return left.kept_at, self.codec.unpack(left.value)
        return None

    def typed(self, value: T) -> None:
        self._typed = (value,)
        if not self._waits:
            self._waits = True
            self._later(self.flush)

    def flush(self) -> None:
        """Store what is not stored yet."""
        self._waits = False
        typed, self._typed = self._typed, None
        if typed is not None:
            self.keep(typed[0])

    def keep(self, value: T) -> None:
        with suppress(StorageError):
            packed = self.codec.pack(value)
            if packed:
                self._drafts.keep(self._name, packed)
            else:
                self._drafts.forget(self._name)

    def forget(self) -> None:
        self._typed = None
        with suppress(StorageError):
            self._drafts.forget(self._name)


@dataclass(frozen=True)
class KeptForm(Generic[T]):
    """A form's draft: its current value and the actions on it."""

    app: AppState
    value: T
    set: Callable[[Callable[[T], T]], None]
    left_at: datetime | None  # when the draft was left, if it is a restored one
    refusals: int  # how often saving was refused; each time the first error is scrolled to
    refused: Callable[[], None]
    start_over: Callable[[], None]
    keeper: DraftKeeper[T]
    path: str  # the form's address

    def save(self, save: Callable[[], bool]) -> bool:
        """Save the form. Undoing that returns to the form, with the typed values restored."""
        typed = self.value

        def back() -> None:
            self.keeper.keep(typed)
            self.app.go(self.path)

        with self.app.leading_back(back):
            saved = save()
        if saved:
            self.keeper.forget()
        return saved

    def save_kept(self, save: Callable[[], tuple[str, dict[str, str]]]) -> tuple[str, dict[str, str]]:
        """Like `save`, for a function that returns the saved record's id and the errors by field."""
        found: list[tuple[str, dict[str, str]]] = []

        def saved() -> bool:
            found.append(save())
            return bool(found[0][0])

        self.save(saved)
        return found[0]

    def discard(self) -> None:
        self.keeper.forget()


def use_draft(app: AppState, name: str, opened: T, codec: DraftCodec[T]) -> KeptForm[T]:
    """Hook: the draft called `name`, of one form and record: the stored draft, or else `opened`.

    `codec` may change with each render, e.g. with the currently stored values.
    """
    path = ft.use_view_path()

    def later(act: Callable[[], None]) -> None:
        app.page.run_task(_soon, act)

    keeper = ft.use_memo(lambda: DraftKeeper(app.store.drafts, name, codec, later), [name])
    keeper.codec = codec
    left = ft.use_memo(keeper.found, [name])
    first = left[1] if left else opened
    value, set_value = ft.use_state(first)
    came_back, set_came_back = ft.use_state(left is not None)
    refusals, set_refusals = ft.use_state(0)
    ft.use_effect(lambda: None, [], keeper.flush)

    def change(update: Callable[[T], T]) -> None:
        def typed(before: T) -> T:
            after = update(before)
            keeper.typed(after)
            return after

        set_value(typed)

    def start_over() -> None:
        keeper.forget()
        set_value(lambda _before: opened)
        set_came_back(False)

    return KeptForm(
        app=app,
        value=value,
        set=change,
        left_at=left[0] if left and came_back else None,
        refusals=refusals,
        refused=lambda: set_refusals(lambda before: before + 1),
        start_over=start_over,
        keeper=keeper,
        path=path,
    )


async def _soon(act: Callable[[], None]) -> None:
    await asyncio.sleep(SOON)
    act()


def left_note(form: KeptForm[Any]) -> list[ft.Control]:
    """A note that a draft was restored, with its time and a button to discard it."""
    if form.left_at is None:
        return []
    when = form.app.format.when(form.left_at, form.app.now)
    return [
        ft.Container(
            ft.Row(
                [
                    ft.Icon(ft.Icons.EDIT_NOTE, color=ft.Colors.ON_SECONDARY_CONTAINER),
                    ft.Semantics(
                        content=ft.Text(
                            _("What you typed before is back ({when})").format(when=when),
                            color=ft.Colors.ON_SECONDARY_CONTAINER,
                        ),
                        live_region=True,
                        expand=True,
                    ),
                    ft.TextButton(_("Start empty"), on_click=lambda _event: form.start_over()),
                ],
                spacing=12,
            ),
            bgcolor=ft.Colors.SECONDARY_CONTAINER,
            border_radius=12,
            padding=ft.Padding(left=16, right=8, top=4, bottom=4),
        )
    ]

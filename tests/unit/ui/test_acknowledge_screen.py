"""Copying an acknowledgement does not note it; only the user's confirmation that it was sent does."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import flet as ft

from app.domain.column_types import Channel
from app.domain.entities import Client, Message
from app.ui.message import acknowledge
from app.ui.state import AppState
from app.viewmodels import acknowledging
from app.viewmodels.scripts.filling import filling, find
from tests.unit.platform.screen import Screen

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
TOMORROW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # 10:00 in Paris


def buttons(control: ft.Control) -> Iterator[ft.Control]:
    for each in getattr(control, "controls", []):
        yield from (
            [each] if isinstance(each, ft.Button | ft.OutlinedButton | ft.TextButton) else buttons(each)
        )


def buttons_on_page(
    app: AppState, promised: datetime | None
) -> tuple[dict[str, ft.Control], list[str], list[str]]:
    async def run() -> tuple[dict[str, ft.Control], list[str], list[str]]:
        _screen = Screen()  # buttons that copy need a page
        return build_buttons(app, promised)

    return asyncio.run(run())


def build_buttons(
    app: AppState, promised: datetime | None
) -> tuple[dict[str, ft.Control], list[str], list[str]]:
    """The buttons at the bottom by label, and the lists that record copying and noting."""
    app.store.save(
        Client(id="c", name="Weber"), Message(id="m", client_id="c", at=NOW - timedelta(hours=1), summary="x")
    )
    page = find(app, acknowledging.SCRIPT, "/message/m", "en")
    assert page is not None
    now = filling(page, {}, {"due": TOMORROW})
    copied: list[str] = []
    noted: list[str] = []
    bottom = acknowledge.ways_out(
        app,
        Channel(kind="email", handle="ana@example.com"),
        page,
        now,
        promised,
        lambda: copied.append("copied"),
        lambda: noted.append("noted"),
    )
    return {str(each.content): each for each in buttons(bottom)}, copied, noted  # type: ignore[attr-defined]


def press(button: ft.Control) -> None:
    button.on_click(None)  # type: ignore[attr-defined]


def test_copying_or_opening_the_mail_does_not_note_the_acknowledgement(app: AppState) -> None:
    found, copied, noted = buttons_on_page(app, None)
    for label in ("Copy", "Write an e-mail"):
        press(found[label])
    assert len(copied) == 2
    assert noted == []
    assert "Note it without a text" in found


def test_after_copying_one_button_notes_the_acknowledgement_with_the_promised_time(app: AppState) -> None:
    found, _copied, noted = buttons_on_page(app, TOMORROW)
    (label,) = [label for label in found if label.startswith("Acknowledged: answer by ")]
    assert "tomorrow at 10" in label.lower()
    press(found[label])
    assert noted == ["noted"]

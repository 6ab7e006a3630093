"""The notification settings: what they say about reaching this device, and which step they offer."""

from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from app.platform.base import NotificationCapability
from app.ui.notifications import reach, view

PUNCTUAL = NotificationCapability("alarms", "granted", alarms=400)
LATE = NotificationCapability("alarms", "granted", alarms=400, punctual=False)
SERVER = "https://kaeru.example"


def standing(
    ringing: NotificationCapability, *, device: str = "", platform: ft.PagePlatform = ft.PagePlatform.ANDROID
) -> Any:
    app: Any = SimpleNamespace(
        platform=SimpleNamespace(origin="", notifications=None),
        page=SimpleNamespace(platform=platform),
        sync=SimpleNamespace(reminders=SimpleNamespace(device=device)),
        store=SimpleNamespace(sync_store=SimpleNamespace(state=lambda: SimpleNamespace(server=SERVER))),
        open=None,
    )
    return view._standing(app, ringing, True, lambda _act: None)


def texts(control: Any) -> list[str]:
    """All texts inside the control, including button labels."""
    found = [control.value] if isinstance(control, ft.Text) else []
    children = [*(getattr(control, "controls", None) or []), getattr(control, "content", None)]
    for child in children:
        found += [child] if isinstance(child, str) else texts(child) if child is not None else []
    return found


def written(controls: list[Any]) -> str:
    return "\n".join(text for control in controls for text in texts(control))


def test_inexact_alarms_are_reported_as_late_and_offer_to_allow_exact_ones() -> None:
    controls = standing(LATE)
    assert "up to an hour late" in written(controls)
    (button,) = (each for each in controls if isinstance(each, ft.FilledButton))
    assert button.content == "Allow exact alarms…"


def test_exact_alarms_show_no_delay_and_no_request() -> None:
    assert "late" not in written(standing(PUNCTUAL))
    assert "Allow exact" not in written(standing(PUNCTUAL))


@pytest.mark.parametrize("platform", [ft.PagePlatform.ANDROID, ft.PagePlatform.IOS])
def test_a_syncing_phone_says_it_misses_changes_while_closed(platform: ft.PagePlatform) -> None:
    said = written(standing(PUNCTUAL, device="this", platform=platform))
    assert "this phone does not learn what you record on your other devices" in said
    assert (SERVER in said) == (platform is ft.PagePlatform.ANDROID)


def test_without_sync_other_devices_are_not_mentioned() -> None:
    assert "other devices" not in written(standing(PUNCTUAL))


def test_a_browser_does_not_mention_missed_changes() -> None:
    assert "other devices" not in written(
        standing(NotificationCapability("push", "granted", True), device="this")
    )


def test_a_phone_without_notifications_is_not_called_a_browser() -> None:
    assert "browser" not in reach.cannot(in_browser=False)
    assert "browser" in reach.cannot(in_browser=True)
    assert "browser" not in written(standing(NotificationCapability("no")))

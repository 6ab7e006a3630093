"""The main screens on a phone of 390 × 844 pixels, with texts 1.4 times as long as in English."""

import io
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright

from tests import pseudo_locale
from tests.e2e.browser import ROOT, START_MS, Phone, enable_semantics
from tests.e2e.native import NativeApp

SCREENS = (
    *("/clients", "/jobs", "/scripts", "/trust", "/", "/new/message", "/message/sample-message-0"),
    *("/clients/client/sample-client-marcus", "/clients/ladder/sample-client-marcus"),
    *("/jobs/job/sample-job-brochures", "/jobs/edit-job/sample-job-brochures"),
    *("/clients/edit-client/sample-client-marcus", "/scripts/script/already-sent", "/workload/week"),
    *("/waiting/all", "/settings/main", "/settings/time", "/settings/sync"),
)
# Changes the address as the browser's own buttons do: the app navigates without restarting.
GO = """address => {
  history.pushState(null, '', address);
  dispatchEvent(new PopStateEvent('popstate', {state: null}));
}"""
SETTLED_MS = 500
SIDE = 6  # cards and texts keep 16 pixels from the sides, the mark of the first tab 7
BAR = 56


def test_no_screen_is_wider_than_a_phone_in_the_pseudo_locale(
    playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "build"))  # to find the catalogues
    app = NativeApp(tmp_path / "data", pseudo_locale.CODE, "Europe/Paris", "tests.e2e.pseudo")
    app.start()
    phone = Phone(playwright, tmp_path / "profile", app.url, locale="en-GB")
    try:
        page = phone.open()
        enable_semantics(page)
        page.wait_for_function("() => document.body.innerText.includes('[')", timeout=START_MS)
        assert {screen: found for screen in SCREENS if (found := too_wide(page, screen))} == {}
        assert app.complaints() == []
    finally:
        phone.close()
        app.stop()


def too_wide(page: Page, screen: str) -> list[int]:
    """The y positions where something reaches a side of the screen: there is more than one colour."""
    before = page.screenshot()
    page.evaluate(GO, screen)
    picture = Image.open(io.BytesIO(settled(page, before))).convert("RGB")
    width, height = picture.size
    lines = [picture.crop((left, 0, left + SIDE, height)) for left in (0, width - SIDE)]
    return [
        y
        for y in range(BAR, height)
        if any(line.getpixel((x, y)) != line.getpixel((0, y)) for line in lines for x in range(1, SIDE))
    ]


def settled(page: Page, before: bytes) -> bytes:
    """A screenshot after the screen has changed and stopped moving."""
    last = before
    deadline = time.monotonic() + START_MS / 1000
    while time.monotonic() < deadline:
        page.wait_for_timeout(SETTLED_MS)
        picture = page.screenshot()
        if picture == last != before:
            return picture
        last = picture
    raise AssertionError(f"{page.url} does not come to rest")

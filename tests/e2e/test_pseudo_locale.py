"""The main screens on a phone, 390 × 844, in words 1.4 times as long as the English ones."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from tests import pseudo_locale
from tests.e2e.browser import PHONE, ROOT, START_MS, Phone, enable_semantics
from tests.e2e.native import NativeApp

SCREENS = (
    *("/clients", "/jobs", "/scripts", "/trust", "/", "/new/message", "/message/sample-message-0"),
    *("/clients/client/sample-client-marcus", "/clients/ladder/sample-client-marcus"),
    *("/jobs/job/sample-job-brochures", "/jobs/edit-job/sample-job-brochures"),
    *("/clients/edit-client/sample-client-marcus", "/scripts/script/already-sent", "/workload/week"),
    *("/waiting/all", "/settings/main", "/settings/time", "/settings/sync"),
)
# The address as a browser's own buttons change it: the app goes there without a new start.
GO = """address => {
  history.pushState(null, '', address);
  dispatchEvent(new PopStateEvent('popstate', {state: null}));
}"""
ON_SCREEN = """() => JSON.stringify([...document.querySelectorAll('flt-semantics')].map(element => {
  const {left, right} = element.getBoundingClientRect();
  const said = element.getAttribute('aria-label') ?? (element.childElementCount ? '' : element.textContent);
  return {left, right, said: said ?? ''};
}))"""
SETTLED_MS = 1_000  # what a screen takes to slide in, on a machine with other things to do


def test_no_screen_is_wider_than_a_phone(
    playwright: Playwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "build"))  # for the catalogues
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


def too_wide(page: Page, screen: str) -> list[str]:
    """What reaches beyond the sides of the screen."""
    before = page.evaluate(ON_SCREEN)
    page.evaluate(GO, screen)
    page.wait_for_function(f"before => ({ON_SCREEN})() !== before", arg=before)
    page.wait_for_timeout(SETTLED_MS)
    found = json.loads(page.evaluate(ON_SCREEN))
    assert any("[" in each["said"] for each in found), screen
    return [each["said"] for each in found if each["left"] < -1 or each["right"] > PHONE["width"] + 1]

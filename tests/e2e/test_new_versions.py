"""New versions: offered while the app runs, installed on request, and replaced when one is broken."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Download, Page, expect

from tests.e2e.browser import START_MS, Cover, Phone, Server, enable_semantics, wait_for_app
from tests.e2e.test_shell import expect_today, release_of, skip_welcome


def test_a_new_version_is_offered_and_only_changed_files_are_downloaded(
    phone: Phone, server: Server, web: Path, publish: Callable[[str], None]
) -> None:
    page = phone.start()
    skip_welcome(page)
    page.evaluate("globalThis.sameVisit = true")
    old, release = served_hash(page, "/app.zip"), release_of(web)

    server.forget_requests()
    publish("# the next version")
    look_for_update(page)
    update = page.get_by_role("button", name="Update now")
    expect(update).to_be_visible(timeout=START_MS)
    # The service worker and its modules are fetched with the list of changes, which is a part of it.
    worker_modules = {
        "/page/files.js",
        *(f"/worker/{name}.js" for name in ("answers", "notifying", "rings", "sealing", "vault")),
    }
    changed = {"/app.zip", "/worker/release.js"}
    assert {path for path in server.requests() if path in release} - worker_modules == changed
    # Offered, not forced: the visit continues in its version.
    assert page.evaluate("globalThis.sameVisit")
    assert served_hash(page, "/app.zip") == old

    with page.expect_navigation(wait_until="commit"):
        update.click()
    wait_for_app(page)
    expect_today(page)
    assert served_hash(page, "/app.zip") == release_of(web)["/app.zip"]["hash"] != old


def test_a_broken_version_saves_the_records_and_installs_the_next_one(
    phone: Phone, publish: Callable[[str], None], tmp_path: Path
) -> None:
    page = phone.start()
    skip_welcome(page)
    publish("raise RuntimeError('this version is broken')")
    look_for_update(page)
    page.get_by_role("button", name="Update now").click(timeout=START_MS)
    cover = Cover(page)
    expect(cover.title).to_have_text("Kaeru could not start", timeout=START_MS)
    expect(cover.details).to_contain_text("this version is broken")

    saved: list[Download] = []
    page.on("download", lambda download: saved.append(download))  # noqa: PLW0108 - Playwright marks it
    cover.actions.get_by_text("Save a copy of my records").click()
    while len(saved) < 2:
        page.wait_for_event("download")
    for download in saved:
        download.save_as(tmp_path / download.suggested_filename)
    with closing(sqlite3.connect(tmp_path / "kaeru.db")) as database:
        assert database.execute("SELECT introduced FROM settings").fetchall() == [(1,)]

    publish("# mended")
    cover.actions.get_by_text("Try again").click()
    # The app may report once more that it could not start, until the new version has arrived.
    page.locator("#cover.leaving").wait_for(state="attached", timeout=START_MS)
    enable_semantics(page)
    expect_today(page)


def look_for_update(page: Page) -> None:
    """Check for an update, as the page does every hour."""
    page.evaluate("navigator.serviceWorker.ready.then(registration => registration.update()).then(() => 0)")


def served_hash(page: Page, path: str) -> str:
    """SHA-256 of the response for a path."""
    digest = page.evaluate(
        """async (path) => {
            const bytes = await (await fetch(path)).arrayBuffer();
            return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))];
        }""",
        path,
    )
    return bytes(digest).hex()

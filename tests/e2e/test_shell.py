"""The page around the app: first visit, offline use, one tab at a time, and start errors."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.browser import ELSEWHERE, START_MS, Cover, Held, Outside, Phone, Server, wait_for_app

# A busy device that grants a lock late.
SLOW_LOCKS = """const { request } = LockManager.prototype;
LockManager.prototype.request = async function (...given) {
  await new Promise((resolve) => setTimeout(resolve, 2000));
  return request.apply(this, given);
}"""
# A service worker that registers when the test calls serve(); requests that pass one cannot be held.
LATE_SERVICE = """const { register } = ServiceWorkerContainer.prototype;
const called = new Promise((serve) => Object.assign(globalThis, { serve }));
const wanted = navigator.serviceWorker.controller || called;
ServiceWorkerContainer.prototype.register = async function (...given) {
  await wanted;
  return register.apply(this, given);
}"""
# Returns the ways of turning text into code that the browser does not refuse.
TEXT_TO_CODE = """() => {
  const tries = {
    "HTML": () => { document.createElement("div").innerHTML = "<b>text</b>"; },
    "a script elsewhere": () => { document.createElement("script").src = "https://example.org/script.js"; },
    "a worker elsewhere": () => { new Worker("https://example.org/worker.js"); },
    "a script's text": () => { document.createElement("script").textContent = "1 + 1"; },
    "a policy": () => { trustedTypes.createPolicy("another", { createHTML: (text) => text }); },
  };
  const isRefused = (run) => {
    try { run(); return false; } catch (error) { return error instanceof TypeError; }
  };
  return Object.keys(tries).filter((name) => !isRefused(tries[name]));
}"""
STORES = "async count => (await (await caches.open('kaeru-files')).keys()).length === count"
NO_GPU = """for (const canvas of [HTMLCanvasElement, OffscreenCanvas]) {
  const { getContext } = canvas.prototype;
  canvas.prototype.getContext = function (kind, ...given) {
    return kind.startsWith("webgl") ? null : getContext.call(this, kind, ...given);
  };
}"""
MANIFEST_LANGUAGE = """fetch(document.querySelector("link[rel=manifest]").href)
  .then((response) => response.json()).then((manifest) => manifest.lang)"""
NO_DIRECTORY = "delete StorageManager.prototype.getDirectory"


def release_of(web: Path) -> dict[str, dict[str, Any]]:
    """The files that Chromium downloads, by URL."""
    files = json.loads((web / "precache.json").read_text())["files"]
    return {file["url"]: file for file in files if file.get("renderer", "skwasm") == "skwasm"}


def expect_welcome(page: Page) -> None:
    """Wait for the first screen of a new install, drawn by Flutter from what Python sent."""
    expect(page.get_by_role("button", name="Next")).to_be_visible(timeout=START_MS)


def expect_tab(page: Page, name: str) -> None:
    expect(page.get_by_role("tab", name=name, selected=True)).to_be_visible(timeout=START_MS)


def expect_today(page: Page) -> None:
    expect_tab(page, "Today")


def skip_welcome(page: Page) -> None:
    page.get_by_role("button", name="Skip").click()
    expect_today(page)


# --- first visit ---------------------------------------------------------------------------------------


def test_the_first_visit_shows_real_progress_and_resumes_a_broken_download(
    new_phone: Phone, server: Server, web: Path
) -> None:
    release = release_of(web)
    total = sum(file["transfer"] for file in release.values())
    arrived = total - release["/packages.zip"]["transfer"]
    page = new_phone.open(ELSEWHERE)
    cover = Cover(page)
    held = Held(page, "/packages.zip")
    page.add_init_script(LATE_SERVICE)

    page.goto(new_phone.url)
    held.wait()
    page.evaluate("serve()")
    # Everything but the one file has arrived, and the cover shows that.
    expect(cover.progress).to_have_text(f"{arrived / 1e6:.1f} of {total / 1e6:.1f} MB", timeout=START_MS)
    expect(cover.bar).to_have_attribute("aria-valuenow", str(round(100 * arrived / total)))

    # A file is checked before it is stored.
    page.wait_for_function(STORES, arg=len(release) - 1)
    held.fail()
    expect(cover.title).to_have_text("Kaeru could not be downloaded")
    expect(cover.title).to_be_focused()
    server.forget_requests()
    cover.actions.get_by_text("Try again").click()
    wait_for_app(page)
    expect_welcome(page)
    # The page's own few files are fetched on every load until the service worker runs; the rest is stored.
    large = {path for path, file in release.items() if file["transfer"] > 20_000}
    assert large & set(server.requests()) == {"/packages.zip"}

    devtools = page.context.new_cdp_session(page)
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []


@pytest.mark.parametrize("renderer", ["skwasm", "canvaskit"])
def test_a_first_visit_downloads_less_than_15_megabytes_in_every_browser(web: Path, renderer: str) -> None:
    files = json.loads((web / "precache.json").read_text())["files"]
    downloaded = [file for file in files if file.get("renderer", renderer) == renderer]
    assert sum(file["transfer"] for file in downloaded) < 15_000_000


def test_files_for_the_installation_are_served_but_not_precached(web: Path, server: Server) -> None:
    kept = {file["url"] for file in json.loads((web / "precache.json").read_text())["files"]}
    icons = {icon["src"] for icon in json.loads((web / "manifest.webmanifest").read_text())["icons"]}
    asked = {*icons, "/icons/apple-touch-icon.png", "/assets/NOTICES"}
    assert {"/icons/icon-512.png", "/assets/NOTICES"} <= asked - kept
    assert "/icons/icon-192.png" in kept  # shown on each notification
    for path in asked:
        with urlopen(server.url + path) as answer:
            assert answer.status == 200
            assert answer.read() == (web / path.removeprefix("/")).read_bytes()


def test_python_starts_while_other_files_download(new_phone: Phone) -> None:
    page = new_phone.open(ELSEWHERE)
    with page.expect_worker(lambda worker: worker.url.endswith("/worker/python-worker.js"), timeout=START_MS):
        page.goto(new_phone.url, wait_until="commit")
    expect(Cover(page).progress).to_contain_text(" MB", timeout=100)


@pytest.mark.parametrize(
    ("locale", "language"), [("en-GB", "en"), ("fr-CA", "fr"), ("ja-JP", "ja"), ("pt-BR", "en")]
)
def test_the_cover_is_in_the_users_language(
    playwright: Playwright, server: Server, web: Path, tmp_path: Path, locale: str, language: str
) -> None:
    phone = Phone(playwright, tmp_path / "profile", server.url, locale=locale)
    page = phone.open(ELSEWHERE)
    held = Held(page, "/precache.json")
    page.goto(phone.url)
    words = json.loads((web / "words.json").read_text())[language]
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.evaluate(MANIFEST_LANGUAGE) == language
    expect(page.locator("#tagline")).to_have_text(words["Reply in time. Go home on time."])
    held.fail()
    expect(Cover(page).title).to_have_text(words["Kaeru could not be downloaded"])
    phone.close()


def test_the_enable_accessibility_button_is_in_the_users_language(
    make_phone: Callable[..., Phone], web: Path
) -> None:
    phone = make_phone(locale="ja-JP")
    page = phone.open()
    page.goto(phone.url)
    page.locator("#cover.leaving").wait_for(state="attached", timeout=START_MS)
    words = json.loads((web / "words.json").read_text())["ja"]
    button = page.locator("flt-semantics-placeholder")
    expect(button).to_have_attribute("aria-label", words["Enable accessibility"])
    assert button.get_attribute("aria-label") != "Enable accessibility"


def test_a_slow_start_offers_to_try_again(new_phone: Phone) -> None:
    page = new_phone.open(ELSEWHERE)
    page.clock.install()
    held = Held(page, "/precache.json")
    page.goto(new_phone.url)
    again = page.get_by_role("button", name="Try again")
    expect(Cover(page).progress).to_have_text("Starting…")
    expect(again).to_be_hidden()
    held.wait()
    page.clock.fast_forward("01:00")
    expect(again).to_be_visible()
    with page.expect_navigation(wait_until="commit"):
        again.click()


def test_a_full_device_gets_a_notice_and_can_try_again(new_phone: Phone) -> None:
    page = new_phone.open(ELSEWHERE)
    limit_storage(page, new_phone.url, 8_000_000)
    page.goto(new_phone.url)
    cover = Cover(page)
    expect(cover.title).to_have_text("There is not enough room on this device", timeout=START_MS)
    expect(cover.text).to_have_text(re.compile(r"Kaeru needs about \d+\.\d MB"))
    limit_storage(page, new_phone.url, None)
    cover.actions.click()
    wait_for_app(page)
    expect_welcome(page)


def limit_storage(page: Page, origin: str, size: int | None) -> None:
    """Limit the storage of an origin to `size` bytes; None removes the limit."""
    devtools = page.context.new_cdp_session(page)
    quota = {} if size is None else {"quotaSize": size}
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": origin, **quota})


def test_a_browser_without_file_storage_gets_a_notice_before_any_download(
    new_phone: Phone, server: Server
) -> None:
    page = new_phone.open(ELSEWHERE)
    page.add_init_script(NO_DIRECTORY)
    server.forget_requests()
    page.goto(new_phone.url)
    expect(Cover(page).title).to_have_text("This browser cannot keep your records")
    assert "/packages.zip" not in server.requests()


# --- offline -----------------------------------------------------------------------------------------------


def test_the_app_needs_no_server_after_the_first_visit(phone: Phone, server: Server) -> None:
    server.stop()
    try:
        page = phone.start()
        expect_welcome(page)
        skip_welcome(page)
        page.reload()
        wait_for_app(page)
        expect_today(page)

        phone.kill()
        page = phone.start("/jobs")
        expect_tab(page, "Jobs")
        assert page.url == f"{phone.url}/jobs"
        policy = page.evaluate(
            "fetch('/index.html').then(page => page.headers.get('content-security-policy'))"
        )
        assert "script-src 'self'" in policy
    finally:
        server.start()


@pytest.mark.parametrize("gpu", [True, False], ids=["gpu", "no-gpu"])
def test_the_app_runs_with_trusted_types_enforced(phone: Phone, gpu: bool) -> None:
    page = phone.open(ELSEWHERE)
    if not gpu:
        page.add_init_script(NO_GPU)
    page.goto(phone.url)
    wait_for_app(page)
    expect_welcome(page)
    skip_welcome(page)
    assert [text for text in phone.complaints if "Trusted" in text or "Security Policy" in text] == []
    assert page.evaluate(TEXT_TO_CODE) == []


def test_a_device_without_a_gpu_uses_the_canvaskit_client(phone: Phone, server: Server) -> None:
    page = phone.open(ELSEWHERE)
    page.add_init_script(NO_GPU)
    server.forget_requests()
    page.goto(phone.url)
    wait_for_app(page)
    expect_welcome(page)
    # The start with the other renderer failed; the files that both need were stored already.
    fetched = set(server.requests())
    assert {"/main.dart.js", "/canvaskit/canvaskit.wasm"} <= fetched
    assert not fetched & {"/main.dart.wasm", "/packages.zip"}

    server.stop()
    try:
        page.reload()
        wait_for_app(page)
        expect_welcome(page)
    finally:
        server.start()


def test_no_other_origin_is_requested_and_the_policy_is_enforced(
    playwright: Playwright, server: Server, tmp_path: Path
) -> None:
    """From the first visit to a used app: every request, and every host requested outside this machine."""
    with Outside() as outside:
        phone = Phone(playwright, tmp_path / "profile", server.url, locale="en-US", proxy=outside.proxy)
        page = phone.start("/new/message")
        page.get_by_role("button", name="Skip").click()
        page.get_by_role("textbox").first.click()
        page.keyboard.type("髙橋さん 😀 안녕")  # in the fonts, in the emoji font, in no font
        page.wait_for_timeout(1500)
        page.evaluate(
            "fetch('//example.org').catch(() => 0)"
        )  # blocked by the policy, and recorded as a complaint
        phone.close()
        outside.shutdown()
    foreign = [url for url in phone.requests if not url.startswith((phone.url, "blob:", "data:"))]
    assert foreign == []
    assert outside.asked_by_the_app() == []
    assert [text for text in phone.complaints if "example.org" not in text] == []
    assert phone.complaints != []


# --- one tab at a time -------------------------------------------------------------------------------------


def test_a_second_tab_gets_a_notice_and_can_take_over_and_give_back(phone: Phone) -> None:
    first = phone.start()
    expect_welcome(first)
    second = phone.open()
    cover = Cover(second)
    expect(cover.title).to_have_text("Kaeru is open in another tab")
    expect(cover.title).to_be_focused()

    cover.actions.click()
    wait_for_app(second)
    skip_welcome(second)
    expect(Cover(first).title).to_have_text("Kaeru moved to another tab")
    # Neither Tab nor a screen reader reaches what is below the notice.
    for _ in range(4):
        first.keyboard.press("Tab")
        assert not first.evaluate("document.querySelector('flutter-view').contains(document.activeElement)")

    Cover(first).actions.click()
    wait_for_app(first)
    expect_today(first)  # what the second tab recorded is here
    expect(Cover(second).title).to_have_text("Kaeru moved to another tab")


def test_a_slow_lock_is_not_mistaken_for_a_second_tab(phone: Phone) -> None:
    page = phone.open(ELSEWHERE)
    page.add_init_script(SLOW_LOCKS)
    page.goto(phone.url)
    wait_for_app(page)

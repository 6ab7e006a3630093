"""Takes pictures of every main screen, several to a sheet, for a person to look at.

`python build/screen_pictures.py FOLDER [LANGUAGE…]`: in each language, light and dark, at 100 and 200 % text,
as on a phone; the main ones also in a desktop's window. It is the app of the stores' pictures, with more
records.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from screen_records import CALLED_OFF, OWED, last_step_client, sent_message
from store_pictures import ARGUMENTS, ROOT, START_MS, ZONE, ZONES, caller, shown

SETTLED_MS = 400
TURNS = 20  # of waiting for a screen to stand still
SAID = "document.querySelector('flt-semantics-host').textContent"

SCREENS = (
    "/", "/waiting/all", "/message/sample-message-2", "/clients/client/{caller}/call/sample-call-1",
    "/jobs", "/jobs/job/{job}",
    "/clients", "/clients/client/{caller}", "/clients/client/{caller}/standing-call/{caller}",
    "/clients/client/{caller}/ladder/{caller}", "/clients/client/{caller}/update/new",
    "/clients/client/{caller}/edit-client/{caller}",
    "/scripts", "/scripts/script/already-sent", "/clients/client/{caller}/say/{caller}", "/new/message",
    "/search/all", "/new/call",
    "/jobs/job/{job}/edit-job/{job}", "/trust", "/workload/week", "/clients/exposure/all", "/settings/main",
    "/settings/notifications", "/settings/sync", "/settings/time", "/settings/replies", "/settings/data",
    "/clients/client/{caller}/call/{called_off}", "/message/{sent}", "/message/{owed}",
    "/message/{owed}/edit-message/{owed}", "/message/sample-message-2/acknowledge/sample-message-2",
    "/clients/client/{last_step}/ladder/{last_step}",
    "/settings/main/import/jobs", "/scripts/edit-script/new", "/scripts/checklist/before-delivery",
    "/trust/trust-share/all", "/new/job", "/nowhere",
)  # fmt: skip
MAIN = SCREENS[:16]  # in a desktop's window


@dataclass(frozen=True)
class Look:
    """How the app is looked at: the window in logical pixels, the text's size in percent."""

    scheme: str
    text: int
    width: int = 390
    height: int = 844

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}-{self.text}"


PHONES = [Look("light", 200), Look("dark", 100), Look("light", 100), Look("dark", 200)]
DESKTOPS = [Look("light", 100, 1280, 800), Look("dark", 100, 1280, 800)]


def open_app(browser: Browser, url: str, language: str, look: Look) -> Page:
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height}, color_scheme=look.scheme, locale=language,  # type: ignore[arg-type]
        timezone_id=ZONES.get(language, ZONE),
    )  # fmt: skip
    page = context.new_page()
    page.goto(url)
    placeholder = page.locator("flt-semantics-placeholder")
    placeholder.wait_for(state="attached", timeout=START_MS)
    placeholder.evaluate("element => element.click()")
    page.locator("flt-semantics[role=button]").first.wait_for(state="attached", timeout=START_MS)
    page.evaluate("size => { document.documentElement.style.fontSize = `${size}%` }", look.text)
    return page


def still(page: Page) -> Image.Image:
    """The screen, once two looks at it are the same."""
    before, now = b"", page.screenshot()
    for _turn in range(TURNS):
        if before == now:
            break
        page.wait_for_timeout(SETTLED_MS)
        before, now = now, page.screenshot()
    return Image.open(io.BytesIO(now)).convert("RGB")


def go(page: Page, address: str) -> None:
    """Lead the app to an address, and wait until something else is said on the screen."""
    said = page.evaluate(SAID)
    page.evaluate(
        "address => { history.pushState(null, '', address); dispatchEvent(new PopStateEvent('popstate')); }",
        address,
    )
    for _turn in range(TURNS):
        page.wait_for_timeout(SETTLED_MS)
        if page.evaluate(SAID) != said:
            return


def pictures(page: Page, addresses: Sequence[str], look: Look) -> Iterator[Image.Image]:
    """Of each screen, its beginning; on a phone in the light its end too, where that is another."""
    for address in addresses:
        go(page, address)
        beginning = still(page)
        yield beginning
        if look.width < DESKTOPS[0].width and look.scheme == "light":
            page.mouse.move(look.width / 2, look.height / 2)
            page.mouse.wheel(0, 100_000)
            end = still(page)
            if end.tobytes() != beginning.tobytes():
                yield end


def sheets(taken: Sequence[Image.Image], look: Look, folder: Path, name: str) -> None:
    columns = 6 if look.width < DESKTOPS[0].width else 2
    rows = 1 if look.width < DESKTOPS[0].width else 2
    each = columns * rows
    for start in range(0, len(taken), each):
        sheet = Image.new("RGB", (columns * (look.width + 8), rows * (look.height + 8)), "magenta")
        for place, picture in enumerate(taken[start : start + each]):
            sheet.paste(picture, (place % columns * (look.width + 8), place // columns * (look.height + 8)))
        path = folder / f"{name}-{start // each + 1:02}.png"
        sheet.save(path)
        print(f"· {path}", flush=True)


def main(folder: Path, languages: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    executable = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        for language in languages:
            job = first_job(language)
            names = {
                "caller": caller(language), "job": job, "sent": sent_message(language), "owed": OWED,
                "called_off": CALLED_OFF, "last_step": last_step_client(language),
            }  # fmt: skip
            looks = [*PHONES, *DESKTOPS] if language == languages[0] else [*PHONES, DESKTOPS[0]]
            taken: dict[Look, list[Image.Image]] = {}
            with shown(language, "first") as url:
                for look in looks:
                    page = open_app(browser, url, language, look)
                    taken[look] = [still(page)]
                    page.context.close()
            with shown(language, "more") as url:
                for look in looks:
                    page = open_app(browser, url, language, look)
                    screens = MAIN if look in DESKTOPS else SCREENS
                    taken[look] += pictures(page, [each.format(**names) for each in screens], look)
                    page.context.close()
                    sheets(taken[look], look, folder, f"{language}-{look.name}")
        browser.close()


def first_job(language: str) -> str:
    """The first job of the sample."""
    data = json.loads((ROOT / "locales" / language / "sample.json").read_text(encoding="utf-8"))
    return f"sample-job-{data['jobs'][0]['key']}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(ZONES))

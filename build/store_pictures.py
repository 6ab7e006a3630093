"""Makes the stores' pictures: the app itself in headless Chromium, with its sample data on a Tuesday morning.

`python build/store_pictures.py` (make store) renders all of them; `… show LANGUAGE PORT` is the app it shows,
`… show LANGUAGE PORT first` its first run, and `… show LANGUAGE PORT more` has records that the sample lacks.
The results are committed. build/screen_pictures.py takes every screen of the same app, to be looked at.
"""

from __future__ import annotations

import base64
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import catalogues
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

STORE = ROOT / "build" / "store"


@dataclass(frozen=True)
class Screen:
    """A phone, in logical pixels, and how many of its own make one."""

    width: int
    height: int
    density: float


# What a store takes is decided by its console: see build/store/README.md.
SCREENS = {"play": Screen(432, 768, 2.5), "app-store": Screen(440, 956, 3)}
FEATURE = (1024, 500)
QUALITY = 75  # of JPEG, which both stores take: a third of what a PNG of 24 bits weighs, and as clear
START_MS = 90_000
SETTLED_MS = 1_500  # fonts arrive bit by bit
GROUND = (247, 251, 241)  # the app's, once its theme is there

ZONES = {"fr": "Europe/Paris", "ja": "Asia/Tokyo"}
ZONE = "Europe/London"  # of any other language
MORNING = datetime(2026, 11, 24, 10, 12)  # noqa: DTZ001 - in each of these zones
ARGUMENTS = [
    "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A screen of the app, and the file it is kept in; `{caller}` is the client who calls most."""

    name: str
    address: str


PICTURES = (
    Picture("1-today", "/"),
    Picture("2-words", "/message/sample-message-2/script/already-sent"),
    Picture("3-boundaries", "/clients/client/{caller}/ladder/{caller}"),
    Picture("4-jobs", "/jobs"),
)


# --- the app that is shown -------------------------------------------------------------------------------


def show(language: str, port: int, *, first_run: bool = False, more: bool = False) -> None:
    """Serve the app as it runs on a phone, its clock standing still, and nothing said of sample data."""
    import flet as ft

    from app.domain.entities import Settings
    from app.store import sample
    from app.store.database import open_database
    from app.store.store import Store
    from app.ui import app

    zone = ZONES.get(language, ZONE)

    def now() -> datetime:
        return MORNING.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    store = Store(open_database(Path(os.environ["KAERU_DATA"]) / "kaeru.db"), now)
    if not first_run:
        store.save(Settings(introduced=True, language=language, time_zone=zone))
        sample.load_sample(store, language, now())
    if more:
        from screen_records import further_records

        store.save(*further_records(language, now()))
    store.close()
    vars(app).update(utc_now=now)
    vars(sample).update(has_sample=lambda _store: False)
    ft.run(app.main, host="127.0.0.1", port=port, assets_dir=str(ROOT / "assets"), no_cdn=True)


@contextmanager
def shown(language: str, *more: str) -> Iterator[str]:
    """The address of that app in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environment = {
            **os.environ, "KAERU_DATA": data, "LANGUAGE": language, "TZ": ZONES.get(language, ZONE),
            "FLET_FORCE_WEB_SERVER": "true",
        }  # fmt: skip
        command = [sys.executable, __file__, "show", language, str(port), *more]
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(START_MS // 200):
        if process.poll() is not None:
            sys.exit("kaeru: the app to be shown did not start.")
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.exit("kaeru: the app to be shown does not answer.")


# --- and what is taken of it -----------------------------------------------------------------------------


def take(page: Page, address: str) -> bytes:
    """Open the screen, in a tab of its own: Flet keeps a tab's session. Two looks at it must be the same."""
    page.goto(address)
    placeholder = page.locator("flt-semantics-placeholder")
    placeholder.wait_for(state="attached", timeout=START_MS)
    placeholder.evaluate("element => element.click()")
    # What the app draws; Flet's own page, before it, has no text but its name.
    page.locator("flt-semantics[role=button]").first.wait_for(state="attached", timeout=START_MS)
    # Drawn once more when the fonts are there: a letter that was late can be missing until then.
    page.wait_for_timeout(SETTLED_MS)
    size = page.viewport_size or {"width": 0, "height": 0}
    page.set_viewport_size({**size, "height": size["height"] - 40})
    page.wait_for_timeout(SETTLED_MS)
    page.set_viewport_size(size)
    before, now = b"", b" "
    while before != now or ground(now) != GROUND:
        page.wait_for_timeout(SETTLED_MS)
        before, now = now, page.screenshot()
    page.close()
    return now


def caller(language: str) -> str:
    """The client of the sample who calls most."""
    data = json.loads((ROOT / "locales" / language / "sample.json").read_text(encoding="utf-8"))
    ((key, _count),) = Counter(call["client"] for call in data["calls"]).most_common(1)
    return f"sample-client-{key}"


def ground(picture: bytes) -> object:
    return Image.open(io.BytesIO(picture)).convert("RGB").getpixel((5, 5))


def feature_graphic(browser: Browser, language: str) -> bytes:
    """Google Play's banner: the frog, the name and the promise."""
    width, height = FEATURE
    icon = base64.b64encode((ROOT / "assets" / "icons" / "icon.svg").read_bytes()).decode()
    font = base64.b64encode((ROOT / "assets" / "fonts" / "NotoSansJP-SemiBold.woff2").read_bytes()).decode()
    name, _, promise = (STORE / language / "title.txt").read_text(encoding="utf-8").strip().partition("Kaeru")
    promise = promise.lstrip(" :：").strip()
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_content(
        f"""<html lang="{language}"><style>
        @font-face {{ font-family: Kaeru; src: url(data:font/woff2;base64,{font}) }}
        body {{ margin: 0; height: {height}px; background: #1e6b47; color: #fff; font-family: Kaeru;
                display: flex; align-items: center; justify-content: center; gap: 40px }}
        img {{ width: 340px }} h1 {{ font-size: 124px; margin: 0; line-height: 1.1 }}
        p {{ font-size: 44px; margin: 8px 0 0; color: #cdeebf; max-width: 520px; line-height: 1.3 }}
        </style><img src="data:image/svg+xml;base64,{icon}"><div><h1>Kaeru</h1><p>{name}{promise}</p></div>"""
    )
    page.evaluate("document.fonts.ready")
    picture = page.screenshot()
    page.close()
    return picture


def keep(picture: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.save(path, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    print(f"· {path.relative_to(ROOT)} ({path.stat().st_size / 1000:.0f} kB)", flush=True)


def main(languages: list[str]) -> None:
    executable = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        for language in languages:
            keep(feature_graphic(browser, language), STORE / language / "feature.jpg")
            with shown(language) as url:
                for store, screen in SCREENS.items():
                    context = browser.new_context(
                        viewport={"width": screen.width, "height": screen.height},
                        device_scale_factor=screen.density, locale=language,
                        timezone_id=ZONES.get(language, ZONE),
                    )  # fmt: skip
                    for picture in PICTURES:
                        address = picture.address.format(caller=caller(language))
                        taken = take(context.new_page(), url + address)
                        keep(taken, STORE / language / store / f"{picture.name}.jpg")
                    context.close()
        browser.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["show"]:
        show(sys.argv[2], int(sys.argv[3]), first_run="first" in sys.argv[4:], more="more" in sys.argv[4:])
    else:
        main(sys.argv[1:] or [language for language in catalogues.languages() if (STORE / language).is_dir()])

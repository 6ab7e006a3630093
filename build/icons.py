"""Renders assets/icons/icon.svg, the one drawing, to every icon that browsers and phones ask for.

The drawing has two parts, by id: the ground and the frog. Chromium renders it; the results are committed.
"""

import struct
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ICONS = Path(__file__).resolve().parent.parent / "assets" / "icons"
SVG = "http://www.w3.org/2000/svg"
SIDE = 512


@dataclass(frozen=True)
class Icon:
    """One file to make: its side in pixels, how large the frog is on it, and what is behind the frog."""

    file: str
    pixels: int
    scale: float
    ground: str  # rounded · square · none


# A mask may cut a maskable icon down to the circle of its inner 80 %: at this scale the frog stays inside.
MASKABLE = 0.82
RENDERED = (
    Icon("icon-192.png", 192, 1, "rounded"),
    Icon("icon-512.png", 512, 1, "rounded"),
    Icon("maskable-192.png", 192, MASKABLE, "square"),
    Icon("maskable-512.png", 512, MASKABLE, "square"),
    Icon("apple-touch-icon.png", 180, 0.95, "square"),
    Icon("favicon.png", 32, 1.24, "none"),
    # The phone app's, no part of the PWA: Flet puts it on each system's ground, at the sizes it wants.
    Icon("../phone/icon.png", 1024, 1.12, "none"),
)

# For themed icons, and for a phone's status bar: 24 dp on the densest screens.
MONOCHROME = {"monochrome-512.png": SIDE, "../phone/status.png": 96}


def compose(icon: Icon) -> str:
    """The drawing, with its frog scaled about the centre and its ground as the icon needs it."""
    ET.register_namespace("", SVG)
    root = ET.parse(ICONS / "icon.svg").getroot()  # noqa: S314 - our own file
    ground, frog = root.find(f"{{{SVG}}}rect[@id='ground']"), root.find(f"{{{SVG}}}g[@id='frog']")
    if ground is None or frog is None:
        raise ValueError("assets/icons/icon.svg has no parts named ground and frog")
    offset = SIDE / 2 * (1 - icon.scale)
    frog.set("transform", f"translate({offset} {offset}) scale({icon.scale})")
    if icon.ground == "none":
        root.remove(ground)
    elif icon.ground == "square":
        ground.set("rx", "0")
    return ET.tostring(root, encoding="unicode")


def render(browser: Browser, svg: str, pixels: int, *, opaque: bool = False) -> bytes:
    page = browser.new_page(viewport={"width": pixels, "height": pixels})
    page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:100vw;height:100vh}}</style>{svg}")
    image = page.screenshot(omit_background=not opaque)
    page.close()
    return image


def as_ico(png: bytes, pixels: int) -> bytes:
    """Wrap a PNG as an icon file of one image."""
    directory = struct.pack("<BBBBHHII", pixels, pixels, 0, 0, 1, 32, len(png), 6 + 16)
    return struct.pack("<HHH", 0, 1, 1) + directory + png


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for icon in RENDERED:
            (ICONS / icon.file).write_bytes(
                render(browser, compose(icon), icon.pixels, opaque=icon.ground == "square")
            )
        monochrome = (ICONS / "monochrome.svg").read_text(encoding="utf-8")
        for name, pixels in MONOCHROME.items():
            (ICONS / name).write_bytes(render(browser, monochrome, pixels))
        browser.close()
    (ICONS / "favicon.ico").write_bytes(as_ico((ICONS / "favicon.png").read_bytes(), 32))
    for file in sorted(ICONS.iterdir()):
        print(f"{file.name}: {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()

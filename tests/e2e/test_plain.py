"""The app packaged with unchanged upstream files works too, but starts more slowly: see build/UPSTREAM.md."""

import json
import zipfile
from pathlib import Path

from playwright.sync_api import Playwright

from tests.e2e.browser import Phone, Server, package
from tests.e2e.hands import Hands
from tests.e2e.test_durability import note_message

MAY_RESTORE = "async () => (await import('/page/snapshot.js')).mayRestore()"


def test_the_plain_package_works_offline_and_stores_records(playwright: Playwright, tmp_path: Path) -> None:
    web = package(tmp_path / "web", plain="1")
    with zipfile.ZipFile(web / "app.zip") as archive:
        assert "app/ui/app.py" in archive.namelist()  # source, not byte code
    server = Server(web, tmp_path / "log")
    server.start()
    phone = Phone(playwright, tmp_path / "profile", server.url, locale="en-US")
    try:
        h = Hands(phone.start())
        h.tap(h.say("Skip"))
        note_message(h, "Aoki Design", new=True)
        files = json.loads((web / "precache.json").read_text())["files"]
        wanted = sum(file.get("renderer", "skwasm") == "skwasm" for file in files)
        h.page.wait_for_function(
            "async (count) => (await (await caches.open('kaeru-files')).keys()).length === count", arg=wanted
        )
        assert not h.page.evaluate(MAY_RESTORE)
        phone.kill()
        server.stop()
        Hands(phone.start()).see("Aoki Design")
        assert phone.complaints == []
    finally:
        phone.close()
        server.stop()

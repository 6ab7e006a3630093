"""The app on CPython: its own database file, a typed server address, and links shortened by Flet."""

from collections.abc import Callable
from urllib.parse import quote

from app.domain.entities import Message, utc_now
from app.store.database import open_database
from app.store.store import Store
from tests.e2e.browser import Phone, Server
from tests.e2e.desk import KEY, Desk, agree_both, wait_until
from tests.e2e.hands import Hands
from tests.e2e.native import NativeApp, show

MATTER = "Reprise du dossier"


def test_the_native_app_syncs_over_sockets_and_opens_links(
    make_native: Callable[..., tuple[NativeApp, Phone]], server: Server, desk: Desk
) -> None:
    app, phone = make_native(locale="en-US", timezone_id="Europe/Paris")
    h = Hands(show(phone))
    h.tap(h.say("Skip"))
    h.tap(h.say("Settings"))
    h.tap(h.say("Sync"))
    h.type(h.say("Server address"), server.url)
    h.tap(h.say("Start syncing"))
    wait_until(lambda: KEY.search(h.said()) is not None)
    found = KEY.search(h.said())
    assert found is not None
    h.tick(h.say("I have saved it"))
    h.tap(h.say("Go on"))
    h.see(h.say("In step"))
    desk.do(desk.sync.join(found[0], server.url, "Desk"))
    desk.write(name="Lemoine")

    async def note() -> str:
        message = Message(client_id="lemoine", received_at=utc_now(), summary=MATTER)
        desk.store.save(message)
        await desk.sync.sync_once()
        return message.id

    message = desk.do(note())
    h.tap(h.say("Sync now"))
    wait_until(lambda: stored(app, message))

    page = show(phone, f"/{message}")  # what Flet makes of kaeru://message/<id>
    h = Hands(page)
    h.see(MATTER, h.say("Replied"))
    assert page.url.endswith(f"/message/{message}")


def test_the_link_for_the_installed_app_names_the_server_and_pairs(
    make_native: Callable[..., tuple[NativeApp, Phone]], server: Server, desk: Desk
) -> None:
    desk.do(desk.sync.start(server.url, "Desk"))
    desk.write(name="Lemoine")
    assert desk.has(name="Lemoine")
    inviter = desk.invite()
    _app, phone = make_native(locale="en-US", timezone_id="Europe/Paris")
    h = Hands(show(phone))
    claims = claims_at(server)
    enter(h, inviter.app_link)
    h.see(server.url)
    assert claims_at(server) == claims  # no request goes to the link's server before the user confirms
    h.tap(h.say("Go on"))
    agree_both(h, desk, inviter)
    h.see(h.say("In step"))


def test_an_old_link_for_the_installed_app_adds_no_device(
    make_native: Callable[..., tuple[NativeApp, Phone]], server: Server, desk: Desk
) -> None:
    key = desk.do(desk.sync.start(server.url, "Desk"))
    _app, phone = make_native(locale="en-US", timezone_id="Europe/Paris")
    h = Hands(show(phone))
    enter(h, f"kaeru://pair?server={quote(server.url, safe='')}#{key}")
    h.see("This link was made by an older version of Kaeru.")
    assert len(desk.do(desk.sync.devices.fetch())) == 1


def claims_at(server: Server) -> int:
    return sum("/pairing/claim" in path for path in server.requests())


def enter(h: Hands, text: str) -> None:
    """Paste the text as an invitation, from the first run."""
    h.tap(h.say("Next"))
    h.tap(h.say("Next"))
    h.tap(h.say("I sync on another device…"))
    h.type(h.say("Invitation"), text)
    h.tap(h.say("Go on"))


def stored(app: NativeApp, key: str) -> bool:
    """Whether the app's database file holds the message."""
    store = Store(open_database(app.data / "kaeru.db"), utc_now)
    try:
        return store.get(Message, key) is not None
    finally:
        store.close()

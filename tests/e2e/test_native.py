"""What only the app on CPython has: its own file, a server that is named, links that Flet cuts short."""

from collections.abc import Callable

from app.domain.entities import Message, utc_now
from app.store.database import open_database
from app.store.store import Store
from tests.e2e.browser import Phone, Server
from tests.e2e.desk import KEY, Desk, wait_until
from tests.e2e.hands import Hands
from tests.e2e.native import NativeApp, show

MATTER = "Reprise du dossier"


def test_it_syncs_over_sockets_and_opens_links(
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
        await desk.sync.meet()
        return message.id

    message = desk.do(note())
    h.tap(h.say("Sync now"))
    wait_until(lambda: stored(app, message))

    page = show(phone, f"/{message}")  # what Flet makes of kaeru://message/<id>
    h = Hands(page)
    h.see(MATTER, h.say("Replied"))
    assert page.url.endswith(f"/message/{message}")


def stored(app: NativeApp, key: str) -> bool:
    """Whether the app's file has the message."""
    store = Store(open_database(app.data / "kaeru.db"), utc_now)
    try:
        return store.get(Message, key) is not None
    finally:
        store.close()

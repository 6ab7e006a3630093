"""A lost device is excluded for good in one browser: the key changes, and the other browser follows."""

from collections.abc import Callable

from tests.e2e.browser import Phone, Server
from tests.e2e.desk import KEY, Desk, start_syncing, sync_at_once, wait_until
from tests.e2e.hands import Hands


def test_excluding_a_lost_device_changes_the_key_and_the_other_browser_follows(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    first, second = make_phone(), make_phone()
    anna = Hands(first.start())
    old = start_syncing(anna)
    ben = Hands(second.start())
    join(ben, old)
    sync_at_once(anna)
    anna.see(anna.say("New device: {name}", name=""))
    anna.tap(anna.say("It was me"))
    anna.see_no(anna.say("It was me"))
    desk.do(desk.sync.join(old, server.url, "Desk"))
    desk.write(name="Lemoine")
    assert desk.has(name="Lemoine")
    sync_at_once(anna)
    anna.see(anna.say("New device: {name}", name="Desk"), "Added with the sync key")
    anna.tap(anna.say("Shut out…"))
    anna.tap(anna.say("Shut it out for good"), "radio")
    anna.see(anna.say("What happens"))
    anna.tap(anna.say("Shut out"), exact=True)
    anna.see(anna.say("Your new sync key"))
    wait_until(lambda: KEY.search(anna.said()) is not None)
    found = KEY.search(anna.said())
    assert found
    new = found.group()
    assert new != old
    save_key(anna)
    anna.see_no(anna.say("New device: {name}", name="Desk"))

    desk.do(desk.sync.sync_once())
    assert desk.sync.status.code == "revoked"

    sync_at_once(ben)
    ben.see(ben.say("Your sync key was changed"))
    ben.tap(ben.say("Show the new key…"))
    ben.see(new)
    save_key(ben)
    ben.see_no(ben.say("Your sync key was changed"))
    for hands in (anna, ben):
        hands.back()
        hands.back()
        hands.tap(hands.say("Clients", "tab"), "tab")
        hands.see("Lemoine")
    rename(anna, "Lemoine & fils")
    wait_until(lambda: sync_at_once(anna) and sync_at_once(ben) and "Lemoine & fils" in ben.said())
    assert not first.complaints
    assert not second.complaints
    assert not any(key in path for path in server.requests() for key in (old, new))


def join(h: Hands, key: str) -> None:
    """Join with the key, from the first run until the device is in sync."""
    h.tap(h.say("Skip"))
    h.tap(h.say("Settings"))
    h.tap(h.say("Sync"))
    h.tap(h.say("I sync on another device…"))
    h.type(h.say("Invitation"), key)
    h.tap(h.say("Go on"))
    h.tap(h.say("This is my key: join"))
    h.see(h.say("In step"))
    h.tap(h.say("Go on"))


def save_key(h: Hands) -> None:
    h.tick(h.say("I have saved it"))
    h.tap(h.say("Go on"))
    h.see(h.say("In step"))


def rename(h: Hands, name: str) -> None:
    h.tap("Lemoine")
    h.tap(h.say("Edit"))
    h.type(h.say("Person"), name)
    h.tap(h.say("Save"))
    h.see(name)

"""A lost device is shut out for good in one browser: the key changes, and the other browser follows."""

from collections.abc import Callable

from tests.e2e.browser import Phone, Server
from tests.e2e.desk import KEY, Desk, meets, start_syncing, wait_until
from tests.e2e.hands import Hands


def test_a_lost_device_is_shut_out_for_good_and_the_other_browser_follows(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    first, second = make_phone(), make_phone()
    anna = Hands(first.start())
    first.context.on("console", lambda m: print("CONSOLE", m.text))
    first.context.on("weberror", lambda m: print("CONSOLE", m))
    try:
        old = start_syncing(anna)
    except AssertionError:
        for line in server.log.read_text().splitlines():
            if "/api/" in line or "rror" in line: print("LOG", line[:600])
        raise
    ben = Hands(second.start())
    ben.tap(ben.say("Skip"))
    ben.tap(ben.say("Settings"))
    ben.tap(ben.say("Sync"))
    ben.tap(ben.say("I have a key…"))
    ben.type(ben.say("Sync key"), old)
    ben.tap(ben.say("Join"))
    try:
        ben.see(ben.say("In step"))
    except AssertionError:
        for line in server.log.read_text().splitlines():
            if "/api/" in line or "rror" in line: print("LOG", line[:600])
        raise

    meets(anna)
    anna.see(anna.say("New device: {name}", name=""))
    anna.tap(anna.say("It was me"))
    anna.see_no(anna.say("It was me"))
    desk.do(desk.sync.join(old, server.url, "Desk"))
    desk.write(name="Lemoine")
    assert desk.has(name="Lemoine")
    meets(anna)
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
    anna.tick(anna.say("I have saved it"))
    anna.tap(anna.say("Go on"))
    anna.see(anna.say("In step"))
    anna.see_no(anna.say("New device: {name}", name="Desk"))

    desk.do(desk.sync.meet())
    assert desk.sync.status.code == "revoked"

    meets(ben)
    ben.see(ben.say("Your sync key was changed"))
    ben.tap(ben.say("Show the new key…"))
    ben.see(new)
    ben.tick(ben.say("I have saved it"))
    ben.tap(ben.say("Go on"))
    ben.see_no(ben.say("Your sync key was changed"))
    ben.see(ben.say("In step"))
    for hands in (anna, ben):
        hands.back()
        hands.back()
        hands.tap(hands.say("Clients", "tab"), "tab")
        hands.see("Lemoine")
    rename(anna, "Lemoine & fils")
    wait_until(lambda: meets(anna) and meets(ben) and "Lemoine & fils" in ben.said())
    assert not first.complaints
    assert not second.complaints
    assert not any(key in path for path in server.requests() for key in (old, new))


def rename(h: Hands, name: str) -> None:
    h.tap("Lemoine")
    h.tap(h.say("Edit"))
    h.type(h.say("Name"), name)
    h.tap(h.say("Save"))
    h.see(name)

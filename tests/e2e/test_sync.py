"""Three devices of one account, two browsers and a CPython client, merge their separate edits."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.e2e.browser import Phone, Server
from tests.e2e.desk import Desk, code_on, invitation, start_syncing, sync_at_once, wait_until
from tests.e2e.hands import Hands


def test_three_devices_converge_and_one_is_excluded(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    first, second = make_phone(permissions=["clipboard-read", "clipboard-write"]), make_phone()
    anna = Hands(first.start())
    key = start_syncing(anna)
    desk.do(desk.sync.join(key, server.url, "Desk"))
    desk.write(name="Lemoine")
    assert desk.has(name="Lemoine")

    link = invitation(anna)
    ben = Hands(second.start(link))
    assert urlsplit(ben.page.url)[2:] == ("/", "", "")
    assert code_on(anna) == code_on(ben)
    ben.see("Desk")  # the account's other device
    ben.tap(ben.say("It is my device and the same code: join"))
    anna.tap(anna.say("The codes are the same: add it"))
    ben.see(ben.say("In step"))
    ben.tap(ben.say("Go on"))
    ben.see(ben.say("Nothing waits for you today"))  # a client is stored, and the first run is over
    anna.see("Chrome, Linux 2 was added.")  # numbered, since both browsers have the same name
    anna.tap(anna.say("Go on"))
    anna.tap(anna.say("Sync now"))
    anna.back()
    anna.back()
    for hands in (anna, ben):
        hands.tap(hands.say("Clients", "tab"), "tab")
        hands.see("Lemoine")

    server.stop()
    edit(anna, "Person", "Lemoine & fils")
    edit(ben, "Form of address", "Maître")
    desk.write(notes="Calls before nine.")
    server.start()
    whole = {"name": "Lemoine & fils", "honorific": "Maître", "notes": "Calls before nine."}
    wait_until(lambda: sync_at_once(anna) and sync_at_once(ben) and desk.has(**whole))
    for hands in (anna, ben):
        sync_at_once(hands)
        hands.see("Maître", "Lemoine & fils", "Calls before nine.")
        hands.back()

    desk.do(desk.shut_out_newest())
    sync_at_once(ben)
    ben.tap(ben.say("Settings: sync needs you"))
    ben.tap(ben.say("Sync"))
    ben.see("This device was shut out from another one.", ben.say("Leave…"))
    anna.tap(anna.say("Settings"))
    anna.tap(anna.say("Sync"))
    anna.see(anna.say("In step"), "Desk")
    secret = link.partition("#")[2]
    assert not any(key in path or secret in path for path in server.requests())


def test_two_devices_converge_within_ten_seconds_after_the_network_returns(
    phone: Phone, desk: Desk, server: Server
) -> None:
    anna = Hands(phone.start())
    desk.do(desk.sync.join(start_syncing(anna), server.url, "Desk"))
    desk.write(name="Lemoine")
    assert desk.has(name="Lemoine")
    anna.tap(anna.say("Sync now"))
    anna.back()
    anna.back()
    anna.tap(anna.say("Clients", "tab"), "tab")
    anna.see("Lemoine")

    anna.page.context.set_offline(True)
    edit(anna, "Person", "Lemoine & fils")
    desk.write(honorific="Maître")
    assert desk.has(honorific="Maître")
    anna.page.wait_for_timeout(20_000)  # several attempts failed, each with a longer back-off
    anna.page.context.set_offline(False)
    returned = time.monotonic()
    wait_until(lambda: "Maître" in anna.said() and desk.has(name="Lemoine & fils"))
    assert time.monotonic() - returned < 10


def edit(h: Hands, label: str, text: str) -> None:
    h.tap("Lemoine")
    h.tap(h.say("Edit"))
    h.type(h.say(label), text)
    h.tap(h.say("Save"))
    h.see(text)

"""Pairing in real browsers: what a link leaves behind, and links that must not add a device."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from app.sync import keys
from app.sync.pairing_secret import read_entry
from app.sync.wire import encode
from tests.e2e.browser import Cover, Phone, Server, wait_for_app
from tests.e2e.desk import Desk, agree_both, code_on, wait_until
from tests.e2e.hands import Hands

OLD_KEY = keys.to_text(bytes(range(32)))


def in_account(desk: Desk, server: Server) -> str:
    """Start an account with a client on the desk; returns its sync key."""
    key = desk.do(desk.sync.start(server.url, "Desk"))
    desk.write(name="Lemoine")
    assert desk.has(name="Lemoine")
    return key


def path_of(link: str) -> str:
    """The path for `Phone.start`: the browser reaches the server under another origin."""
    return "/pair#" + link.partition("#")[2]


def address_of(h: Hands) -> tuple[str, str, str]:
    """Path, query, and fragment."""
    return urlsplit(h.page.url)[2:]


def test_after_pairing_the_browser_profile_holds_no_lasting_secret(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    key = in_account(desk, server)
    inviter = desk.invite()
    phone = make_phone()
    ben = Hands(phone.start(path_of(inviter.link)))
    assert address_of(ben) == ("/", "", "")
    ben.see("Desk", desk.do(fingerprint(desk)))
    agree_both(ben, desk, inviter)
    ben.see(ben.say("In step"))
    assert ben.page.evaluate("JSON.stringify({...sessionStorage})").count(inviter.secret.text) == 0
    phone.close()

    secret = keys.from_text(key)
    forms = [key, key.replace("-", ""), secret.hex(), encode(secret)]
    assert holding(phone.profile, forms) == []
    # Chromium may have stored the link itself: its secret is no longer valid.
    entry = read_entry(inviter.link)
    assert entry.secret != secret
    body = {"id": inviter.secret.id, "secret": encode(bytes(32))}
    for step in ("claim", "watch"):
        answer = httpx.post(f"{server.url}/api/v1/pairing/{step}", json=body, headers={"kaeru-protocol": "1"})
        assert (answer.status_code, answer.json()["code"]) == (409, "pairing_used")


def test_a_device_that_syncs_cannot_join_by_a_link(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    in_account(desk, server)
    first = desk.invite()
    phone = make_phone()
    ben = Hands(phone.start(path_of(first.link)))
    agree_both(ben, desk, first)
    ben.see(ben.say("In step"))
    ben.page.goto("about:blank")

    second = desk.invite()
    ben = Hands(phone.start(path_of(second.link)))
    ben.see(ben.say("This device syncs already. To join another account, stop syncing here first."))
    ben.see(desk.do(fingerprint(desk)))
    assert ben.say("Invitation") not in ben.said()
    assert ben.page.get_by_role("button", name="join").count() == 0
    assert second.state == "offered"  # not claimed
    ben.tap(ben.say("Go on"))
    ben.see(ben.say("Nothing waits for you today"))


def test_a_link_of_the_first_edition_is_dropped_with_a_notice(
    make_phone: Callable[..., Phone], server: Server
) -> None:
    server.forget_requests()
    phone = make_phone()
    ben = Hands(phone.start(f"/pair#{OLD_KEY}"))
    assert address_of(ben) == ("/", "", "")
    ben.see("This link was made by an older version of Kaeru.")
    for kept in ("{...sessionStorage}", "{...localStorage}", "history.state"):
        assert OLD_KEY not in json.dumps(ben.page.evaluate(f"JSON.stringify({kept})"))
    ben.tap(ben.say("Enter an invitation"))
    ben.see(ben.say("Invitation"))
    assert not [path for path in server.requests() if path.startswith("/api/")]


def test_the_script_that_clears_the_address_runs_first(
    make_phone: Callable[..., Phone],
) -> None:
    page = make_phone().start()
    first = page.evaluate(
        """() => {
          const loads = "script, link[rel=stylesheet], link[rel=modulepreload]";
          const loading = document.head.querySelector(loads);
          return [loading.getAttribute("src"), loading.async, loading.defer, loading.type];
        }"""
    )
    assert first == ["/page/address.js", False, False, ""]


def test_a_link_opened_in_a_second_tab_continues_when_that_tab_takes_over(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    in_account(desk, server)
    inviter = desk.invite()
    phone = make_phone()
    phone.start()
    page = phone.open(path_of(inviter.link))
    cover = Cover(page)
    cover.actions.first.click()
    wait_for_app(page)
    ben = Hands(page)
    assert address_of(ben) == ("/", "", "")
    agree_both(ben, desk, inviter)
    ben.see(ben.say("In step"))


def test_a_reload_joins_nothing_and_declining_is_shown_on_the_other_device(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    in_account(desk, server)
    inviter = desk.invite()
    phone = make_phone()
    ben = Hands(phone.start(path_of(inviter.link)))
    assert code_on(ben) == inviter.code
    ben.page.reload()
    wait_for_app(ben.page)
    ben.see(ben.say("Skip"))  # the first run, as on any device that has not joined
    desk.do(inviter.cancel())

    again = desk.invite()
    ben.page.goto("about:blank")
    ben = Hands(phone.start(path_of(again.link)))
    assert code_on(ben) == again.code
    ben.tap(ben.say("Not my device, or another code: do not join"))
    ben.see(ben.say("You have not joined. None of your records have left this device."))
    wait_until(lambda: again.state == "declined")
    assert len(desk.do(desk.sync.devices.fetch())) == 1


async def fingerprint(desk: Desk) -> str:
    return desk.sync.fingerprint()


def holding(profile: Path, forms: list[str]) -> list[str]:
    """The files of a browser profile that contain one of the strings, without the app's own vault."""
    wanted = re.compile(
        b"|".join(re.escape(form.encode(encoding)) for form in forms for encoding in ("utf-8", "utf-16-le"))
    )
    return [
        str(path.relative_to(profile))
        for path in sorted(profile.rglob("*"))
        if path.is_file() and "IndexedDB" not in path.parts and wanted.search(path.read_bytes())
    ]

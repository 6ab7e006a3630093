"""Pairing: two devices compare a code, one gives the key and the other joins; nothing happens by halves."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.domain.entities import Client
from app.sync import keys
from app.sync.errors import SyncError
from app.sync.inviter import Inviter
from app.sync.joiner import Joiner
from app.sync.membership import SYNC_KEY
from app.sync.pairing_messages import (
    Offer,
    PairingBoxes,
    Request,
    code_of,
    commitment_to,
    distinct_name,
    new_nonce,
    offer_to_json,
    read_offer,
    read_request,
    read_reveal,
    request_to_json,
    reveal_to_json,
    transcript_of,
)
from app.sync.pairing_secret import PairingSecret, read_entry
from app.sync.wire import decode, encode
from tests.unit.sync.pairing_server import FakePairings
from tests.unit.sync.pairing_steps import compared, offered, open_link, settle
from tests.unit.sync.people import Person, play
from tests.unit.sync.support import SERVER, FakeServer, Phone


def apart(laptop: Person, server: FakeServer) -> None:
    """The device is in no account, and the server knows of none."""
    assert (laptop.sync.status.state, laptop.store.exchange.state()) == ("off", None)
    assert not laptop.sync.is_member
    assert len(server.devices) == 1


@pytest.mark.parametrize("first", ["member", "new device"])
def test_both_show_one_code_and_join_once_both_agree(
    mei: Person, laptop: Person, server: FakeServer, first: str
) -> None:
    async def story() -> None:
        mei.store.save(Client(id="c", name="Ana"))
        inviter, joiner = await compared(mei, laptop)
        assert joiner.offer is not None
        assert (joiner.offer.name, joiner.offer.names, joiner.offer.others) == ("Phone", (), 0)
        assert joiner.offer.account == mei.sync.fingerprint()
        assert inviter.guest == laptop.platform.device_name
        assert inviter.code == joiner.code
        assert len(joiner.code) == 6
        agreeing = [inviter, joiner] if first == "member" else [joiner, inviter]
        await agreeing[0].agree()
        await settle(inviter, joiner)
        apart(laptop, server)  # one of the two is not enough
        await agreeing[1].agree()
        await settle(joiner, inviter)
        assert (joiner.state, inviter.state) == ("done", "done")
        await laptop.sync.meet()
        assert laptop.store.get(Client, "c").name == "Ana"
        assert await laptop.sync.key_text() == await mei.sync.key_text()
        assert len(server.devices) == 2

    play(story)


def test_the_device_that_brought_it_in_is_known(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        await joiner.agree()
        await inviter.agree()
        await settle(joiner)
        state, joined = mei.store.exchange.state(), laptop.store.exchange.state()
        assert state is not None
        assert joined is not None
        record = laptop.store.exchange.device_records()[joined.device]
        assert (record["method"], record["added_by"]) == ("pairing", state.device)

    play(story)


def test_the_new_device_is_shown_every_other_device(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        text = await mei.sync.start(SERVER, "Phone")
        other = Person(mei.folder / "other", mei.server)
        await other.sync.join(text, SERVER, "Téléphone\nof\u202eAna")
        _inviter, joiner = await compared(mei, laptop)
        assert joiner.offer is not None
        assert (joiner.offer.names, joiner.offer.others) == (("Téléphone of Ana",), 1)

    play(story)


@pytest.mark.parametrize(
    ("who", "states"),
    [("member", ("cancelled", "refused")), ("new device", ("declined", "declined"))],
)
@pytest.mark.parametrize("agreed", [False, True])
def test_a_no_on_either_side_ends_it_for_both_and_leaves_nothing(
    mei: Person, laptop: Person, server: FakeServer, who: str, states: tuple[str, str], agreed: bool
) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        if who == "member":
            if agreed:
                await joiner.agree()
            await inviter.cancel()
        else:
            if agreed:
                await inviter.agree()
            await joiner.decline()
        await settle(inviter, joiner)
        assert (inviter.state, joiner.state) == states
        apart(laptop, server)
        assert server.pairings.boxes == {}

    play(story)


def test_only_the_first_device_that_opens_the_link_is_answered(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        thief = open_link(inviter, Person(mei.folder / "thief", server))
        await settle(thief)
        assert (thief.state, thief.offer) == ("used", None)
        await settle(inviter, joiner)
        assert (inviter.state, joiner.state) == ("comparing", "comparing")

    play(story)


def test_it_expires_on_both_sides(mei: Person, laptop: Person, server: FakeServer) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        await joiner.agree()
        server.clock.forward(minutes=10)
        await settle(inviter, joiner)
        assert (inviter.state, joiner.state) == ("expired", "expired")
        late = open_link(inviter, Person(mei.folder / "late", server))
        await settle(late)
        assert late.state == "expired"
        apart(laptop, server)

    play(story)


def test_the_lifetime_is_counted_on_the_devices_own_clock(mei: Person, server: FakeServer) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        inviter = mei.sync.pairing.invite()
        now = server.clock.now
        inviter._now = lambda: now  # the device's clock, a day behind the server's
        mei.sync._member.client._now = inviter._now  # type: ignore[union-attr]
        server.clock.forward(hours=23)
        await mei.sync._member.client.info()  # type: ignore[union-attr]
        await inviter.step()
        assert inviter.expires_at is not None
        assert 595 < (inviter.expires_at - now).total_seconds() <= 600

    play(story)


def test_a_closed_screen_resumes_the_same_offer_and_an_ended_one_makes_another(mei: Person) -> None:
    async def story() -> None:
        inviter = await offered(mei)
        assert mei.sync.pairing.invite() is inviter
        await inviter.cancel()
        assert mei.sync.pairing.invite() is not inviter

    play(story)


def test_after_a_reload_the_new_offer_ends_the_old_one(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        _inviter, joiner = await compared(mei, laptop)
        again = Inviter(mei.platform, mei.server.clock, mei.sync._member, SERVER, None)  # type: ignore[arg-type]
        await again.step()
        await settle(joiner)
        assert joiner.state == "replaced"

    play(story)


class Breaking(httpx.AsyncBaseTransport):
    """Loses every request, or every answer, for as long as it is told to."""

    def __init__(self, server: FakeServer) -> None:
        self.server, self.loses = server, ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.loses == "requests":
            raise httpx.ConnectError("lost", request=request)
        response = await self.server.handle_async_request(request)
        if self.loses == "answers":
            raise httpx.ReadError("lost", request=request)
        return response


@pytest.mark.parametrize("loses", ["requests", "answers"])
def test_a_lost_network_is_told_and_gone_on_from_at_every_step(
    mei: Person, laptop: Person, server: FakeServer, loses: str
) -> None:
    async def story() -> None:
        network = Breaking(server)
        mei.platform._network = laptop.platform._network = network
        await mei.sync.start(SERVER)

        async def twice(side: Inviter | Joiner, act: Callable[[], Any]) -> None:
            network.loses = loses
            await act()
            assert side.trouble is not None
            assert not side.has_ended
            network.loses = ""
            await act()
            assert side.trouble is None

        inviter = mei.sync.pairing.invite()
        await twice(inviter, inviter.step)
        joiner = open_link(inviter, laptop)
        await twice(joiner, joiner.step)
        await twice(inviter, inviter.step)
        await twice(joiner, joiner.step)
        await twice(inviter, inviter.agree)
        network.loses = loses
        await joiner.agree()
        apart(laptop, server) if loses == "requests" else None
        assert joiner.state == "agreed"
        network.loses = ""
        await settle(joiner, inviter)
        assert (joiner.state, inviter.state) == ("done", "done")
        assert len(server.devices) == 2  # registered twice perhaps, and listed once

    play(story)


def test_a_registration_whose_answer_was_lost_is_repeated_and_listed_once(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    class Forgetful(Breaking):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.loses = "answers" if self.armed and request.url.path.endswith("/devices") else ""
            self.armed = self.armed and not self.loses
            return await super().handle_async_request(request)

    async def story() -> None:
        network = Forgetful(server)
        network.armed = False  # type: ignore[attr-defined]
        laptop.platform._network = network
        inviter, joiner = await compared(mei, laptop)
        await inviter.agree()
        network.armed = True  # type: ignore[attr-defined]
        await joiner.agree()
        assert (joiner.state, joiner.trouble.code if joiner.trouble else "") == ("agreed", "offline")
        await settle(joiner, inviter)
        assert (joiner.state, inviter.state, len(server.devices)) == ("done", "done", 2)

    play(story)


def test_where_the_key_cannot_be_kept_both_sides_are_told(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        laptop.folder.mkdir(parents=True, exist_ok=True)
        (laptop.folder / "secrets").touch()  # a file where the folder of secrets should be
        await inviter.agree()
        await joiner.agree()
        await settle(inviter)
        assert (joiner.state, inviter.state) == ("failed", "failed")
        assert isinstance(joiner.error, OSError)
        assert laptop.store.exchange.state() is None
        assert len(server.tokens) == 1

    play(story)


def test_a_member_joins_nothing(mei: Person, laptop: Person, server: FakeServer) -> None:
    async def story() -> None:
        hostile = await offered(laptop)
        server.pairings.kept.clear()
        other = FakeServer(server.clock)
        mei.platform._network = other
        await mei.sync.start(SERVER)
        with pytest.raises(SyncError) as caught:
            open_link(hostile, mei)
        assert caught.value.code == "member"
        for refused in (mei.sync.join(keys.to_text(bytes(32)), SERVER), mei.sync.start(SERVER)):
            with pytest.raises(SyncError) as caught:
                await refused
            assert caught.value.code == "member"
        assert len(other.devices) == 1

    play(story)


def test_a_device_that_becomes_a_member_meanwhile_does_not_join_by_its_link(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        await laptop.sync.join(await mei.sync.key_text(), SERVER)
        await inviter.agree()
        await joiner.agree()
        assert joiner.state == "failed"
        assert isinstance(joiner.error, SyncError)
        assert joiner.error.code == "member"
        assert len(server.devices) == 2

    play(story)


# --- attacks -----------------------------------------------------------------------------------------------


def test_used_up_the_secret_and_all_the_server_stored_give_no_key(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        await inviter.agree()
        await joiner.agree()
        await settle(inviter)
        assert joiner.state == "done"
        key = await mei.platform.vault.read(SYNC_KEY) or b""
        kept, secret = dict(server.pairings.kept), read_entry(inviter.link).secret
        assert set(kept) == {"offer", "request", "reveal", "answer"}
        boxes = PairingBoxes(Phone(mei.folder / "attacker", server), PairingSecret.of(secret))
        opened = [await boxes.open(step, decode(box)) for step, box in kept.items()]  # type: ignore[arg-type]
        for found in [*opened, *map(decode, kept.values()), json.dumps(server.requests).encode()]:
            for form in (key, key.hex().encode(), encode(key).encode(), keys.to_text(key).encode()):
                assert form not in found
        # Every message once more, by somebody who has the secret but not the claim secret.
        for path, body in [each for each in server.requests if "pairing/" in each[0]]:
            forged = {"secret": encode(bytes(32))} if "secret" in body else {}
            status, answer = server.pairings.ask(path.rpartition("/")[2], None, dict(body) | forged)
            assert status in {404, 409}
            assert set(answer) == {"code"}
        attacker = open_link(inviter, Person(mei.folder / "again", server))
        await settle(attacker)
        assert attacker.state in {"used", "expired", "broken"}

    play(story)


class Between(httpx.AsyncBaseTransport):
    """Somebody who holds the pairing secret and stands between a new device and the server."""

    def __init__(self, server: FakeServer, secret: PairingSecret, platform: Phone) -> None:
        self.server, self.secret = server, secret
        self.boxes = PairingBoxes(platform, secret)
        self.nonce = new_nonce()
        self.offer = self.request = b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(await request.aread() or "null")
        step = request.url.path.rpartition("/")[2]
        answer: Any = None
        if step == "claim":
            until = self.server.pairings.until
            answer = {"offer": encode(await self.boxes.seal("offer", self.offer)), "expires_at": until}
        elif step == "request":
            self.request = await self.boxes.open("request", decode(body["box"]))
        elif step == "watch":
            reveal = encode(await self.boxes.seal("reveal", reveal_to_json(self.nonce)))
            answer = {"state": "revealed", "reveal": reveal, "answer": None}
        else:
            return await self.server.handle_async_request(request)
        return httpx.Response(200 if answer else 204, json=answer, request=request)


def test_in_between_the_code_cannot_be_chosen_after_the_request_is_known(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        inviter = await offered(mei)
        between = Between(server, inviter.secret, Phone(mei.folder / "between", server))
        honest = Offer(SERVER, mei.sync.fingerprint(), "d", "Phone", (), 0, commitment_to(between.nonce))
        between.offer = offer_to_json(honest)
        laptop.platform._network = between
        joiner = open_link(inviter, laptop)
        await joiner.step()
        assert joiner.state == "waiting"
        # The attacker wants the code 000000 shown here, and now knows all but what it has committed to.
        grinding = (new_nonce() for _ in range(20_000))
        wanted = min(
            grinding,
            key=lambda nonce: int(
                code_of(transcript_of(inviter.secret.id, between.offer, between.request, nonce))
            ),
        )
        between.nonce = wanted
        await joiner.step()
        assert (joiner.state, joiner.code) == ("broken", "")
        apart(laptop, server)

    play(story)


class Withholding(httpx.AsyncBaseTransport):
    """A server that keeps the member's nonce, says that it is out of order, and has another request then."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server
        self.request = self.reveal = b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        step = request.url.path.rpartition("/")[2]
        if step == "progress":
            until, box = self.server.pairings.until, encode(self.request)
            answer = {"state": "requested", "expires_at": until, "request": box}
            return httpx.Response(200, json=answer, request=request)
        if step == "reveal" and not self.reveal:
            self.reveal = decode(json.loads(await request.aread())["box"])
            return httpx.Response(503, json={"code": "unavailable"}, request=request)
        return await self.server.handle_async_request(request)


def test_in_between_no_other_request_is_taken_once_the_nonce_may_be_known(
    mei: Person, server: FakeServer
) -> None:
    async def story() -> None:
        between = Withholding(server)
        mei.platform._network = between
        await mei.sync.start(SERVER)
        inviter = await offered(mei)
        boxes = PairingBoxes(Phone(mei.folder / "between", server), inviter.secret)
        pair = await mei.platform.hpke.generate()
        between.request = await boxes.seal("request", request_to_json(Request("Laptop", pair.public)))
        await inviter.step()
        assert inviter.state == "offered"
        assert inviter.trouble is not None
        read_reveal(await boxes.open("reveal", between.reveal))
        # With the nonce, a million names are enough to find one that gives the code shown elsewhere.
        between.request = await boxes.seal("request", request_to_json(Request("Laptop 1", pair.public)))
        await inviter.step()
        assert (inviter.state, inviter.code, inviter.given) == ("broken", "", False)

    play(story)


def test_the_request_goes_out_only_after_the_offer_has_come(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        inviter = await offered(mei)
        joiner = open_link(inviter, laptop)
        await joiner.step()
        asked = [path for path, _body in mei.server.requests if "pairing" in path]
        assert asked == ["POST pairing", "POST pairing/claim", "POST pairing/request"]
        claim = next(body for path, body in mei.server.requests if path == "POST pairing/claim")
        assert set(claim) == {"id", "secret"}  # nothing that the code depends on

    play(story)


@pytest.mark.parametrize("step", ["offer", "request", "reveal", "answer"])
def test_a_box_that_was_changed_on_the_way_ends_it(
    mei: Person, laptop: Person, server: FakeServer, step: str
) -> None:
    async def story() -> None:
        hand_in, offer = server.pairings.hand_in, server.pairings.offer

        def changed(box: str) -> str:
            data = bytearray(decode(box))
            data[-1] ^= 1
            return encode(bytes(data))

        def handed_in(name: str, box: str) -> tuple[int, Any]:
            return hand_in(name, changed(box) if name == step else box)

        def offered_box(device: str, body: Any) -> tuple[int, Any]:
            return offer(device, body | {"box": changed(body["box"])} if step == "offer" else body)

        server.pairings.hand_in, server.pairings.offer = handed_in, offered_box  # type: ignore[method-assign]
        await mei.sync.start(SERVER)
        inviter = mei.sync.pairing.invite()
        await inviter.step()
        joiner = open_link(inviter, laptop)
        for _ in range(4):
            await settle(inviter, joiner)
            await inviter.agree()
            await joiner.agree()
        assert inviter.has_ended
        assert joiner.has_ended
        assert "broken" in {inviter.state, joiner.state}
        apart(laptop, server)

    play(story)


def test_an_account_other_than_the_one_shown_is_not_joined(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        inviter = mei.sync.pairing.invite()
        contents = inviter._contents

        async def false_contents() -> Offer:
            true = await contents()
            return Offer(**{**true.__dict__, "account": "AAAA-BBBB-CCCC"})

        inviter._contents = false_contents  # type: ignore[method-assign]
        await inviter.step()
        joiner = open_link(inviter, laptop)
        await settle(joiner, inviter)
        await settle(joiner)
        await inviter.agree()
        await joiner.agree()
        assert joiner.state == "broken"
        apart(laptop, server)

    play(story)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b'{"v":1}', b'{"v":1,"name":"a","public":"AAAA"}', b'{"v":1,"name":3}', b"\xff"],
)
def test_contents_that_make_no_sense_are_refused(content: bytes) -> None:
    for read in (read_offer, read_request):
        with pytest.raises(SyncError) as caught:
            read(content)
        assert caught.value.code == "pairing_broken"


def test_contents_of_a_newer_version_ask_for_an_update() -> None:
    with pytest.raises(SyncError) as caught:
        read_request(b'{"v":2}')
    assert caught.value.code == "newer"


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ([], "Chrome, Linux"),
        (["Chrome, Linux"], "Chrome, Linux 2"),
        (["Chrome, Linux", "Chrome, Linux 2"], "Chrome, Linux 3"),
    ],
)
def test_a_new_device_takes_a_name_that_no_other_one_has(taken: list[str], name: str) -> None:
    assert distinct_name("Chrome, Linux", taken) == name


def test_an_invitation_that_the_server_expires_a_moment_early_has_expired(
    mei: Person, server: FakeServer
) -> None:
    async def story() -> None:
        inviter = await offered(mei)
        server.clock.forward(minutes=9, seconds=59)
        server.pairings = FakePairings(server.clock)
        await inviter.step()
        assert inviter.state == "expired"

    play(story)

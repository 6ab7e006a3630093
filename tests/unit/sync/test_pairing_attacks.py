"""Pairing with stolen links, and with servers that intercept or modify messages."""

import json
from typing import Any

import httpx
import pytest

from app.sync import keys
from app.sync.errors import SyncError
from app.sync.membership import SYNC_KEY
from app.sync.pairing_messages import (
    Offer,
    PairingBoxes,
    Request,
    code_of,
    commitment_to,
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
from tests.unit.sync.pairing_steps import assert_not_joined, compared, offered, open_link, settle
from tests.unit.sync.people import Person, play
from tests.unit.sync.support import SERVER, FakeServer, Phone


def test_the_used_secret_and_all_stored_messages_do_not_reveal_the_key(
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
        # Repeat every message with the pairing secret but without the claim secret.
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
    """A man in the middle who has the pairing secret."""

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


def test_a_man_in_the_middle_cannot_choose_the_code_after_the_request(
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
        # The attacker wants the code 000000 here, and knows everything, but has already committed to a nonce.
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
        assert_not_joined(laptop, server)

    play(story)


class Withholding(httpx.AsyncBaseTransport):
    """A server that withholds the member's nonce, reports a failure, and then sends another request."""

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


def test_a_second_request_is_rejected_once_the_nonce_may_be_known(mei: Person, server: FakeServer) -> None:
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
        # With the nonce, a million names suffice to find one that results in the other device's code.
        between.request = await boxes.seal("request", request_to_json(Request("Laptop 1", pair.public)))
        await inviter.step()
        assert (inviter.state, inviter.code, inviter.given) == ("broken", "", False)

    play(story)


def test_the_request_is_sent_only_after_the_offer_was_received(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        inviter = await offered(mei)
        joiner = open_link(inviter, laptop)
        await joiner.step()
        asked = [path for path, _body in mei.server.requests if "pairing" in path]
        assert asked == ["POST pairing", "POST pairing/claim", "POST pairing/request"]
        claim = next(body for path, body in mei.server.requests if path == "POST pairing/claim")
        assert set(claim) == {"id", "secret"}  # nothing that determines the code

    play(story)


@pytest.mark.parametrize("step", ["offer", "request", "reveal", "answer"])
def test_a_modified_message_ends_the_pairing(
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
        assert_not_joined(laptop, server)

    play(story)


def test_joining_fails_if_the_account_differs_from_the_one_shown(
    mei: Person, laptop: Person, server: FakeServer
) -> None:
    async def story() -> None:
        await mei.sync.start(SERVER)
        inviter = mei.sync.pairing.invite()
        contents = inviter._offer_contents

        async def false_contents() -> Offer:
            true = await contents()
            return Offer(**{**true.__dict__, "account": "AAAA-BBBB-CCCC"})

        inviter._offer_contents = false_contents  # type: ignore[method-assign]
        await inviter.step()
        joiner = open_link(inviter, laptop)
        await settle(joiner, inviter)
        await settle(joiner)
        await inviter.agree()
        await joiner.agree()
        assert joiner.state == "broken"
        assert_not_joined(laptop, server)

    play(story)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b'{"v":1}', b'{"v":1,"name":"a","public":"AAAA"}', b'{"v":1,"name":3}', b"\xff"],
)
def test_malformed_messages_are_rejected(content: bytes) -> None:
    for read in (read_offer, read_request):
        with pytest.raises(SyncError) as caught:
            read(content)
        assert caught.value.code == "pairing_broken"


def test_messages_of_a_newer_version_are_reported_as_newer() -> None:
    with pytest.raises(SyncError) as caught:
        read_request(b'{"v":2}')
    assert caught.value.code == "newer"

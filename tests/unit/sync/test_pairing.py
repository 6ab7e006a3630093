"""Pairing: two devices compare a code, one gives the key, the other joins; all or nothing."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.domain.entities import Client
from app.sync import keys
from app.sync.errors import SyncError
from app.sync.inviter import Inviter
from app.sync.joiner import Joiner
from app.sync.pairing_messages import (
    distinct_name,
)
from tests.unit.sync.pairing_server import FakePairings
from tests.unit.sync.pairing_steps import assert_not_joined, compared, offered, open_link, settle
from tests.unit.sync.people import Person, play
from tests.unit.sync.support import SERVER, FakeServer


@pytest.mark.parametrize("first", ["member", "new device"])
def test_both_sides_show_one_code_and_join_once_both_agree(
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
        assert_not_joined(laptop, server)  # one agreement is not enough
        await agreeing[1].agree()
        await settle(joiner, inviter)
        assert (joiner.state, inviter.state) == ("done", "done")
        await laptop.sync.sync_once()
        assert laptop.store.get(Client, "c").name == "Ana"
        assert await laptop.sync.key_text() == await mei.sync.key_text()
        assert len(server.devices) == 2

    play(story)


def test_the_new_devices_record_names_the_pairing_device(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        await joiner.agree()
        await inviter.agree()
        await settle(joiner)
        state, joined = mei.store.sync_store.state(), laptop.store.sync_store.state()
        assert state is not None
        assert joined is not None
        record = laptop.store.sync_store.device_records()[joined.device]
        assert (record["method"], record["added_by"]) == ("pairing", state.device)

    play(story)


def test_the_offer_names_every_other_device(mei: Person, laptop: Person) -> None:
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
def test_declining_on_either_side_ends_the_pairing_for_both(
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
        assert_not_joined(laptop, server)
        assert server.pairings.boxes == {}

    play(story)


def test_only_the_first_device_that_opens_the_link_can_pair(
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


def test_a_pairing_expires_on_both_sides(mei: Person, laptop: Person, server: FakeServer) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        await joiner.agree()
        server.clock.forward(minutes=10)
        await settle(inviter, joiner)
        assert (inviter.state, joiner.state) == ("expired", "expired")
        late = open_link(inviter, Person(mei.folder / "late", server))
        await settle(late)
        assert late.state == "expired"
        assert_not_joined(laptop, server)

    play(story)


def test_the_expiry_is_converted_to_the_devices_clock(mei: Person, server: FakeServer) -> None:
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


def test_an_offer_is_reused_until_it_has_ended(mei: Person) -> None:
    async def story() -> None:
        inviter = await offered(mei)
        assert mei.sync.pairing.invite() is inviter
        await inviter.cancel()
        assert mei.sync.pairing.invite() is not inviter

    play(story)


def test_a_new_offer_replaces_the_old_one(mei: Person, laptop: Person) -> None:
    async def story() -> None:
        _inviter, joiner = await compared(mei, laptop)
        again = Inviter(mei.platform, mei.server.clock, mei.sync._member, SERVER, None)  # type: ignore[arg-type]
        await again.step()
        await settle(joiner)
        assert joiner.state == "replaced"

    play(story)


class Breaking(httpx.AsyncBaseTransport):
    """Loses every request or every response while turned on."""

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
def test_every_step_reports_a_network_failure_and_can_be_repeated(
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
        assert_not_joined(laptop, server) if loses == "requests" else None
        assert joiner.state == "agreed"
        network.loses = ""
        await settle(joiner, inviter)
        assert (joiner.state, inviter.state) == ("done", "done")
        assert len(server.devices) == 2  # possibly registered twice, but listed once

    play(story)


def test_a_repeated_registration_is_listed_once(mei: Person, laptop: Person, server: FakeServer) -> None:
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


def test_both_sides_fail_if_the_key_cannot_be_stored(mei: Person, laptop: Person, server: FakeServer) -> None:
    async def story() -> None:
        inviter, joiner = await compared(mei, laptop)
        laptop.folder.mkdir(parents=True, exist_ok=True)
        (laptop.folder / "secrets").touch()  # a file in place of the folder
        await inviter.agree()
        await joiner.agree()
        await settle(inviter)
        assert (joiner.state, inviter.state) == ("failed", "failed")
        assert isinstance(joiner.error, OSError)
        assert laptop.store.sync_store.state() is None
        assert len(server.tokens) == 1

    play(story)


def test_a_member_cannot_join_another_account(mei: Person, laptop: Person, server: FakeServer) -> None:
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


def test_a_pairing_fails_if_the_device_has_joined_meanwhile(
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


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ([], "Chrome, Linux"),
        (["Chrome, Linux"], "Chrome, Linux 2"),
        (["Chrome, Linux", "Chrome, Linux 2"], "Chrome, Linux 3"),
    ],
)
def test_a_new_device_gets_a_distinct_name(taken: list[str], name: str) -> None:
    assert distinct_name("Chrome, Linux", taken) == name


def test_an_offer_expired_slightly_early_counts_as_expired(mei: Person, server: FakeServer) -> None:
    async def story() -> None:
        inviter = await offered(mei)
        server.clock.forward(minutes=9, seconds=59)
        server.pairings = FakePairings(server.clock)
        await inviter.step()
        assert inviter.state == "expired"

    play(story)

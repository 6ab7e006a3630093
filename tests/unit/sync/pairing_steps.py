"""The steps of a pairing between two devices, over the fake server."""

from app.sync.inviter import Inviter
from app.sync.joiner import Joiner
from app.sync.pairing_secret import read_entry
from tests.unit.sync.people import Person
from tests.unit.sync.support import SERVER, FakeServer


async def offered(mei: Person) -> Inviter:
    """Create Mei's account if necessary, and an offer with a link."""
    if not mei.sync.is_member:
        await mei.sync.start(SERVER, "Phone")
        await mei.sync.sync_once()
    inviter = mei.sync.pairing.invite()
    await inviter.step()
    assert (inviter.state, inviter.trouble) == ("offered", None)
    return inviter


def open_link(inviter: Inviter, laptop: Person) -> Joiner:
    entry = read_entry(inviter.link)
    return laptop.sync.pairing.join(entry.secret, entry.server)


async def compared(mei: Person, laptop: Person) -> tuple[Inviter, Joiner]:
    """Pair until both sides show a code."""
    inviter = await offered(mei)
    joiner = open_link(inviter, laptop)
    await joiner.step()
    assert (joiner.state, joiner.trouble, joiner.error) == ("waiting", None, None)
    await inviter.step()
    await joiner.step()
    assert (inviter.state, joiner.state) == ("comparing", "comparing")
    return inviter, joiner


async def settle(*sides: Inviter | Joiner) -> None:
    for _ in range(3):
        for side in sides:
            await side.step()


def assert_not_joined(laptop: Person, server: FakeServer) -> None:
    """Assert that the laptop has joined no account and is not registered at the server."""
    assert (laptop.sync.status.state, laptop.store.sync_store.state()) == ("off", None)
    assert not laptop.sync.is_member
    assert len(server.devices) == 1

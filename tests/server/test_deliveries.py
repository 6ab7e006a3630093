"""Who claims deliveries, and what becomes of those that nobody settles."""

from sqlalchemy import delete

from app.server import deliveries
from app.server.tables import Subscription
from tests.server.devices import reminder
from tests.server.ringing import Ringing


def test_what_a_dispatcher_had_claimed_when_it_died_is_taken_up_again(rings: Ringing) -> None:
    device, browser = rings.device()
    device.put(reminder(rings.clock.now))
    with rings.engine.begin() as connection:
        deliveries.ring(connection, rings.clock.now)
        service = browser.endpoint.rsplit("/push/", 1)[0]
        nothing = deliveries.Settlement()
        claimed = deliveries.settle_and_claim(connection, nothing, service, 100, rings.clock.now)
    assert browser.endpoint in [each.endpoint for each in claimed]
    rings.clock.pass_by(seconds=29)
    rings.round()
    assert rings.sink.pushes(browser) == []
    rings.clock.pass_by(seconds=1)
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1


def test_what_is_left_of_a_device_that_is_rung_no_more_keeps_nobody_waiting(rings: Ringing) -> None:
    gone, browser = rings.device()
    gone.put(reminder(rings.clock.now))
    rings.clock.pass_by(seconds=1)
    device, _browser = rings.device()
    device.put(reminder(rings.clock.now))
    service = browser.endpoint.rsplit("/push/", 1)[0]
    with rings.engine.begin() as connection:
        deliveries.ring(connection, rings.clock.now)
        # As when the device has unsubscribed at this very moment: its delivery came after all others went.
        connection.execute(
            delete(Subscription).where(Subscription.account == bytes.fromhex(gone.account))  # type: ignore[arg-type]
        )
        one_by_one = [deliveries.claim(connection, service, 1, rings.clock.now) for _ in range(3)]
    assert [[each.account.hex() for each in claimed] for claimed in one_by_one] == [[], [device.account], []]
    rings.clock.pass_by(minutes=1)
    rings.round()

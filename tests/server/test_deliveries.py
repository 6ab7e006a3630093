"""Claims of deliveries, and deliveries without a result."""

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from app.server.database.tables import SubscriptionRow
from app.server.push import deliveries
from tests.server.devices import Device, reminder
from tests.server.ringing import Ringing


def test_deliveries_claimed_by_a_crashed_dispatcher_are_claimed_again(rings: Ringing) -> None:
    device, browser = rings.device()
    device.put(reminder(rings.clock.now))
    with rings.engine.begin() as connection:
        deliveries.create_due_deliveries(connection, rings.clock.now)
        service = browser.endpoint.rsplit("/push/", 1)[0]
        nothing = deliveries.DeliveryResults()
        claimed = deliveries.store_results_and_claim(connection, nothing, service, 100, rings.clock.now)
    assert browser.endpoint in [each.endpoint for each in claimed]
    rings.clock.pass_by(seconds=29)
    rings.round()
    assert rings.sink.pushes(browser) == []
    rings.clock.pass_by(seconds=1)
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1


def test_deliveries_of_an_unsubscribed_device_delay_no_others(rings: Ringing) -> None:
    gone, browser = rings.device()
    gone.put(reminder(rings.clock.now))
    rings.clock.pass_by(seconds=1)
    device, _browser = rings.device()
    device.put(reminder(rings.clock.now))
    service = browser.endpoint.rsplit("/push/", 1)[0]
    with rings.engine.begin() as connection:
        deliveries.create_due_deliveries(connection, rings.clock.now)
        # As if the device unsubscribed concurrently: its delivery was created after the others were deleted.
        connection.execute(
            delete(SubscriptionRow).where(SubscriptionRow.account == bytes.fromhex(gone.account))  # type: ignore[arg-type]
        )
        one_by_one = [deliveries.claim(connection, service, 1, rings.clock.now) for _ in range(3)]
    assert [[each.account.hex() for each in claimed] for claimed in one_by_one] == [[], [device.account], []]
    rings.clock.pass_by(minutes=1)
    rings.round()


def misplace(rings: Ringing, device: Device, host: str) -> None:
    """Give a device an invalid endpoint that the first version accepted."""
    service = f"https://{host}"
    account = bytes.fromhex(device.account)
    with rings.engine.begin() as connection:
        connection.execute(
            update(SubscriptionRow)
            .where(col(SubscriptionRow.account) == account)
            .values(service=service, endpoint=f"{service}/abc")
        )


def test_endpoints_with_invalid_host_names_delay_no_others(
    rings: Ringing, caplog: pytest.LogCaptureFixture
) -> None:
    misplaced = [rings.device()[0] for _ in range(3)]
    hosts = ["a..push.apple.com", f"{'a' * 64}.push.apple.com", "-.push.apple.com"]
    device, browser = rings.device()
    for each in (*misplaced, device):
        each.put(reminder(rings.clock.now))
    for each, host in zip(misplaced, hosts, strict=True):
        misplace(rings, each, host)
    rings.round()
    assert len(rings.sink.pushes(browser)) == 1
    # Its reminder is still stored as rung, so no other device adds it again.
    assert [rings.kept(each) for each in misplaced] == [(1, 0, 0)] * 3
    assert not any(record.exc_info for record in caplog.records)
    assert [record.message for record in caplog.records].count("subscriptions without a host removed") == 3


def test_a_push_service_no_longer_allowed_by_the_settings_is_not_called(rings: Ringing) -> None:
    device, browser = rings.device(scheme="https", host="localhost")
    device.put(reminder(rings.clock.now))
    narrowed = rings.settings.model_copy(update={"push_services": "127.0.0.1"})
    dispatcher = rings.components.dispatcher(narrowed, rings.clock)
    rings.runner.run(dispatcher.round())
    rings.runner.run(dispatcher.close())
    assert rings.sink.pushes(browser) == []
    assert rings.kept(device) == (1, 0, 1)

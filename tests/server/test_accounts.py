"""Accounts: limits on new ones, quotas, and expiry of idle ones."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text as sql

from app.server.database import migrations
from app.server.database.engine import Database, open_engine
from app.server.ops.expiry import GRACE, Expiry
from app.server.settings import ServerSettings
from tests.server.conftest import serving
from tests.server.devices import Device, change, new_box, problem, reminder
from tests.server.processes import wait_until

DAY = timedelta(days=1)
IDLE = 730 * DAY


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def sweep(database: dict[str, Any], clock: Clock, days: int = 730, processes: int = 1) -> None:
    """Sweep concurrently, as by several processes."""

    async def sweeps() -> None:
        opened = [Database(ServerSettings(**database).database, 2) for _ in range(processes)]
        with_all = [Expiry(each, days, clock).sweep() for each in opened]
        await asyncio.gather(*with_all)
        for each in opened:
            each.close()

    asyncio.run(sweeps())


def test_a_full_server_registers_devices_of_existing_accounts_but_no_new_accounts(
    database: dict[str, Any], web: Path
) -> None:
    with serving(web, **database, accounts=2) as running:
        first, _second = (Device.of_new_account(running.client) for _ in range(2))
        assert problem(Device(running.client).register(create=True)) == (403, "closed")
        first.another()
        first.request("DELETE", "/account", json={"secret": first.secret})
        Device.of_new_account(running.client)


def test_new_accounts_an_hour_are_limited_across_addresses_and_processes(
    database: dict[str, Any], web: Path
) -> None:
    clock = Clock()
    settings = {**database, "accounts_an_hour": 3, "trusted_proxies": "127.0.0.1"}
    with serving(web, clock, **settings) as running, serving(web, clock, **settings) as another:
        for number, api in enumerate([running.client, another.client, running.client]):
            api.headers["x-forwarded-for"] = f"203.0.113.{number}"
            Device.of_new_account(api)
            clock.now += timedelta(minutes=10)
        refused = Device(another.client).register(create=True)
        assert problem(refused) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) == 30 * 60
        clock.now += timedelta(minutes=30)
        device = Device.of_new_account(another.client)
        # A device of an existing account doesn't count as a new account.
        device.another()


def test_reminders_count_towards_an_accounts_bytes(database: dict[str, Any], web: Path) -> None:
    clock = Clock()
    with serving(web, clock, **database, account_megabytes=1) as running:
        device = Device.of_new_account(running.client)
        fire_at = clock.now + DAY
        rev = device.put(*(reminder(fire_at, box=new_box(2048)) for _ in range(450)))
        assert rev == 1
        planned = 450 * 2048
        device.sync(change("a", 0, new_box(60_000)))
        refused = device.send(change("b", 0, new_box(60_000)))
        assert problem(refused) == (507, "quota")
        assert (
            refused.json() | {"of": "bytes", "used": planned + 60_000, "limit": 1_000_000} == refused.json()
        )
        refused = device.change_plan(*(reminder(fire_at, box=new_box(2048)) for _ in range(50)))
        assert problem(refused) == (507, "quota")
        assert (refused.json()["of"], refused.json()["used"]) == ("bytes", planned + 60_000)
        # Shrinking is allowed and frees space.
        device.sync(change("a", 1, new_box(10)))
        device.put(*(reminder(fire_at, box=new_box(2048)) for _ in range(30)))


def test_an_idle_account_is_deleted_a_month_after_it_was_found_idle(
    database: dict[str, Any], web: Path
) -> None:
    clock = Clock()
    settings = {**database, "idle_days": 0}  # the test sweeps explicitly
    with serving(web, clock, **settings) as running:
        used, unused, late = (Device.of_new_account(running.client) for _ in range(3))
        for device in (used, unused, late):
            device.sync(change("a"))
            device.put(reminder(clock.now + DAY))
        clock.now += IDLE - DAY
        used.sync()
        clock.now += 2 * DAY
        sweep(database, clock)
        assert used.send().status_code == 200
        clock.now += GRACE - DAY
        sweep(database, clock)
        late.sync()  # in the last hours
        clock.now += 2 * DAY
        sweep(database, clock, processes=3)
        assert problem(unused.send()) == (401, "no_account")
        assert used.send().status_code == late.send().status_code == 200
        clock.now += IDLE + GRACE + DAY
        sweep(database, clock)
        clock.now += GRACE + DAY
        sweep(database, clock, days=730)
        assert problem(late.send()) == (401, "no_account")
    left = rows_left(database)
    assert left == {"account": 0, "device": 0, "record": 0, "reminder": 0, "subscription": 0, "delivery": 0}


def rows_left(database: dict[str, Any]) -> dict[str, int]:
    engine = open_engine(ServerSettings(**database).database, 1)
    with engine.connect() as connection:
        tables = ("account", "device", "record", "reminder", "subscription", "delivery")
        counts = {
            name: connection.execute(sql(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables
        }
    engine.dispose()
    return counts


def test_a_clock_years_ahead_for_a_while_deletes_no_account(database: dict[str, Any], web: Path) -> None:
    clock = Clock()
    with serving(web, clock, **{**database, "idle_days": 0}) as running:
        device = Device.of_new_account(running.client)
        device.sync(change("a"))
        right = clock.now
        clock.now = right + 5 * 365 * DAY
        for _ in range(3):
            sweep(database, clock)
        clock.now = right + DAY
        sweep(database, clock)
        assert device.another().pull_all().keys() == {"a"}


@pytest.mark.parametrize("leaving", [True, False], ids=["left", "shut out"])
def test_an_account_whose_last_device_left_recently_is_not_idle(
    database: dict[str, Any], web: Path, leaving: bool
) -> None:
    clock = Clock()
    with serving(web, clock, **{**database, "idle_days": 0}) as running:
        device = Device.of_new_account(running.client)
        device.sync(change("a"))
        clock.now += 900 * DAY
        other = device.another()
        device.request("DELETE", f"/devices/{device.id}")
        if leaving:
            other.request("DELETE", f"/devices/{other.id}")
        clock.now += GRACE + DAY
        for _ in range(2):
            sweep(database, clock)
            clock.now += GRACE + DAY
        assert device.another().pull_all().keys() == {"a"}


def test_accounts_never_expire_with_zero_idle_days(database: dict[str, Any], web: Path) -> None:
    async def run() -> None:
        database_of = Database(ServerSettings(**database).database, 1)
        await Expiry(database_of, 0, clock).sweep()
        database_of.close()

    clock = Clock()
    with serving(web, clock, **{**database, "idle_days": 0}) as running:
        device = Device.of_new_account(running.client)
        clock.now += 20_000 * DAY
        asyncio.run(run())
        assert device.send().status_code == 200
        assert running.client.get("/api/v1/info").json()["limits"]["account_idle_days"] == 0


def test_a_server_sweeps_on_startup(database: dict[str, Any], web: Path) -> None:
    clock = Clock()
    with serving(web, clock, **database) as running:
        Device.of_new_account(running.client)
    clock.now += IDLE + DAY
    with serving(web, clock, **database):
        wait_until(lambda: without_date(database) == 0)
    assert rows_left(database)["account"] == 1
    clock.now += GRACE + DAY
    with serving(web, clock, **database):
        wait_until(lambda: rows_left(database)["account"] == 0)


def without_date(database: dict[str, Any]) -> int:
    """Number of accounts without a deletion date."""
    engine = open_engine(ServerSettings(**database).database, 1)
    with engine.connect() as connection:
        count: int = connection.execute(
            sql("SELECT count(*) FROM account WHERE expires_at IS NULL")
        ).scalar_one()
    engine.dispose()
    return count


def test_migration_dates_accounts_by_their_last_use(database: dict[str, Any]) -> None:
    engine = open_engine(ServerSettings(**database).database, 1)
    with engine.begin() as connection:
        configuration = migrations.config()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0002")
        account = (
            "INSERT INTO account"
            " (id, secret_hash, created_at, rev, oldest_cursor, records, box_bytes, plan_rev)"
            " VALUES (:id, :id, '2025-01-01 00:00:00', 0, 0, 0, 0, 0)"
        )
        device = (
            "INSERT INTO device (account, id, token_hash, label, created_at, seen_at)"
            " VALUES (:account, :id, :hash, :hash, '2025-01-01 00:00:00', :seen)"
        )
        for name in (b"with devices", b"with none"):
            connection.execute(sql(account), {"id": name})
        for number, day in enumerate(["2026-03-01 10:00:00", "2026-05-01 10:00:00"]):
            row = {"account": b"with devices", "id": str(number), "hash": bytes([number]), "seen": day}
            connection.execute(sql(device), row)
    migrations.upgrade(engine)
    with closing(engine.connect()) as connection:
        seen = dict(connection.execute(sql("SELECT id, seen_at FROM account")).all())
    engine.dispose()
    assert {bytes(name): str(at)[:10] for name, at in seen.items()} == {
        b"with devices": "2026-05-01",
        b"with none": "2025-01-01",
    }

"""A server restored from a backup: devices and server converge again, whatever was lost."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import insert, select, text
from sqlmodel import col

from app.domain.entities import Client
from app.server.database import migrations
from app.server.database.engine import open_engine
from app.server.database.restore import MOST_JUMP
from app.server.database.restore import forget_cursors as restore_revisions
from app.server.database.tables import AccountRow, RecordRow
from app.server.settings import ServerSettings
from app.sync.errors import SyncError
from tests.server.backups import back_up, restore, variables
from tests.server.conftest import Running, serving
from tests.server.devices import Device as BareDevice
from tests.server.devices import change, problem, reminder
from tests.server.network import Network
from tests.server.processes import run
from tests.unit.store.support import Clock, records
from tests.unit.sync.support import Device

RECORDS = 5000
LARGE = 50  # records of 45 kB: more than the 2 MB of a page


class Rehearsal:
    """A server that is stopped, restored and restarted, and an account's devices."""

    def __init__(self, web: Path, database: dict[str, Any]) -> None:
        self._web, self._database = web, database
        self._key = secrets.token_bytes(32)
        self._clock = Clock(datetime.now(UTC))
        self._devices: list[Device] = []
        self._stack = ExitStack()

    def start(self) -> None:
        running = self._stack.enter_context(serving(self._web, **self._database))
        self._address = str(running.client.base_url).rstrip("/")
        for device in self._devices:
            device._server = self._address

    def stop(self) -> None:
        self._stack.close()

    def restore(self, file: Path) -> None:
        self.stop()
        restore(self._database, file)
        code, _said, errors = run("db", "restored", **variables(self._database))
        assert (code, errors) == (0, "")
        self.start()

    def device(self, name: str) -> Device:
        device = Device(Network(), name, self._clock, key=self._key, server=self._address)
        device.enter(create=not self._devices)
        self._devices.append(device)
        return device

    def close(self) -> None:
        self.stop()
        for device in self._devices:
            device.store.close()


@pytest.fixture
def rehearsal(web: Path, database: dict[str, Any]) -> Iterator[Rehearsal]:
    found = Rehearsal(web, database)
    found.start()
    yield found
    found.close()


def assert_in_step(*devices: Device) -> None:
    """Assert that all devices have the same records and none has changes to push."""
    first, *others = [records(device.store) for device in devices]
    assert all(other == first for other in others)
    assert [device.store.sync_store.count_outgoing() for device in devices] == [0] * len(devices)


def test_devices_of_a_large_account_converge_after_a_restore(
    rehearsal: Rehearsal, database: dict[str, Any], tmp_path: Path
) -> None:
    phone, laptop, lost = (rehearsal.device(name) for name in ("phone", "laptop", "lost"))
    phone.store.save(*(Client(id=f"c{number}", name=f"Client {number}") for number in range(RECORDS)))
    phone.store.save(*(Client(id=f"l{number}", notes="x" * 45_000) for number in range(LARGE)))
    for device in (phone, laptop, lost):
        device.sync_once()
    back_up(database, tmp_path / "backup")

    # These changes are acknowledged, and missing in the backup.
    phone.store.save(*(Client(id=f"n{number}", name="New") for number in range(600)))
    phone.store.save(*(Client(id=f"c{number}", name="Edited on the phone") for number in range(0, 1400, 2)))
    laptop.store.save(*(Client(id=f"c{number}", notes="Noted on the laptop") for number in range(1, 1400, 2)))
    deleted = [client for number in range(2000, 2020) if (client := laptop.store.get(Client, f"c{number}"))]
    for client in deleted:
        laptop.store.delete(client)
    for device in (phone, laptop, phone):
        device.sync_once()
    phone.ask(lambda client: client.revoke("device-lost"))
    with pytest.raises(SyncError, match="revoked"):
        lost.sync_once()
    expected = records(phone.store)

    rehearsal.restore(tmp_path / "backup")
    # One device has also made changes offline.
    laptop.store.save(*(Client(id=f"o{number}", name="Offline") for number in range(501)))
    # The revocation is missing in the backup, as `kaeru db restored` explains.
    for device in (phone, laptop, lost, phone):
        device.sync_once()
    assert_in_step(phone, laptop, lost)
    kept = records(phone.store)
    assert {key: kept[key] for key in expected} == expected
    newcomer = rehearsal.device("new")
    newcomer.sync_once()
    assert_in_step(phone, newcomer)
    assert len(kept) == RECORDS + LARGE + 600 + 501


def test_db_restored_prints_the_numbers_of_accounts_and_devices(
    web: Path, database: dict[str, Any], tmp_path: Path
) -> None:
    with serving(web, **database) as running:
        device = BareDevice.of_new_account(running.client)
        other = device.another()
        device.another()
        device.request("DELETE", f"/devices/{other.id}")
        BareDevice.of_new_account(running.client)
        back_up(database, tmp_path / "backup")
    restore(database, tmp_path / "backup")
    code, said, errors = run("db", "restored", **variables(database))
    assert (code, errors) == (0, "")
    assert "Accounts: 2. Devices that may sync: 3." in said
    assert "A device that was shut out since then can sync again" in said
    until = datetime.now(UTC) + timedelta(days=14)
    assert f"Until {until:%Y-%m-%d} no device can shut out another one" in said


def account_of(running: Running, count: int) -> BareDevice:
    """The first device of an account with `count` records."""
    device = BareDevice.of_new_account(running.client)
    for first in range(0, count, 500):
        device.sync(*(change(f"r{number}") for number in range(first, min(first + 500, count))))
    return device


def test_cursors_and_revisions_from_before_a_restore_are_refused(
    web: Path, database: dict[str, Any], tmp_path: Path
) -> None:
    """Restore a backup twice: revisions given out between the restores are lost as well."""
    with serving(web, **database) as running:
        writer = account_of(running, 1200)
        writer.put(reminder(datetime.now(UTC)))
        back_up(database, tmp_path / "backup")
        revs = {0: writer.sync(change("lost"))["accepted"][0]["rev"]}
        cursors, plans = {0: writer.cursor}, {0: writer.put(reminder(datetime.now(UTC)))}
    for time in (1, 2):
        restore(database, tmp_path / "backup")
        assert run("db", "restored", **variables(database))[0] == 0
        with serving(web, **database) as running:
            writer.api, writer.cursor = running.client, 0
            pulled = writer.pull_all()
            assert len(pulled) == 1200
            writer.plan = writer.change_plan(base=0).json()["rev"]
            # As many changes of other records as were lost: revision numbers must not be reused.
            revs[time] = writer.sync(change("instead", box="AAAA"))["accepted"][0]["rev"]
            plans[time] = writer.put(reminder(datetime.now(UTC)))
            for earlier in range(time):
                refused = writer.send(change("instead", revs[earlier]), cursor=writer.cursor)
                if refused.status_code == 200:
                    assert refused.json()["accepted"] == []
                    assert [each["box"] for each in refused.json()["conflicts"]] == ["AAAA"]
                else:
                    assert problem(refused) == (409, "cursor")
                assert problem(writer.send(cursor=cursors[earlier])) == (409, "cursor")
                assert problem(writer.change_plan(base=plans[earlier])) == (409, "plan")
            cursors[time] = writer.cursor


def test_revisions_stay_exact_in_json_after_many_restores(database: dict[str, Any]) -> None:
    engine = open_engine(ServerSettings(**database).database, 1)
    migrations.upgrade(engine)
    row = {"secret_hash": b"", "created_at": datetime.now(UTC), "records": 0, "box_bytes": 0}
    with engine.begin() as connection:
        empty, full = bytes(16), bytes([1] * 16)
        for account, rev in ((empty, 0), (full, 200_000)):
            connection.execute(
                insert(AccountRow), {**row, "id": account, "rev": rev, "oldest_cursor": 0, "plan_rev": 3}
            )
        for rev in (1, 2, 150_000, 200_000):
            connection.execute(
                insert(RecordRow), {"account": full, "id": f"r{rev}", "rev": rev, "box": b"box"}
            )
        for _ in range(300):
            restore_revisions(connection, MOST_JUMP)
        accounts = connection.execute(select(AccountRow.__table__).order_by(col(AccountRow.id))).all()  # type: ignore[attr-defined]
        revs = list(
            connection.execute(select(col(RecordRow.rev)).order_by(col(RecordRow.rev))).scalars().all()
        )
    engine.dispose()
    # Growth is linear, so a hundred times as many restores are possible.
    assert all(max(each.rev, each.plan_rev) < 2**53 / 100 for each in accounts)
    assert accounts[0].rev == accounts[0].oldest_cursor
    assert [rev - accounts[1].oldest_cursor for rev in revs] == [1, 2, 150_000, 200_000]
    assert accounts[1].rev == revs[-1]


def test_an_account_restored_by_the_first_version_syncs_after_the_upgrade(
    web: Path, database: dict[str, Any]
) -> None:
    with serving(web, **database) as running:
        stuck, healthy = account_of(running, 1200), account_of(running, 501)
        newer = healthy.another()
    engine = open_engine(ServerSettings(**database).database, 1)
    with engine.begin() as connection:
        # What `kaeru db restored` of the first version did, and changes after it.
        beyond = "SET rev = rev + 1000000000, oldest_cursor = rev + 1000000000"
        account = {"account": bytes.fromhex(stuck.account)}
        connection.execute(text(f"UPDATE account {beyond} WHERE id = :account"), account)
        # Only this migration: the tables are those of later migrations.
        step = import_module("app.server.database.migrations.versions.0003_revisions_after_restore")
        with Operations.context(MigrationContext.configure(connection)):
            step.upgrade()
    engine.dispose()
    with serving(web, **database) as running:
        for device in (stuck, healthy, newer):
            device.api = running.client
        stuck.cursor = 500
        assert problem(stuck.send()) == (409, "cursor")
        stuck.cursor = 0
        assert set(stuck.pull_all()) == {f"r{number}" for number in range(1200)}
        assert healthy.sync()["changes"] == []
        assert len(newer.pull_all()) == 501

"""Key changes by the client over HTTP: followed by others, killed midway, and reverted by a restore."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.sync import keys
from app.sync.keyring import Keyring
from tests.server.persons import (
    SERVER,
    MovingNetwork,
    Person,
    copy_of,
    one_account,
    opened,
    run_story,
    serving_at,
    stored_boxes,
    sync_once,
)
from tests.server.processes import ROOT, environment, run

MANY = 501


def test_kept_devices_follow_a_key_change_and_the_lost_one_reads_nothing(
    api: httpx.Client, people: Callable[[MovingNetwork], list[Person]]
) -> None:
    network = MovingNetwork(str(api.base_url))
    mei, laptop, phone = people(network)

    async def story() -> None:
        mei.note(*(f"c{number:03}" for number in range(MANY)))
        before = await one_account(mei, laptop, phone)
        laptop.note("unsent")
        after = await mei.sync.change_key([phone.device])
        await sync_once(mei, laptop)
        assert mei.has("unsent")
        assert laptop.has(*(f"c{number:03}" for number in range(MANY)))
        boxes = await stored_boxes(network, mei)
        assert await opened(mei, Keyring.of(keys.from_text(after)), boxes) == boxes.keys()
        assert await opened(mei, Keyring.of(keys.from_text(before)), boxes) == set()
        await phone.sync.sync_once()
        assert phone.sync.status.code == "revoked"

    run_story(story)


def test_a_device_killed_while_resealing_resumes_and_one_that_joins_reads_all(
    api: httpx.Client, people: Callable[[MovingNetwork], list[Person]]
) -> None:
    network = MovingNetwork(str(api.base_url))
    mei, laptop, phone = people(network)
    everything = [f"c{number:04}" for number in range(3 * MANY)]

    async def start_change() -> None:
        mei.note(*everything)
        await one_account(mei, phone)

    async def resume_change() -> None:
        await mei.reopen()
        left = mei.store.sync_store.count_stale(1)
        assert 0 < left < len(everything)
        await laptop.sync.join(await mei.sync.key_text(), SERVER)
        await laptop.sync.sync_once()
        assert laptop.has(*everything)
        await sync_once(mei, laptop)
        assert mei.store.sync_store.count_stale(1) == laptop.store.sync_store.count_stale(1) == 0
        boxes = await stored_boxes(network, mei)
        only_new = Keyring.of(keys.from_text(await mei.sync.key_text()))
        assert await opened(mei, only_new, boxes) == boxes.keys()

    run_story(start_change)
    mei.store.close()
    network_of(mei.folder, network.address)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.rotating", str(mei.folder), phone.device],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    while (line := process.stdout.readline()) and not is_midway(line):
        pass
    assert line, "it was done before it could be killed"
    process.kill()
    process.communicate()
    run_story(resume_change)


def network_of(folder: Path, address: str) -> None:
    """Point the device in the folder to its server, also in another process."""
    with sqlite3.connect(folder / "kaeru.db") as connection:
        connection.execute("UPDATE sync_state SET server = ?", (address.rstrip("/"),))


def is_midway(line: str) -> bool:
    word, *numbers = line.split()
    return word == "sealing" and 0 < int(numbers[0]) < int(numbers[1])


@pytest.mark.parametrize("for_good", [False, True], ids=["stopped", "for good"])
def test_a_device_revoked_since_the_backup_stays_revoked_after_a_restore(
    web: Path,
    tmp_path: Path,
    database: dict[str, Any],
    people: Callable[[MovingNetwork], list[Person]],
    for_good: bool,
) -> None:
    network = MovingNetwork()
    mei, laptop, phone = people(network)

    async def before() -> None:
        mei.note("before")
        await one_account(mei, laptop, phone)

    async def after() -> None:
        if for_good:
            await mei.sync.change_key([phone.device])
        else:
            await mei.sync.devices.revoke(phone.device)
        mei.note("after")
        await sync_once(mei, laptop)

    async def restored() -> None:
        await laptop.sync.sync_once()
        assert laptop.sync.status.state == "idle", laptop.sync.status
        await phone.sync.sync_once()
        assert phone.sync.status.code == "revoked"
        await sync_once(mei, laptop)
        assert mei.has("before", "after")
        boxes = await stored_boxes(network, mei)
        assert {"before", "after"} <= boxes.keys()
        current = Keyring.of(keys.from_text(await mei.sync.key_text()))
        assert await opened(mei, current, boxes) == boxes.keys()
        assert {device.id for device in await mei.sync.devices.fetch()} == {mei.device, laptop.device}

    with serving_at(network, web, database):
        run_story(before)
    backup = copy_of(database, tmp_path / "backup")
    with serving_at(network, web, database):
        run_story(after)
    assert run("db", "restored", **environment(backup, web))[0] == 0
    with serving_at(network, web, backup):
        run_story(restored)

"""Devices of one account that write while servers are killed, and the acknowledgements they get."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.server.devices import Device, change, new_box, new_id
from tests.server.processes import Serving


class Progress:
    """Counts acknowledged requests, so that a test can wait for more."""

    def __init__(self) -> None:
        self.stopped = False
        self._count = 0
        self._changed = threading.Condition()

    def add(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait_for(self, more: int) -> None:
        with self._changed:
            wanted = self._count + more
            assert self._changed.wait_for(lambda: self._count >= wanted, timeout=120)


@dataclass
class Writer:
    """A device that writes its own records, pulls all others', and remembers both."""

    device: Device
    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    def work(self, addresses: list[str], progress: Progress, choice: random.Random) -> None:
        bases: dict[str, int] = {}
        while not progress.stopped:
            ids = {new_id() for _ in range(choice.randint(1, 5))} | set(sorted(bases)[-2:])
            sent = {record: change(record, bases.get(record, 0), new_box()) for record in ids}
            try:
                with httpx.Client(base_url=choice.choice(addresses), timeout=20) as self.device.api:
                    body = self.device.send(*sent.values()).json()
            except httpx.TransportError:
                time.sleep(0.02)  # that server was killed, or is starting
                continue
            self.note(body)
            for each in body["accepted"]:
                self.acknowledged[each["id"]] = (each["rev"], sent[each["id"]]["box"])
            # A conflict is this device's own change whose acknowledgement was lost.
            bases |= {each["id"]: each["rev"] for each in body["accepted"] + body["conflicts"]}
            progress.add()

    def note(self, body: dict[str, Any]) -> None:
        for each in body["changes"] + body["conflicts"] + body["accepted"]:
            self.seen[each["id"]] = max(each["rev"], self.seen.get(each["id"], 0))
        assert body["cursor"] >= self.device.cursor
        self.device.cursor = body["cursor"]

    def catch_up(self, api: httpx.Client) -> None:
        self.device.api = api
        more = True
        while more:
            body = self.device.send().json()
            self.note(body)
            more = body["more"]


def write_through_kills(
    log: Path, variables: dict[str, str], *, processes: int, writers: int, kills: int
) -> tuple[list[Writer], dict[str, tuple[int, str]]]:
    """Write to several server processes while they are killed and restarted in turn.

    Returns the writers, caught up, and what a new device pulls: {id: (rev, box)}.
    """
    choice = random.Random(kills)
    servers = [Serving.start(log, **variables) for _ in range(processes)]
    addresses = [server.url for server in servers]
    progress = Progress()
    try:
        with httpx.Client(base_url=addresses[0], timeout=20) as client:
            first = Device.of_new_account(client)
            working = [Writer(each) for each in (first, *(first.another() for _ in range(writers - 1)))]
        with ThreadPoolExecutor(writers) as threads:
            running = [
                threads.submit(writer.work, addresses, progress, random.Random(number))
                for number, writer in enumerate(working)
            ]
            try:
                for _ in range(kills):
                    progress.wait_for(choice.randint(4, 24))
                    killed = choice.randrange(processes)
                    servers[killed].process.kill()
                    servers[killed].process.communicate()
                    servers[killed] = Serving.start(log, **variables)
                    addresses[killed] = servers[killed].url
                progress.wait_for(2 * writers)
            finally:
                progress.stopped = True
            for each in running:
                each.result()
        with httpx.Client(base_url=addresses[0], timeout=20) as client:
            fresh = Device(client, first.account, first.secret)
            fresh.register()
            kept = fresh.pull_all()
            for writer in working:
                writer.catch_up(client)
    finally:
        for server in servers:
            server.process.kill()
            server.process.communicate()
    return working, kept


def check_promises(writers: list[Writer], kept: dict[str, tuple[int, str]]) -> int:
    """Assert that no acknowledged change is lost and no revision reused or skipped. Returns their number."""
    promised = {record: made for writer in writers for record, made in writer.acknowledged.items()}
    # A record has one writer: the server has its last acknowledged change or a later one.
    for record, (rev, box) in promised.items():
        assert kept[record][0] > rev or kept[record] == (rev, box)
    revs = {record: rev for record, (rev, _box) in kept.items()}
    assert len(set(revs.values())) == len(revs)
    for writer in writers:
        assert writer.seen == revs
    return len(promised)

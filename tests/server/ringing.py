"""A server, a dispatcher on its database and a push service, with a clock that the test sets."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from sqlalchemy import Engine, select

from app.server.app import Components
from app.server.database.engine import open_engine
from app.server.database.tables import DeliveryRow, ReminderRow, ServerTable, SubscriptionRow
from app.server.push.dispatcher import Dispatcher
from app.server.settings import ServerSettings
from tests.server.conftest import serving
from tests.server.devices import Device, new_id
from tests.server.sink import Browser, Sink

PUSH: dict[str, Any] = {"push_services": "127.0.0.1,localhost", "push_testing": True}


@dataclass
class Clock:
    """A clock that advances only on demand."""

    now: datetime = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Ringing:
    """The server, dispatcher and push service of a test."""

    client: httpx.Client
    clock: Any  # a Clock, or an object with the same methods
    sink: Sink
    settings: ServerSettings
    components: Components
    engine: Engine
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def __post_init__(self) -> None:
        self.dispatcher = self.new_dispatcher()

    def new_dispatcher(self) -> Dispatcher:
        return self.components.dispatcher(self.settings, self.clock)

    def round(self) -> None:
        """Send everything due now and wait for the responses."""
        self.runner.run(self.dispatcher.round())

    def device(self, **place: Any) -> tuple[Device, Browser]:
        """The first device of a new account, subscribed with its own browser."""
        device = Device.of_new_account(self.client)
        return device, self.subscribe(device, **place)

    def subscribe(self, device: Device, **place: Any) -> Browser:
        browser = self.sink.browser(f"/push/{new_id()}", **place)
        answer = device.subscribe(browser.subscription())
        assert answer.status_code == 204, answer.text
        return browser

    def rows(self, table: type[ServerTable], device: Device) -> list[Any]:
        """The rows of an account in a table."""
        account = bytes.fromhex(device.account)
        statement = select(table).where(table.__table__.c.account == account)  # type: ignore[attr-defined]
        with self.engine.connect() as connection:
            return list(connection.execute(statement))

    def kept(self, device: Device) -> tuple[int, int, int]:
        """Numbers of reminders, deliveries and subscriptions of an account."""
        reminders, deliveries, subscriptions = (
            len(self.rows(table, device)) for table in (ReminderRow, DeliveryRow, SubscriptionRow)
        )
        return reminders, deliveries, subscriptions

    def figure(self, name: str, **labels: str) -> float:
        value = self.components.metrics._registry.get_sample_value(f"kaeru_{name}", labels)
        return value or 0.0


@contextmanager
def ringing(web: Path, clock: Any = None, **database: Any) -> Iterator[Ringing]:
    clock = clock or Clock()
    with tempfile.TemporaryDirectory() as folder, Sink(Path(folder)).running() as sink:
        settings = ServerSettings(**database, **PUSH)
        with (
            patch.dict(os.environ, {"SSL_CERT_FILE": str(sink.certificate)}),
            serving(web, clock, **database, **PUSH) as running,
        ):
            components = Components.of(settings)
            engine = open_engine(settings.database, 1)
            found = Ringing(running.client, clock, sink, settings, components, engine)
            yield found
            found.runner.run(found.dispatcher.close())
            found.runner.close()
            engine.dispose()
            components.database.close()

"""Withdrawing notifications that alarms have shown and that are no longer needed."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app import i18n
from app.domain.entities import Client, Message, Settings
from app.platform.base import NotificationCapability
from app.store.database import open_database
from app.store.store import Store
from app.ui.state import AppState
from app.viewmodels import notifications as model
from tests.unit.platform.alarm_system import HOUR, NOW, Phone, System, alarm, play

ALARMS = NotificationCapability("alarms", "granted", alarms=64)
KINDS = ["android", "ios"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_reminder_replaces_an_earlier_one_with_the_same_tag(kind: str) -> None:
    async def story(phone: Phone) -> None:
        plan = [alarm("half", 1, "m"), alarm("soon", 2, "m"), alarm("other", 1), alarm("next", 3, "m")]
        await phone.notifications.set_alarms(plan)
        phone.system.advance(2 * HOUR)
        assert phone.system.titles() == ["half", "other", "soon"]
        assert await phone.notifications.shown() == {"m", "other"}
        await phone.notifications.withdraw([])
        assert phone.system.titles() == ["other", "soon"]
        await phone.notifications.withdraw(["m"])
        assert phone.system.titles() == ["other"]
        assert [each["title"] for each in phone.system.pending.values()] == ["next"]

    play(story, kind)  # type: ignore[arg-type] # one of the two


@pytest.fixture
def store(storage: Path) -> Iterator[Store]:
    opened = Store(open_database(storage / "kaeru.db"), lambda: NOW)
    opened.save(Settings(introduced=True, time_zone="UTC", language="en"))
    yield opened
    i18n.use_language("en")
    opened.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["answered", "deleted", "snoozed"])
def test_answered_notifications_are_withdrawn_and_open_ones_stay(store: Store, kind: str, how: str) -> None:
    client = Client(name="Aoki", reply_target_hours=4)
    asked = [
        Message(client_id=client.id, at=NOW, due_at=NOW + 4 * HOUR, summary=text) for text in ("Logo", "Site")
    ]
    store.save(client, *asked)

    async def run() -> None:
        phone = await Phone(System(kind)).start()  # type: ignore[arg-type] # one of the two
        app = AppState(phone.screen.page, store, phone.platform, lambda: NOW)
        await model.set_alarms(app, NOW, ALARMS)
        phone.system.advance(3.5 * HOUR)
        now = phone.system.now
        await model.withdraw(app, now, ALARMS)
        bodies = [each["body"] for each in phone.system.active.values()]
        assert sorted(bodies) == ["Logo", "Site"]  # the last one about each message, though two have rung
        logo = asked[0]
        if how == "deleted":
            store.delete(logo)
        elif how == "answered":
            store.save(logo.model_copy(update={"replied_at": now}))
        else:
            store.save(logo.model_copy(update={"snoozed_until": now + HOUR}))
        await model.withdraw(app, now, ALARMS)
        assert [each["body"] for each in phone.system.active.values()] == ["Site"]

    asyncio.run(run())


def test_opening_the_app_does_not_cancel_a_late_alarm(store: Store) -> None:
    """An inexact alarm may be an hour late; the plan no longer holds reminders of the past."""
    late = NotificationCapability("alarms", "granted", alarms=64, punctual=False)
    message = Message(client_id="c", at=NOW - HOUR, due_at=NOW + 4 * HOUR, summary="Logo")
    store.save(Client(id="c", name="Aoki"), message)

    async def run() -> None:
        system = System()
        system.exact = False
        phone = await Phone(system).start()
        app = AppState(phone.screen.page, store, phone.platform, lambda: NOW)
        await model.set_alarms(app, NOW, late)
        early = min(system.times())
        system.advance(early - NOW + timedelta(minutes=40), late=HOUR)
        again = await Phone(system).start()
        app = AppState(again.screen.page, store, again.platform, lambda: NOW)
        await model.set_alarms(app, system.now, late)
        assert early in system.times()
        system.advance(timedelta(minutes=20), late=HOUR)
        assert len(system.active) == 1

    asyncio.run(run())

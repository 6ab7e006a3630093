"""The reminder scheduler on a phone, with the app's store: from a message to its alarms, and back."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from app import i18n
from app.domain.entities import Client, Message, Settings
from app.platform import alarms as module
from app.platform.base import NotificationCapability
from app.store.database import open_database
from app.store.store import Store
from app.ui.state import AppState
from app.viewmodels import notifications as model
from app.viewmodels.reminder_scheduler import ReminderScheduler
from tests.unit.platform.alarm_system import HOUR, NOW, Phone, System, play

ALARMS = NotificationCapability("alarms", "granted", alarms=64)


@pytest.mark.parametrize("system_has_channels", [True, False])
def test_the_channel_name_is_localised_and_alarms_are_set_with_a_locked_keystore(
    storage: Path, monkeypatch: pytest.MonkeyPatch, system_has_channels: bool
) -> None:
    monkeypatch.setattr("app.viewmodels.reminder_scheduler.PAUSE", timedelta())
    store = Store(open_database(storage / "kaeru.db"), lambda: NOW)
    store.save(Settings(introduced=True, time_zone="UTC", language="fr"))
    store.save(Message(client_id="aoki", at=NOW, due_at=NOW + 24 * HOUR, summary="Logo"))

    async def story(phone: Phone) -> None:
        phone.system.refused = set() if system_has_channels else {"create_notification_channel"}
        scheduler = asyncio.create_task(
            ReminderScheduler(AppState(phone.screen.page, store, phone.platform, lambda: NOW)).run()
        )
        while not phone.system.pending:  # noqa: ASYNC110 - the condition has no event to wait for
            await asyncio.sleep(0.005)
        scheduler.cancel()

    system = play(story)
    i18n.use_language("en")
    store.close()
    assert {each["channel_id"] for each in system.pending.values()} == {module.CHANNEL}
    if system_has_channels:
        assert (system.channel["id"], system.channel["name"]) == (module.CHANNEL, "Rappels")
        assert system.channel["importance"] == "high"


def test_a_message_sets_alarms_and_its_answer_cancels_them(storage: Path) -> None:
    """End to end with the app's store and plan; the answer comes from a cold start."""
    system = System()
    store = Store(open_database(storage / "kaeru.db"), lambda: NOW)
    store.save(Settings(introduced=True, time_zone="UTC", language="en"))
    client = Client(name="Aoki", reply_target_hours=24)
    message = Message(client_id=client.id, at=NOW, due_at=NOW + 24 * HOUR, summary="Logo")
    store.save(client)
    store.save(message)

    async def run() -> None:
        first = await Phone(system).start()
        app = AppState(first.screen.page, store, first.platform, lambda: NOW)
        await model.set_alarms(app, NOW, ALARMS)
        assert len(system.pending) >= 2
        assert all(at > NOW for at in system.times())
        (payload, *_others) = (each["payload"] for each in system.pending.values())

        second = await Phone(system).start()  # the answer started the app
        await second.press("replied", payload)
        app = AppState(second.screen.page, store, second.platform, lambda: NOW)
        await ReminderScheduler(app)._apply_answers()
        kept = store.get(Message, message.id)
        assert kept is not None
        assert kept.replied_at == NOW
        await model.set_alarms(app, NOW, ALARMS)
        assert system.pending == {}
        assert await second.notifications.answers() == []

    asyncio.run(run())
    store.close()


def test_an_answered_reminder_is_withdrawn_from_the_screen(storage: Path) -> None:
    system = System()
    store = Store(open_database(storage / "kaeru.db"), lambda: system.now)
    store.save(Settings(introduced=True, time_zone="UTC", language="en"))
    message = Message(client_id="aoki", at=NOW, due_at=NOW + 4 * HOUR, summary="Logo")
    store.save(message)

    async def run() -> None:
        phone = await Phone(system).start()
        scheduler = ReminderScheduler(AppState(phone.screen.page, store, phone.platform, lambda: system.now))
        await scheduler._poll()
        system.advance(3.5 * HOUR)
        await scheduler._poll()
        assert len(system.active) == 1
        store.save(message.model_copy(update={"replied_at": system.now}))
        await scheduler._poll()
        assert system.active == {}

    asyncio.run(run())
    store.close()


def test_alarms_are_set_as_soon_as_they_are_permitted(storage: Path) -> None:
    """A user who has turned reminders on may close the app at once, before the scheduler's next poll."""
    system = System()
    system.allowed = system.exact = False
    store = Store(open_database(storage / "kaeru.db"), lambda: NOW)
    store.save(Settings(introduced=True, time_zone="UTC", language="en"))
    store.save(Message(client_id="aoki", at=NOW, due_at=NOW + 4 * HOUR, summary="Logo"))

    async def run() -> None:
        phone = await Phone(system, keystore_locked=False).start()
        app = AppState(phone.screen.page, store, phone.platform, lambda: NOW)
        assert (await model.turn_on(app)).permission == "granted"
        assert {each["schedule_mode"] for each in system.pending.values()} == {"inexactAllowWhileIdle"}
        assert (await model.allow_exact_alarms(app)).punctual
        assert {each["schedule_mode"] for each in system.pending.values()} == {"exactAllowWhileIdle"}

    asyncio.run(run())
    store.close()

"""Runs notifications while the app is open: applies answers, sets the badge, shows due reminders."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta

from app.platform.base import NotificationCapability
from app.reminders.plan import PlanLimits
from app.store.changes import RecordState
from app.store.sync.events import EVENT
from app.store.transactions import StorageError
from app.sync.errors import SyncError
from app.viewmodels import notifications as model
from app.viewmodels.services import AppServices

POLL_INTERVAL = timedelta(minutes=1)
ALARM_INTERVAL = timedelta(minutes=15)  # alarms ring without the app, but the plan changes
LOOKAHEAD = 20  # number of planned reminders per poll; covers more than the next minute
# Delay after a change, so that its screen is drawn first.
PAUSE = timedelta(milliseconds=500)
# Sync states in which the server sends due reminders.
PUSH_STATES = frozenset({"idle", "syncing"})
# Sync states in which this device has all records, so that a reminder missing from its plan is obsolete.
COMPLETE_STATES = frozenset({"idle", "off"})

log = logging.getLogger(__name__)


class ReminderScheduler:
    """Shows reminders of the plan while the server cannot: without an account, or while offline."""

    def __init__(self, app: AppServices) -> None:
        self._app = app
        self._since = app.store.now()
        self._changed = asyncio.Event()
        self._texts_language = ""  # language of the texts stored by `model.store_texts`
        self._answers_pending = True  # answers given while the app was closed, or not applied yet
        self._push_device = ""  # device id last subscribed to push
        app.sync.reminders.plan_with(lambda now: model.plan(app, now))
        app.store.subscribe(self._changed.set)
        app.platform.subscribe(self._on_event)

    async def run(self) -> None:
        """Poll until cancelled, at least every POLL_INTERVAL or after a change."""
        await asyncio.sleep(PAUSE.total_seconds())
        if (await self._app.platform.notifications.state()).possible == "no":
            return
        while True:
            self._changed.clear()
            try:
                wait = await self._poll()
            except (StorageError, OSError) as error:  # screens report database errors
                log.warning("reminders have to wait: %s", error)
                wait = POLL_INTERVAL
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait.total_seconds())
            await asyncio.sleep(PAUSE.total_seconds())

    def _on_event(self, event: str) -> None:
        if event == "answers":
            self._app.run_task(self._apply_answers)

    async def _apply_answers(self) -> None:
        """Apply answers given on notifications; failures are retried at the next poll."""
        self._answers_pending = True
        notifications = self._app.platform.notifications
        answers = await notifications.answers()
        if answers:
            self._app.sync.reminders.answer([RecordState(each.id, EVENT, each.fields) for each in answers])
            await notifications.forget(answers)
        self._answers_pending = False

    async def _poll(self) -> timedelta:
        """Show reminders that became due since the last poll; returns the time until the next poll."""
        app, now = self._app, self._app.store.now()
        if self._answers_pending:
            await self._apply_answers()
        app.platform.notifications.badge(model.badge(app, now))
        since, self._since = self._since, now
        capability = await app.platform.notifications.state()
        if app.settings.language != self._texts_language:
            await self._store_texts(capability)
        is_on = app.settings.introduced and await model.is_on(app, capability)
        if capability.possible == "alarms":
            if is_on:
                await model.set_alarms(app, now, capability)
                await model.withdraw(app, now, capability)
            else:
                await app.platform.notifications.set_alarms([])
            return ALARM_INTERVAL
        if not is_on:
            return POLL_INTERVAL
        if app.sync.reminders.device != self._push_device and app.sync.status.state in ("idle", "off"):
            await self._subscribe_to_push()
        if app.sync.status.state in COMPLETE_STATES:
            await model.withdraw(app, now, capability)
        planned = model.plan(app, since, PlanLimits(LOOKAHEAD))
        if not (capability.subscribed and app.sync.status.state in PUSH_STATES):
            due = {each.group: each for each in planned if each.fire_at <= now < each.expires_at}
            for reminder in due.values():  # after sleep, only the last one of each group
                app.platform.notifications.show(app.sync.reminders.local_notification(reminder))
        return _until_next([reminder.fire_at for reminder in planned], now)

    async def _store_texts(self, capability: NotificationCapability) -> None:
        try:
            await model.store_texts(self._app, capability)
            self._texts_language = self._app.settings.language
        except OSError as error:  # reminders work without the texts
            log.info("the vault keeps nothing: %s", error)

    async def _subscribe_to_push(self) -> None:
        previous, self._push_device = self._push_device, self._app.sync.reminders.device
        if previous and not self._push_device:
            await self._app.platform.notifications.unsubscribe()
            return
        try:
            await model.subscribe_to_push(self._app, await self._app.platform.notifications.state())
        except SyncError as error:
            # The notifications screen shows the reason.
            log.info("this device cannot be rung: %s", error.code)


def _until_next(times: list[datetime], now: datetime) -> timedelta:
    """Time until the next one, at most POLL_INTERVAL, since clocks change and devices sleep."""
    return min(min((at - now for at in times if at > now), default=POLL_INTERVAL), POLL_INTERVAL)

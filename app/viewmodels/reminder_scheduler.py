"""What notifications need while the app is open: answers taken in, the badge, rings of this device's own."""

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

LOOK_EVERY = timedelta(minutes=1)
ALARMS_EVERY = timedelta(minutes=15)  # they ring by themselves, but the plan moves on
AHEAD = 20  # reminders looked at: those of the next minute are among them
# After a change, so that the screen that shows it comes first.
PAUSE = timedelta(milliseconds=500)
# What the push service sees to.
REACHED = frozenset({"idle", "syncing"})
# Then a reminder that this device does not know of is of no use any more.
KNOWS_ALL = frozenset({"idle", "off"})

log = logging.getLogger(__name__)


class ReminderScheduler:
    """Rings from the same plan that the server has: for a device without an account, or out of its reach."""

    def __init__(self, app: AppServices) -> None:
        self._app = app
        self._since = app.store.now()
        self._changed = asyncio.Event()
        self._spoken = ""  # the language of the words left for the service worker
        self._untaken = True  # answers given while no app ran, or that could not be carried out yet
        self._reached = ""  # the device id that its push service was last told of
        app.sync.reminders.plan_with(lambda now: model.plan(app, now))
        app.store.subscribe(self._changed.set)
        app.platform.subscribe(self._on_event)

    async def run(self) -> None:
        """For as long as the app runs."""
        await asyncio.sleep(PAUSE.total_seconds())
        if (await self._app.platform.notifications.state()).possible == "no":
            return
        while True:
            self._changed.clear()
            try:
                wait = await self._look()
            except (StorageError, OSError) as error:  # of the database, the screens say so
                log.warning("reminders have to wait: %s", error)
                wait = LOOK_EVERY
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait.total_seconds())
            await asyncio.sleep(PAUSE.total_seconds())

    def _on_event(self, event: str) -> None:
        if event == "answers":
            self._app.run_task(self._take_answers)

    async def _take_answers(self) -> None:
        """Carry out what was answered on notifications while no app ran; what fails is tried again."""
        self._untaken = True
        notifications = self._app.platform.notifications
        answers = await notifications.answers()
        if answers:
            self._app.sync.reminders.answer([RecordState(each.id, EVENT, each.fields) for each in answers])
            await notifications.forget(answers)
        self._untaken = False

    async def _look(self) -> timedelta:
        """Ring what has fallen due since the last look; how long until there is something again."""
        app, now = self._app, self._app.store.now()
        if self._untaken:
            await self._take_answers()
        app.platform.notifications.badge(model.badge(app, now))
        since, self._since = self._since, now
        ringing = await app.platform.notifications.state()
        if app.settings.language != self._spoken:
            await self._leave_words(ringing)
        is_on = app.settings.introduced and await model.is_on(app, ringing)
        if ringing.possible == "alarms":
            if is_on:
                await model.set_alarms(app, now, ringing)
                await model.withdraw(app, now, ringing)
            else:
                await app.platform.notifications.set_alarms([])
            return ALARMS_EVERY
        if not is_on:
            return LOOK_EVERY
        if app.sync.reminders.device != self._reached and app.sync.status.state in ("idle", "off"):
            await self._reach()
        if app.sync.status.state in KNOWS_ALL:
            await model.withdraw(app, now, ringing)
        planned = model.plan(app, since, PlanLimits(AHEAD))
        if not (ringing.subscribed and app.sync.status.state in REACHED):
            due = {each.group: each for each in planned if each.fire_at <= now < each.expires_at}
            for reminder in due.values():  # after a device has slept: the last one about each thing
                app.platform.notifications.show(app.sync.reminders.local_notification(reminder))
        return _until_next([reminder.fire_at for reminder in planned], now)

    async def _leave_words(self, ringing: NotificationCapability) -> None:
        try:
            await model.leave_words(self._app, ringing)
            self._spoken = self._app.settings.language
        except OSError as error:  # no reason not to ring
            log.info("the vault keeps nothing: %s", error)

    async def _reach(self) -> None:
        left, self._reached = self._reached, self._app.sync.reminders.device
        if left and not self._reached:
            await self._app.platform.notifications.unsubscribe()
            return
        try:
            await model.reach(self._app, await self._app.platform.notifications.state())
        except SyncError as error:
            log.info("this device cannot be rung: %s", error.code)  # the screen of notifications says why


def _until_next(times: list[datetime], now: datetime) -> timedelta:
    """Time until the next of them, with a look now and then: clocks are set, and devices sleep."""
    return min(min((at - now for at in times if at > now), default=LOOK_EVERY), LOOK_EVERY)

"""Reminders on this device: what will ring, and turning that on and off."""

import json
import logging
from datetime import datetime, timedelta
from functools import partial

from app.domain.agenda import due_count
from app.platform.base import Alarm, NotificationCapability
from app.reminders import wording
from app.reminders.plan import SERVER_LIMITS, PlanLimits, Reminder
from app.reminders.planner import planned_reminders
from app.reminders.triggers import ReminderKind
from app.store import queries
from app.viewmodels.services import AppServices

LEADS = (15, 30, 60, 120)
"""Usual minutes before something is due at which one wants to hear of it."""
OFF = "no-notifications"
"""In the vault of a device whose person turned them off: browsers remember only that they once said yes."""
UNREADABLE = "unreadable"
"""In the vault, for the service worker: what to say about a reminder that it cannot read."""

RINGING = timedelta(minutes=1)
"""An alarm of the last minute may be ringing now: it is not cancelled."""
STAYS = timedelta(days=7)
"""A notification stays on the screen for so long at most, if what it is about still waits."""
AHEAD_OF_US = timedelta(minutes=5)
"""A server's clock may be ahead of this device's: what it has rung already is no mistake."""
NOT_REMINDERS = frozenset({"test", UNREADABLE})
"""Tags of notifications that no plan has."""
ALL = 1_000_000

log = logging.getLogger(__name__)


def plan(app: AppServices, now: datetime, limits: PlanLimits = SERVER_LIMITS) -> list[Reminder]:
    return planned_reminders(app.store, now, partial(wording.reminder, formatter=app.format), limits)


def badge(app: AppServices, now: datetime) -> int:
    """How many things are due."""
    return due_count(queries.today(app.store, now).agenda, now)


async def is_on(app: AppServices, ringing: NotificationCapability) -> bool:
    """Whether this device rings: also where its vault cannot be read, for silence could cost a client."""
    if ringing.permission != "granted":
        return False
    try:
        return await app.platform.vault.read(OFF) is None
    except OSError as error:
        log.warning("the vault cannot be read: %s", error)
        return True


async def set_alarms(app: AppServices, now: datetime, ringing: NotificationCapability) -> None:
    """Have the device itself ring what comes next, as far as it holds that. Raises OSError."""
    limits = PlanLimits(ringing.alarms, ringing.lateness)
    since = now - max(limits.lateness or RINGING, RINGING)
    late = [each for each in plan(app, since, limits) if each.fire_at <= now]
    await app.platform.notifications.set_alarms(
        [
            Alarm(each.key, each.fire_at, each.expires_at, app.sync.reminders.local_notification(each))
            for each in [*late, *plan(app, now, limits)]
        ]
    )


async def withdraw(app: AppServices, now: datetime, ringing: NotificationCapability) -> None:
    """Take away what is on the screen of notifications and nobody needs any more. Raises OSError."""
    notifications = app.platform.notifications
    if not (shown := await notifications.shown() - NOT_REMINDERS):
        return
    rung = plan(app, now - STAYS, PlanLimits(ALL, ringing.lateness))
    waiting = {
        app.sync.reminders.tag(each)
        for each in rung
        if each.fire_at <= now + AHEAD_OF_US
        and (each.rule is not ReminderKind.STANDING_CALL or now < each.expires_at)
    }
    await notifications.withdraw(shown - waiting)


async def turn_on(app: AppServices) -> NotificationCapability:
    """Ask the person; where they agree, have this device rung. Right after a press. Raises SyncError."""
    notifications = app.platform.notifications
    ringing = await notifications.ask()
    if ringing.permission == "granted":
        await app.platform.vault.forget(OFF)
        await reach(app, ringing)
        await _set_alarms_now(app, ringing)
    return await notifications.state()


async def allow_exact_alarms(app: AppServices) -> NotificationCapability:
    """Ask the person to let alarms ring on the minute; where they do, set them so."""
    ringing = await app.platform.notifications.ask_punctual()
    if await is_on(app, ringing):
        await _set_alarms_now(app, ringing)
    return ringing


async def _set_alarms_now(app: AppServices, ringing: NotificationCapability) -> None:
    """The app may be closed before the bell looks again."""
    if ringing.possible != "alarms":
        return
    try:
        await set_alarms(app, app.store.now(), ringing)
    except OSError as error:  # the bell tries again
        log.warning("alarms have to wait: %s", error)


async def turn_off(app: AppServices) -> NotificationCapability:
    """Raises SyncError: then the device still rings."""
    if app.sync.reminders.device:
        await app.sync.reminders.unsubscribe()
    await app.platform.notifications.unsubscribe()
    await app.platform.vault.write(OFF, b"1")
    return await app.platform.notifications.state()


async def reach(app: AppServices, ringing: NotificationCapability) -> None:
    """Have this device rung while the app is closed, if it syncs with a server that can. Repeat it freely."""
    if ringing.possible != "push" or not app.sync.reminders.device:
        return
    key = await app.sync.reminders.push_key()
    subscription = await app.platform.notifications.subscribe(key) if key else None
    if subscription:
        await app.sync.reminders.subscribe(subscription.endpoint, subscription.p256dh, subscription.auth)


async def leave_words(app: AppServices, ringing: NotificationCapability) -> None:
    """What is said while no app runs, in the person's language: by the system's settings of a phone's alarms,
    and by the service worker, whatever it cannot read. Raises OSError."""
    if ringing.possible == "alarms":
        named = wording.alarms()
        await app.platform.notifications.name(named.title, named.body)
        return
    words = wording.unreadable()
    kept = {"title": words.title, "body": words.body, "lang": app.settings.language}
    await app.platform.vault.write(UNREADABLE, json.dumps(kept).encode())


async def ring_once(app: AppServices, ringing: NotificationCapability) -> None:
    """Show how it is: through the server, if that rings this device. Raises SyncError."""
    if ringing.subscribed and app.sync.reminders.device:
        await app.sync.reminders.ring_once(wording.test_ring())
    else:
        said = wording.test_ring()
        app.platform.notifications.show({"title": said.title, "body": said.body, "tag": "test", "path": "/"})


def server_address(app: AppServices) -> str:
    """The address of the account's server; empty without an account."""
    state = app.store.sync_store.state()
    return state.server if state else ""

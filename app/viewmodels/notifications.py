"""Reminders on this device: planning, alarms and push subscription, and turning them on and off."""

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
"""Lead times to choose from, in minutes before something is due."""
OFF = "no-notifications"
"""Vault key that marks notifications as turned off: browsers keep only the permission once granted."""
UNREADABLE = "unreadable"
"""Vault key of the text that the service worker shows for a reminder it cannot decrypt."""

RINGING_TIME = timedelta(minutes=1)
"""Alarms of the last minute may be ringing, so they are not cancelled."""
MAX_DISPLAY_TIME = timedelta(days=7)
"""Maximum time that a notification whose matter is still open stays on screen."""
SERVER_CLOCK_TOLERANCE = timedelta(minutes=5)
"""Tolerance for a server clock ahead of this device's."""
NOT_REMINDERS = frozenset({"test", UNREADABLE})
"""Tags of notifications that are not reminders."""
UNLIMITED = 1_000_000

log = logging.getLogger(__name__)


def plan(app: AppServices, now: datetime, limits: PlanLimits = SERVER_LIMITS) -> list[Reminder]:
    return planned_reminders(app.store, now, partial(wording.reminder, formatter=app.format), limits)


def badge(app: AppServices, now: datetime) -> int:
    """The number of due items."""
    return due_count(queries.today(app.store, now).agenda, now)


async def is_on(app: AppServices, capability: NotificationCapability) -> bool:
    """Whether reminders are on; also if the vault cannot be read, since silence could cost a client."""
    if capability.permission != "granted":
        return False
    try:
        return await app.platform.vault.read(OFF) is None
    except OSError as error:
        log.warning("the vault cannot be read: %s", error)
        return True


async def set_alarms(app: AppServices, now: datetime, capability: NotificationCapability) -> None:
    """Set the next reminders as alarms on the device, up to its capacity. Raises OSError."""
    limits = PlanLimits(capability.alarms, capability.lateness)
    since = now - max(limits.lateness or RINGING_TIME, RINGING_TIME)
    late = [each for each in plan(app, since, limits) if each.fire_at <= now]
    await app.platform.notifications.set_alarms(
        [
            Alarm(each.key, each.fire_at, each.expires_at, app.sync.reminders.local_notification(each))
            for each in [*late, *plan(app, now, limits)]
        ]
    )


async def withdraw(app: AppServices, now: datetime, capability: NotificationCapability) -> None:
    """Remove shown notifications whose matter is no longer open. Raises OSError."""
    notifications = app.platform.notifications
    if not (shown := await notifications.shown() - NOT_REMINDERS):
        return
    planned = plan(app, now - MAX_DISPLAY_TIME, PlanLimits(UNLIMITED, capability.lateness))
    waiting = {
        app.sync.reminders.tag(each)
        for each in planned
        if each.fire_at <= now + SERVER_CLOCK_TOLERANCE
        and (each.rule is not ReminderKind.STANDING_CALL or now < each.expires_at)
    }
    await notifications.withdraw(shown - waiting)


async def turn_on(app: AppServices) -> NotificationCapability:
    """Ask for permission and, if granted, turn reminders on. Must follow a user gesture. Raises SyncError."""
    notifications = app.platform.notifications
    capability = await notifications.ask()
    if capability.permission == "granted":
        await app.platform.vault.forget(OFF)
        await subscribe_to_push(app, capability)
        await _set_alarms_now(app, capability)
    return await notifications.state()


async def allow_exact_alarms(app: AppServices) -> NotificationCapability:
    """Ask for permission to use exact alarms, then set the alarms again."""
    capability = await app.platform.notifications.ask_punctual()
    if await is_on(app, capability):
        await _set_alarms_now(app, capability)
    return capability


async def _set_alarms_now(app: AppServices, capability: NotificationCapability) -> None:
    """Set alarms immediately: the app may be closed before the scheduler's next poll."""
    if capability.possible != "alarms":
        return
    try:
        await set_alarms(app, app.store.now(), capability)
    except OSError as error:  # the scheduler retries
        log.warning("alarms have to wait: %s", error)


async def turn_off(app: AppServices) -> NotificationCapability:
    """Unsubscribe and turn reminders off. Raises SyncError, which leaves them on."""
    if app.sync.reminders.device:
        await app.sync.reminders.unsubscribe()
    await app.platform.notifications.unsubscribe()
    await app.platform.vault.write(OFF, b"1")
    return await app.platform.notifications.state()


async def subscribe_to_push(app: AppServices, capability: NotificationCapability) -> None:
    """Subscribe this device to its sync server's push notifications, if both support them. Idempotent."""
    if capability.possible != "push" or not app.sync.reminders.device:
        return
    key = await app.sync.reminders.push_key()
    subscription = await app.platform.notifications.subscribe(key) if key else None
    if subscription:
        await app.sync.reminders.subscribe(subscription.endpoint, subscription.p256dh, subscription.auth)


async def store_texts(app: AppServices, capability: NotificationCapability) -> None:
    """Store localised texts for use while the app is closed: the names of the phone's alarm channel, or the
    service worker's text for a reminder it cannot decrypt. Raises OSError.
    """
    if capability.possible == "alarms":
        named = wording.alarms()
        await app.platform.notifications.name(named.title, named.body)
        return
    words = wording.unreadable()
    kept = {"title": words.title, "body": words.body, "lang": app.settings.language}
    await app.platform.vault.write(UNREADABLE, json.dumps(kept).encode())


async def ring_once(app: AppServices, capability: NotificationCapability) -> None:
    """Show a test notification, through the server if this device is subscribed. Raises SyncError."""
    if capability.subscribed and app.sync.reminders.device:
        await app.sync.reminders.ring_once(wording.test_ring())
    else:
        text = wording.test_ring()
        app.platform.notifications.show({"title": text.title, "body": text.body, "tag": "test", "path": "/"})


def server_address(app: AppServices) -> str:
    """Address of the account's server; empty without an account."""
    state = app.store.sync_store.state()
    return state.server if state else ""

"""Reminders on this device: what will ring, and turning that on and off."""

import json
from datetime import datetime
from functools import partial

from app.domain.reminders import LIMIT, Reminder
from app.platform.base import Alarm, Ringing
from app.store import queries
from app.ui.notifications import wording
from app.ui.state import AppState

LEADS = (15, 30, 60, 120)
"""Usual minutes before something is due at which one wants to hear of it."""
OFF = "no-notifications"
"""In the vault of a device whose person turned them off: browsers remember only that they once said yes."""
UNREADABLE = "unreadable"
"""In the vault, for the service worker: what to say about a reminder that it cannot read."""


def plan(app: AppState, now: datetime, limit: int = LIMIT) -> list[Reminder]:
    return queries.reminders(app.store, now, partial(wording.reminder, formatter=app.format), limit)


async def is_on(app: AppState, ringing: Ringing) -> bool:
    return ringing.permission == "granted" and await app.platform.vault.read(OFF) is None


async def set_alarms(app: AppState, now: datetime, most: int) -> None:
    """Have the device itself ring what comes next, as far as it holds that; with 0, nothing."""
    planned = plan(app, now, most) if most else []
    await app.platform.notifications.set_alarms(
        [Alarm(each.key, each.fire_at, app.sync.ringing.shown_here(each)) for each in planned]
    )


async def turn_on(app: AppState) -> Ringing:
    """Ask the person; where they agree, have this device rung. Right after a press. Raises SyncError."""
    notifications = app.platform.notifications
    ringing = await notifications.ask()
    if ringing.permission == "granted":
        await app.platform.vault.forget(OFF)
        await reach(app, ringing)
    return await notifications.state()


async def turn_off(app: AppState) -> Ringing:
    """Raises SyncError: then the device still rings."""
    if app.sync.ringing.device:
        await app.sync.ringing.unsubscribe()
    await app.platform.notifications.unsubscribe()
    await app.platform.vault.write(OFF, b"1")
    return await app.platform.notifications.state()


async def reach(app: AppState, ringing: Ringing) -> None:
    """Have this device rung while the app is closed, if it syncs with a server that can. Repeat it freely."""
    if ringing.possible != "push" or not app.sync.ringing.device:
        return
    key = await app.sync.ringing.push_key()
    subscription = await app.platform.notifications.subscribe(key) if key else None
    if subscription:
        await app.sync.ringing.subscribe(subscription.endpoint, subscription.p256dh, subscription.auth)


async def leave_words(app: AppState) -> None:
    """Have the service worker say something sensible, in the person's language, whatever it cannot read."""
    words = wording.unreadable()
    kept = {"title": words.title, "body": words.body, "lang": app.settings.language}
    await app.platform.vault.write(UNREADABLE, json.dumps(kept).encode())


async def ring_once(app: AppState, ringing: Ringing) -> None:
    """Show how it is: through the server, if that rings this device. Raises SyncError."""
    if ringing.subscribed and app.sync.ringing.device:
        await app.sync.ringing.ring_once(wording.test_ring())
    else:
        said = wording.test_ring()
        app.platform.notifications.show({"title": said.title, "body": said.body, "tag": "test", "path": "/"})

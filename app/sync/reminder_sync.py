"""Reminders on devices that sync: the plan on the server, push subscriptions, and answers."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.store.changes import RecordState
from app.store.store import Store

if TYPE_CHECKING:
    from app.reminders.plan import Reminder, Wording
    from app.sync.membership import Membership
    from app.sync.reminder_plan import Planner

PLAN_INTERVAL = timedelta(hours=1)
"""How often the plan is updated even if no record changes."""

PlanVersion = tuple[str, int]
"""(device, store revision) that a plan was computed for."""


class ReminderSync:
    """Part of `Sync`. Commands raise SyncError, "off" while this device does not sync."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        member: Callable[[], "Membership | None"],
        connected: Callable[[], AbstractAsyncContextManager["Membership"]],
    ) -> None:
        self._store = store
        self._now = now
        self._member = member
        self._connected = connected
        self._planner: Planner | None = None
        self._planned: tuple[PlanVersion, datetime] | None = None

    def plan_with(self, planner: "Planner") -> None:
        """Set the planner whose plan is synced to the server."""
        self._planner = planner

    def reset_plan(self) -> None:
        """Send the whole plan again: a key rotation has cleared it on the server."""
        self._planned = None

    async def put_plan(self, member: "Membership") -> None:
        """Update the server's plan, unless nothing can have changed.

        Computing a plan takes longer than a sync session without changes.
        """
        if self._planner is None or not member.client.push_key:
            return
        from app.sync.reminder_plan import PlanContext

        now, version = self._now(), (member.device, self._store.revision)
        if self._planned and self._planned[0] == version and now - self._planned[1] < PLAN_INTERVAL:
            return
        language = self._store.settings().language
        context = PlanContext(language, self._store.sync_store.stamp)
        await member.plan.put(member.client, member.sealer, self._planner, now, context)
        self._planned = version, now

    @property
    def device(self) -> str:
        """This device's id on the server; empty while it does not sync."""
        member = self._member()
        return member.device if member else ""

    def local_notification(self, reminder: "Reminder") -> dict[str, Any]:
        """A notification that this device shows itself. A push of the same reminder replaces it."""
        from app.sync.reminder_plan import PlanContext, notification

        context = PlanContext(self._store.settings().language, self._store.sync_store.stamp)
        return notification(replace(reminder, group=self.tag(reminder)), context)

    def tag(self, reminder: "Reminder") -> str:
        """The tag shared by this device's notifications about the same item."""
        member = self._member()
        return member.plan.name(reminder.group) if member else reminder.group

    def answer(self, events: Sequence[RecordState]) -> None:
        """Apply answers given on this device's own notifications, with or without an account.

        The service worker may also send them to the server; the order makes no difference.
        """
        from app.sync.merge import merge

        if self._store.sync_store.apply_events(merge, events):
            self._store.sync_store.announce()

    async def push_key(self) -> str:
        """The server's key for push subscriptions; empty if it does not support push."""
        async with self._connected() as member:
            return (await member.client.info()).push_key

    async def subscribe(self, endpoint: str, p256dh: str, auth: str) -> None:
        """Register a push subscription, which also works while the app is closed. Idempotent.

        Raises SyncError "push_service".
        """
        async with self._connected() as member:
            await member.client.subscribe_push(endpoint, p256dh, auth)

    async def unsubscribe(self) -> None:
        async with self._connected() as member:
            await member.client.unsubscribe_push()

    async def ring_once(self, wording: "Wording") -> None:
        """Send a test notification to this device. Raises SyncError "no_subscription"."""
        from app.sync.reminder_plan import TEST, content
        from app.sync.sealing import seal_reminders

        shown = content(wording, self._store.settings().language) | {"tag": TEST, "path": "/"}
        async with self._connected() as member:
            box = (await seal_reminders(member.sealer, [(TEST, shown)]))[0]
            await member.client.ring_once(box)

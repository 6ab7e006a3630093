"""Keeps the server's reminder plan equal to the local one; sends only differences."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.entities import SAMPLE_PREFIX
from app.platform.base import Sealer
from app.reminders.plan import Reminder, Wording
from app.reminders.triggers import ReminderKind
from app.sync import wire
from app.sync.api_client import ApiClient
from app.sync.errors import PlanMovedError, SyncError
from app.sync.sealing import seal_reminders

Planner = Callable[[datetime], list[Reminder]]
"""Computes the reminder plan as of a time, from the current state."""

TEST = "test"
"""The id of the test notification."""
BATCH_SIZE = 100
"""Reminders per request."""
DELIVERY_WINDOW = timedelta(days=1)
"""How long the server may still try to deliver a reminder after it is due."""
MAX_ATTEMPTS = 5
"""Attempts if other devices change the plan at the same time."""


@dataclass(frozen=True)
class PlanContext:
    """Values that all reminders of a plan share."""

    language: str
    stamp: str
    """The newest known timestamp. Answers to a reminder get a newer one, even if the device's clock is wrong.
    """


class ReminderPlanSync:
    """The server's plan, as far as this device knows it."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._rev = 0
        self._server_ids: frozenset[str] | None = None  # None: unknown

    async def put(
        self, client: ApiClient, sealer: Sealer, plan: Planner, now: datetime, context: PlanContext
    ) -> None:
        """Update the server's plan. Raises SyncError.

        Call right after a sync session: with outdated records, it would restore reminders that others ended.
        """
        planned = {self.name(each.key): each for each in plan(now) if not _is_sample(each)}
        recently_due = {
            self.name(each.key)
            for each in plan(now - DELIVERY_WINDOW)
            if each.rule is not ReminderKind.OPEN_APP
        }
        for _try in range(MAX_ATTEMPTS):
            try:
                if self._server_ids is None:
                    self._rev = await client.put_reminders(0, (), ())
                    self._server_ids = frozenset()
                await self._put(client, sealer, planned, recently_due, context)
            except PlanMovedError as moved:
                self._rev, self._server_ids = moved.rev, moved.ids
            else:
                return
        raise SyncError("busy")

    async def _put(
        self,
        client: ApiClient,
        sealer: Sealer,
        planned: dict[str, Reminder],
        recently_due: set[str],
        context: PlanContext,
    ) -> None:
        server_ids = self._server_ids or frozenset()
        missing = [(id_, each) for id_, each in planned.items() if id_ not in server_ids]
        stale = sorted(server_ids - planned.keys() - recently_due)
        while missing or stale:
            batch, missing = missing[:BATCH_SIZE], missing[BATCH_SIZE:]
            boxes = await seal_reminders(sealer, [(id_, self._content(each, context)) for id_, each in batch])
            put = [
                wire.PlannedRing(id_, self.name(each.group), each.fire_at, each.expires_at, each.urgency, box)
                for (id_, each), box in zip(batch, boxes, strict=True)
            ]
            self._rev = await client.put_reminders(self._rev, put, stale)
            server_ids = server_ids - set(stale) | {each.id for each in put}
            self._server_ids, stale = server_ids, []

    def name(self, text: str) -> str:
        """An opaque name for the server, the same on all devices of the account."""
        return hmac.digest(self._key, text.encode(errors="surrogatepass"), "sha256")[:16].hex()

    def _content(self, reminder: Reminder, context: PlanContext) -> dict[str, Any]:
        return notification(replace(reminder, group=self.name(reminder.group)), context)


def _is_sample(reminder: Reminder) -> bool:
    """Whether it is about sample data, which never leaves the device."""
    return any(id_.startswith(SAMPLE_PREFIX) for id_ in (reminder.item[1], reminder.client_id))


def notification(reminder: Reminder, context: PlanContext) -> dict[str, Any]:
    """The notification in the form that assets/web/worker/notifying.js takes."""
    return content(reminder.wording, context.language) | {
        "tag": reminder.group,
        "path": reminder.path,
        "item": list(reminder.item),
        "badge": reminder.badge,
        "at": reminder.fire_at.isoformat(),
        "until": reminder.expires_at.isoformat(),
        "clock": context.stamp,
    }


def content(wording: Wording, language: str) -> dict[str, Any]:
    """The text of a notification."""
    actions: Sequence[dict[str, str]] = [
        {"action": action, "title": title} for action, title in wording.actions
    ]
    return {"title": wording.title, "body": wording.body, "actions": actions, "lang": language}

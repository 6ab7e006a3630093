"""Keeps the server's reminder plan as this device's state has it: puts and drops only what differs."""

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
"""The reminder plan as of a time, from the state there is now."""

TEST = "test"
"""The id of a ring that was asked for, to see how it is."""
AT_ONCE = 100
"""Reminders in one request."""
STILL_RINGING = timedelta(days=1)
"""The server may still be trying to deliver what fell due so long ago."""
TRIES = 5
"""How often other devices may come first."""


@dataclass(frozen=True)
class PlanContext:
    """What all reminders of one plan have in common."""

    language: str
    stamp: str
    """The newest one known: an answer to a reminder is newer, whatever the clock of the device shows."""


class ReminderPlanSync:
    """What the server has of the plan, as far as this device knows."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._rev = 0
        self._there: frozenset[str] | None = None  # None: not asked yet

    async def put(
        self, client: ApiClient, sealer: Sealer, plan: Planner, now: datetime, context: PlanContext
    ) -> None:
        """Bring the server's plan in step. Raises SyncError.

        To be called right after a meeting: with old records, a device would put back what others ended.
        """
        planned = {self.name(each.key): each for each in plan(now) if not _is_sample(each)}
        rung = {
            self.name(each.key)
            for each in plan(now - STILL_RINGING)
            if each.rule is not ReminderKind.OPEN_APP
        }
        for _try in range(TRIES):
            try:
                if self._there is None:
                    self._rev = await client.put_reminders(0, (), ())
                    self._there = frozenset()
                await self._put(client, sealer, planned, rung, context)
            except PlanMovedError as moved:
                self._rev, self._there = moved.rev, moved.ids
            else:
                return
        raise SyncError("busy")

    async def _put(
        self,
        client: ApiClient,
        sealer: Sealer,
        planned: dict[str, Reminder],
        rung: set[str],
        context: PlanContext,
    ) -> None:
        there = self._there or frozenset()
        missing = [(id_, each) for id_, each in planned.items() if id_ not in there]
        stale = sorted(there - planned.keys() - rung)
        while missing or stale:
            piece, missing = missing[:AT_ONCE], missing[AT_ONCE:]
            boxes = await seal_reminders(sealer, [(id_, self._content(each, context)) for id_, each in piece])
            put = [
                wire.PlannedRing(id_, self.name(each.group), each.fire_at, each.expires_at, each.urgency, box)
                for (id_, each), box in zip(piece, boxes, strict=True)
            ]
            self._rev = await client.put_reminders(self._rev, put, stale)
            there = there - set(stale) | {each.id for each in put}
            self._there, stale = there, []

    def name(self, text: str) -> str:
        """A name for the server, equal on all devices of the account, that tells it nothing."""
        return hmac.digest(self._key, text.encode(errors="surrogatepass"), "sha256")[:16].hex()

    def _content(self, reminder: Reminder, context: PlanContext) -> dict[str, Any]:
        return notification(replace(reminder, group=self.name(reminder.group)), context)


def _is_sample(reminder: Reminder) -> bool:
    """Sample data, and what was recorded for it, never leaves the device."""
    return any(id_.startswith(SAMPLE_PREFIX) for id_ in (reminder.item[1], reminder.client_id))


def notification(reminder: Reminder, context: PlanContext) -> dict[str, Any]:
    """What a service worker shows, as assets/web/worker/notifying.js takes it."""
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
    """What of a notification is words."""
    actions: Sequence[dict[str, str]] = [
        {"action": action, "title": title} for action, title in wording.actions
    ]
    return {"title": wording.title, "body": wording.body, "actions": actions, "lang": language}

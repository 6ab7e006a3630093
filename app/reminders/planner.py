"""Plans reminders from the store."""

from collections.abc import Callable
from datetime import datetime

from app.domain.entities import Client
from app.reminders.plan import SERVER_LIMITS, PlanLimits, Reminder, Wording, plan
from app.reminders.triggers import ReminderTrigger
from app.store import queries
from app.store.store import Store


def planned_reminders(
    store: Store,
    now: datetime,
    word: Callable[[ReminderTrigger, Client | None], Wording],
    limits: PlanLimits = SERVER_LIMITS,
) -> list[Reminder]:
    """The reminder plan; see `plan`. `word` also receives the client."""
    found = queries.open_work(store, now)
    return plan(
        now,
        *found[:5],
        lambda each: word(each, found.clients.get(each.client_id)),
        limits,
        found.others,
    )

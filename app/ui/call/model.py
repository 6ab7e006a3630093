"""What a call's page shows, and what can be noted about the call: no controls here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.calls import allowance_left, call_allowance, next_standing_call, week_of
from app.domain.entities import Call, Client, Job, Update
from app.domain.scripts import moments_for_call
from app.domain.silence import update_answering
from app.store import queries
from app.store.content import ScriptView
from app.store.store import Change
from app.ui import items
from app.ui.i18n import _
from app.ui.state import AppState


@dataclass(frozen=True)
class Allowance:
    """The week's unscheduled calls with this client, the call itself counted in."""

    left: int
    whole: int


@dataclass(frozen=True)
class CallPage:
    """A call with what its page shows around it."""

    call: Call
    client: Client | None
    jobs: list[Job]
    allowance: Allowance | None  # None for a scheduled call, and for one of another week
    answer: Update | None  # what was sent before, and may answer the call
    answered: Update | None  # what the user said does answer it
    next_call: datetime | None  # the standing call it can wait for
    scripts: list[ScriptView]


def load(app: AppState, call_id: str) -> CallPage | None:
    """None when there is no such call (any more)."""
    call = app.store.get(Call, call_id)
    if call is None:
        return None
    client = app.store.get(Client, call.client_id)
    answered = app.store.get(Update, call.answered_by_update_id) if call.answered_by_update_id else None
    updates = queries.updates_for(app.store, call.client_id)
    return CallPage(
        call=call,
        client=client,
        jobs=queries.jobs_of(app.store, call.client_id),
        allowance=_allowance(app, call, client),
        answer=update_answering(call, updates),
        answered=answered,
        next_call=next_standing_call(client, max(app.now, call.at), app.calendar) if client else None,
        scripts=items.scripts_for(app, client, moments_for_call(call)),
    )


def _allowance(app: AppState, call: Call, client: Client | None) -> Allowance | None:
    start, end = week_of(app.now, app.calendar)
    if client is None or call.scheduled or not start <= call.at < end:
        return None
    calls = queries.calls_for(app.store, client.id, start)
    left = allowance_left(client, app.settings, calls, app.now, app.calendar)
    return Allowance(left, call_allowance(client, app.settings))


def change(app: AppState, call_id: str, **fields: Any) -> None:
    """Keep what was chosen at once. A call deleted meanwhile stays deleted."""

    def keep() -> Change:
        call = app.store.get(Call, call_id)
        if call is None:
            return Change()
        for field, value in fields.items():
            setattr(call, field, value)
        return app.store.save(call)

    app.write(keep)


def defer(app: AppState, call: Call, until: datetime) -> None:
    """What the call was about waits for the next standing call."""

    def keep() -> Change:
        call.deferred_to = until
        return app.store.save(call)

    app.write(keep, _("It can wait for {when}").format(when=app.format.when(until, app.now)))


def delete(app: AppState, call: Call) -> bool:
    return app.write(lambda: app.store.delete(call), _("Call deleted"))

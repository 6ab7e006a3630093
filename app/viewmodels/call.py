"""What a call's page shows, and the commands for a call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.answers import Matter
from app.domain.call_answers import BY_EMAIL, CALL_SCRIPTS, call_script, standing_call_to_wait_for
from app.domain.call_weeks import CallAdvice, CallChoice
from app.domain.calls import next_standing_call, week_of
from app.domain.codes import CallOutcome
from app.domain.entities import Call, Client, Job, StatusUpdate, Topic
from app.domain.facts import CallFacts
from app.domain.ladder import Ladder
from app.domain.scripts import moments_for_call
from app.i18n import _
from app.store import queries
from app.store.content import ScriptView
from app.store.unit_of_work import UnitOfWork
from app.viewmodels import answers, items
from app.viewmodels import standing as standing_commands
from app.viewmodels.scripts.filling import ScriptPage, find
from app.viewmodels.services import AppServices


@dataclass(frozen=True)
class Allowance:
    """This week's unscheduled calls from the client, including the call itself."""

    made: int  # taken or not
    taken: int
    whole: int  # the allowance per week
    beyond: bool  # whether this call exceeds it


@dataclass(frozen=True)
class CallPage:
    """A call and the data shown on its page."""

    call: Call
    client: Client | None
    jobs: list[Job]
    allowance: Allowance | None  # None for a scheduled call or one of another week
    answer: StatusUpdate | None  # an earlier update that may answer the call
    answered: StatusUpdate | None  # the update that the user chose as the answer
    next_call: datetime | None  # the standing call that it can wait for
    text: ScriptPage | None  # the best script
    scripts: list[ScriptView]  # the other scripts that fit
    ladder: Ladder | None
    topic: Topic | None  # created from the call
    matters: list[Matter]  # what the client may have answered during the call


def load(app: AppServices, call_id: str, path: str) -> CallPage | None:
    """Load the page at the address `path`; None if there is no such call."""
    call = app.store.get(Call, call_id)
    if call is None:
        return None
    client = app.store.get(Client, call.client_id)
    answered = app.store.get(StatusUpdate, call.answered_by_update_id) if call.answered_by_update_id else None
    advice = queries.call_advice(app.store, call, app.now)
    ladder = queries.client_ladder(app.store, call.client_id, app.now)
    fits = ladder.script_for_call(advice.script, call) if advice and ladder else ""
    text = find(app, fits, path, client.language) if client else None
    scripts = _others(app, call, client, ladder)
    return CallPage(
        call=call,
        client=client,
        jobs=queries.jobs_of(app.store, call.client_id),
        allowance=_allowance(app, call, advice),
        answer=advice.update if advice else None,
        answered=answered,
        next_call=next_standing_call(client, max(app.now, call.at), app.calendar) if client else None,
        text=text,
        scripts=[script for script in scripts if not text or script.id != text.script.id],
        ladder=ladder,
        topic=queries.topic_from(app.store, call, app.now),
        matters=answers.open_with(app, call.client_id, call.at) if call.outcome == CallOutcome.TAKEN else [],
    )


def _others(app: AppServices, call: Call, client: Client | None, ladder: Ladder | None) -> list[ScriptView]:
    """The scripts that fit the call; of those that describe a call, only the one true of this call."""
    agreed = client is not None and next_standing_call(client, app.now, app.calendar) is not None
    near = client is not None and (
        standing_call_to_wait_for(call, client, app.settings, app.calendar, app.now) is not None
    )
    true = {call_script(call, waits=agreed), call_script(call, waits=near)}
    if ladder:
        true = {ladder.script_for_call(script, call) for script in true}
    false = {*CALL_SCRIPTS, BY_EMAIL} - true
    found = items.scripts_for(app, client, moments_for_call(call))
    return [script for script in found if script.base not in false]


def _allowance(app: AppServices, call: Call, advice: CallAdvice | None) -> Allowance | None:
    start, end = week_of(app.now, app.calendar)
    if advice is None or advice.choice is CallChoice.SCHEDULED or not start <= call.at < end:
        return None
    week = advice.week
    beyond = advice.choice is CallChoice.LET_IT_RING
    return Allowance(week.unscheduled, week.taken, advice.allowance, beyond)


def change(app: AppServices, call_id: str, **fields: Any) -> None:
    """Save fields of the call immediately."""

    def apply(call: Call) -> None:
        for field, value in fields.items():
            setattr(call, field, value)

    app.write(lambda: app.store.update(Call, call_id, apply))


def keep_typed(app: AppServices, call_id: str, **fields: Any) -> None:
    """Like `change`, for text saved when its screen closes: a deleted call is ignored silently."""
    if app.store.get(Call, call_id) is not None:
        change(app, call_id, **fields)


def keep(app: AppServices, call: Call) -> bool:
    """Keep the subject as a topic for the next call. The client still has to be told."""
    return standing_commands.keep_call(app, call)


def told(app: AppServices, call: Call) -> bool:
    """Record that the client knows the subject waits for the next call; answers all their open calls."""
    return standing_commands.told(app, call, _unanswered(app, call.client_id))


def answered(app: AppServices, client_id: str) -> bool:
    """Mark all of the client's calls that need an answer as answered."""

    def change(unit: UnitOfWork) -> None:
        unit.get(Client, client_id)
        for id_ in _unanswered(app, client_id):
            unit.get(Call, id_).answered_at = app.now

    return app.write(lambda: app.store.transact(change), _("Noted: you got back to them"))


def not_answered(app: AppServices, call: Call) -> bool:
    def change(current: Call) -> None:
        current.answered_at = None

    return app.write(lambda: app.store.update(Call, call.id, change), _("Waiting for an answer again"))


def answered_by_update(app: AppServices, call: Call, update: StatusUpdate) -> bool:
    """Mark the call, and the client's other open calls, as answered by an earlier update."""

    def change(unit: UnitOfWork) -> None:
        unit.get(Call, call.id).answered_by_update_id = unit.get(StatusUpdate, update.id).id
        for id_ in dict.fromkeys((call.id, *_unanswered(app, call.client_id))):
            unit.get(Call, id_).answered_at = app.now

    return app.write(lambda: app.store.transact(change), _("Noted: they had it already"))


def _unanswered(app: AppServices, client_id: str) -> list[str]:
    """The ids of the client's calls that need an answer."""
    found = queries.unanswered_calls(app.store, client_id, app.now)
    return [call.id for call in found.calls] if found else []


def delete(app: AppServices, call: Call) -> bool:
    return app.write(lambda: app.store.delete(call), _("Call deleted"))


def keep_by_id(app: AppServices, call_id: str) -> None:
    """Like `keep`; does nothing if the call was deleted."""
    call = app.store.get(Call, call_id)
    if call is not None:
        keep(app, call)


def told_by_id(app: AppServices, call_id: str) -> None:
    """Like `told`; does nothing if the call was deleted."""
    call = app.store.get(Call, call_id)
    if call is not None:
        told(app, call)


def answering_script(app: AppServices, call: CallFacts, client: Client) -> str:
    """The id of the script that answers a call not taken."""
    waits = standing_call_to_wait_for(call, client, app.settings, app.calendar, app.now) is not None
    script = call_script(call, waits=waits)
    ladder = queries.client_ladder(app.store, client.id, app.now)
    return ladder.script_for_call(script, call) if ladder else script

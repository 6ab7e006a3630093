"""Scripts that fit a client's current records, most urgent first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from app.domain.codes import Direction
from app.domain.entities import Client
from app.domain.ladder import last_let_ring
from app.domain.missed_calls import wants_answer
from app.i18n import _
from app.store import content, queries
from app.store.content import ScriptView
from app.viewmodels import call as calls
from app.viewmodels import items, waiting
from app.viewmodels import message as messages
from app.viewmodels.services import AppServices
from app.wording import words

MAX_SCRIPTS = 6
RECENT_CALL = timedelta(days=2)


@dataclass(frozen=True)
class Fitting:
    """A script, and the record it is about: kind and key of its screen, and its title."""

    script: ScriptView
    kind: str
    key: str
    about: str


def fitting(app: AppServices, client: Client) -> list[Fitting]:
    """Up to MAX_SCRIPTS scripts, each once, for the most urgent record it fits."""
    found: dict[str, Fitting] = {}
    for each in _candidates(app, client):
        found.setdefault(each.script.base or each.script.id, each)
    return list(found.values())[:MAX_SCRIPTS]


def _candidates(app: AppServices, client: Client) -> Iterator[Fitting]:
    yield from _about_messages(app, client)
    yield from _about_calls(app, client)
    yield from _about_boundaries(app, client)
    yield from _about_money(app, client)
    yield from _about_waiting(app, client)
    yield from _about_jobs(app, client)


def _about_messages(app: AppServices, client: Client) -> Iterator[Fitting]:
    """Their unanswered messages, oldest first."""
    open_ones = [
        message
        for message in queries.open_messages(app.store)
        if message.client_id == client.id and message.direction == Direction.IN
    ]
    for message in sorted(open_ones, key=lambda each: each.at):
        page = messages.load(app, message.id)
        for script in page.scripts[:2] if page else ():
            about = words.message_title(message.summary, message.kind)
            yield Fitting(script, "message", message.id, about)


def _about_calls(app: AppServices, client: Client) -> Iterator[Fitting]:
    """Their last recent call that was not taken, needs an answer and is not kept for the next call."""
    since = app.now - RECENT_CALL
    past_calls = [call for call in queries.calls_for(app.store, client.id, since) if call.at <= app.now]
    last = last_let_ring(call for call in past_calls if wants_answer(call))
    page = calls.load(app, last.id, f"/call/{last.id}") if last else None
    if last and page and page.text:
        yield Fitting(page.text.script, "call", last.id, words.call_outcome(last.outcome))


def _about_boundaries(app: AppServices, client: Client) -> Iterator[Fitting]:
    ladder = queries.client_ladder(app.store, client.id, app.now)
    script = _builtin(app, client, ladder.text) if ladder else None
    if script:
        yield Fitting(script, "ladder", client.id, _("Boundaries"))


def _about_money(app: AppServices, client: Client) -> Iterator[Fitting]:
    owed = queries.answers_owed(app.store)
    for payment in queries.payments(app.store, app.now, client.id):
        script = _builtin(app, client, payment.script)
        if script and not owed.any_about(payment.job):
            yield Fitting(script, "job", payment.job.id, words.job_title(payment.job))


def _about_waiting(app: AppServices, client: Client) -> Iterator[Fitting]:
    for wait in queries.waiting_for(app.store, app.now):
        id_ = waiting.script_for(app, wait, client) if wait.client_id == client.id else ""
        script = content.script(app.store, client.language, id_) if id_ else None
        if script:
            yield Fitting(script, *waiting.place(wait), waiting.subject(wait))


def _about_jobs(app: AppServices, client: Client) -> Iterator[Fitting]:
    jobs = [job for job in queries.open_jobs(app.store) if job.client_id == client.id]
    parts = queries.parts_of(app.store, [job.id for job in jobs])
    for job in jobs:
        for script in items.offered_for_job(app, client, job, parts.get(job.id, []))[:1]:
            yield Fitting(script, "job", job.id, words.job_title(job))


def _builtin(app: AppServices, client: Client, id_: str) -> ScriptView | None:
    """A built-in script in its form for the channel last used with the client."""
    if not id_:
        return None
    every = content.scripts(app.store, client.language)
    channel = queries.last_channel(app.store, client.id) or ""
    return next((each for each in items.in_form(every, channel) if each.base == id_), None)

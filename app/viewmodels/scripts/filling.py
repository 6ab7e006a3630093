"""Filling in a script: its recipient and subject, the known values, and the blanks left to ask for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.addressing import written_name
from app.domain.codes import JobStatus
from app.domain.conversations import NO_TERMS, Terms
from app.domain.entities import Call, Client, Job, Message, Part
from app.domain.exposure import Payment
from app.domain.facts import CallFacts
from app.domain.jobs import OPEN_STATUSES, exposure, is_under_way
from app.domain.ladder import QUIET, last_let_ring
from app.domain.languages import JAPANESE
from app.domain.scripts import NAMES, Filled, fill, placeholders_in, split_subject, without_names
from app.domain.workload import Overload
from app.store import queries
from app.store.content import ScriptView
from app.viewmodels import paths
from app.viewmodels.scripts import claims, facts, labels, openings
from app.viewmodels.scripts.claims import Claim
from app.viewmodels.scripts.facts import Situation
from app.viewmodels.scripts.keys import id_and_language, key_of
from app.viewmodels.scripts.labels import Blank, BlankKind
from app.viewmodels.scripts.texts import find_script
from app.viewmodels.services import AppServices
from app.wording import words

ABSENCE_BLANKS = ("from_date", "to_date")  # first and last day of an absence
# Blanks whose date or time must not be in the past.
FUTURE_BLANKS = frozenset({"due", "new_date", "next_call", "told_call", "new_call", "end_date", "start_date"})


@dataclass(frozen=True)
class ScriptPage:
    """A script for a client, with the known values of its blanks."""

    script: ScriptView
    situation: Situation
    jobs: list[Job]  # of the client, to choose from
    known: dict[str, str]
    instants: dict[str, datetime]

    @property
    def blanks(self) -> list[str]:
        return placeholders_in(self.script.body)

    @property
    def unfounded(self) -> list[Claim]:
        """The claims of the script that no record supports."""
        return claims.unfounded(self.script.claims, self.situation)


@dataclass(frozen=True)
class Filling:
    """The text with the values entered so far."""

    values: dict[str, str]
    instants: dict[str, datetime]
    template: str  # the text with its blanks, without unknown names
    filled: Filled
    passed: list[str]  # blanks whose time has passed
    too_early: list[str]  # end dates before their start date
    proposed: Terms = NO_TERMS  # the standing call chosen to propose

    @property
    def complete(self) -> bool:
        return not self.filled.missing

    @property
    def subject(self) -> str:
        """The e-mail's subject; empty if it has none."""
        return split_subject(self.filled.text)[0]

    @property
    def body(self) -> str:
        """The text without its subject, as copied and sent."""
        return split_subject(self.filled.text)[1]


@dataclass(frozen=True)
class _Below:
    """The record below the script in the stack of screens, from which it was opened."""

    client_id: str = ""
    message: Message | None = None
    call: Call | None = None
    job_id: str | None = None


def load(
    app: AppServices, key: str, path: str, client_id: str | None, job_id: str | None
) -> ScriptPage | None:
    """Load the script of a key; None if there is no such script.

    `client_id` and `job_id` are the user's choice; None uses the record below in the address `path`.
    """
    below = _opened_from(app, path)
    if client_id is not None and client_id != below.client_id:
        below = _Below(client_id)
    client = app.store.get(Client, below.client_id) if below.client_id else None
    id_, language = id_and_language(app, key)
    script = find_script(app, id_, client.language if client else language)
    if script is None:
        return None
    jobs = queries.jobs_of(app.store, client.id) if client else []
    parts = queries.parts_of(app.store, [job.id for job in jobs])
    calls = queries.calls_of(app.store, client.id, app.now - QUIET) if client else []
    job = _job(app, script.moment, jobs, parts, below.job_id if job_id is None else job_id)
    running = frozenset(each.id for each in jobs if each.status in OPEN_STATUSES)
    late = _overloads_of(app, job) if "new_date" in placeholders_in(script.body) else []
    situation = Situation(
        now=app.now,
        settings=app.settings,
        calendar=app.calendar,
        language=script.language,
        moment=script.moment,
        client=client,
        message=below.message,
        call=below.call or (_last_untaken_call(app, calls) if script.moment == "voicemail" else None),
        job=job,
        parts=parts.get(job.id, []) if job else [],
        updates=queries.updates_for(app.store, client.id) if client else [],
        awaited=_awaited(app, client, job, named=bool(below.job_id if job_id is None else job_id)),
        honest=max((each.honest for each in late), default=None),
        overloaded=frozenset(each.task.key for each in late),
        script=script.base,
        calls=calls,
        conversations=queries.conversations_for(app.store, client.id) if client else [],
        payments=_payments(app, client, job),
        several_clients=queries.works_for_several(app.store),
        running=running,
        under_way=[each for each in jobs if is_under_way(each, parts[each.id])],
    )
    script = openings.apology(openings.greeting(script, client), situation)
    return ScriptPage(script, situation, jobs, facts.values(situation), facts.instants(situation))


def _overloads_of(app: AppServices, job: Job | None) -> list[Overload]:
    """The parts of the job, or the job itself, that no longer fit."""
    if job is None:
        return []
    late = queries.workload(app.store, app.now).load.late
    return [each for each in late if each.task.job and each.task.job.id == job.id]


def _payments(app: AppServices, client: Client | None, job: Job | None) -> list[Payment]:
    if client is None or job is None:
        return []
    return [each for each in queries.payments(app.store, app.now, client.id) if each.job.id == job.id]


def _last_untaken_call(app: AppServices, calls: Sequence[CallFacts]) -> Call | None:
    """The call that a script about an untaken call refers to, if it was not opened from one."""
    found = last_let_ring(call for call in calls if call.at <= app.now)
    return app.store.get(Call, found.id) if found else None


def filling(
    page: ScriptPage,
    typed: Mapping[str, str],
    picked: Mapping[str, datetime],
    proposed: Terms = NO_TERMS,
) -> Filling:
    """Combine known, typed and picked values; later ones take precedence. Times in the past count as missing.

    `proposed` is put into words unless the user typed their own wording.
    """
    instants = {**page.instants, **picked}
    values = {**page.known}
    if proposed.standing_call_rule:
        values["proposed_call"] = facts.rhythm(
            page.situation, proposed.standing_call_rule, proposed.standing_call_start
        )
    values |= typed
    if written := written_name(typed.get("client", ""), page.script.language, page.situation.now):
        values["client"] = words.greeted(written)
    values |= {name: facts.worded(page.situation, name, at) for name, at in picked.items()}
    passed = [name for name in page.blanks if name in instants and _has_passed(page, name, instants[name])]
    too_early = _too_early(page, instants)
    for name in (*passed, *too_early):
        values.pop(name, None)
    template = _template(page, values, typed)
    return Filling(values, instants, template, fill(template, values), passed, too_early, proposed)


_IN_SENTENCE = re.compile(r"(?<=.)\{client\}|\{client\}(?=.)")


def _template(page: ScriptPage, values: dict[str, str], typed: Mapping[str, str]) -> str:
    """The text with its blanks, without unknown names.

    Japanese refers to a client differently within a sentence than in the salutation.
    """
    body, client = page.script.body, page.situation.client
    if client and client.language == JAPANESE and not typed.get("client", "").strip():
        values["client_in_sentence"] = words.in_sentence(client)
        body = _IN_SENTENCE.sub("{client_in_sentence}", body)
    return without_names(body, [name for name in NAMES if not values.get(name, "").strip()])


def asked(page: ScriptPage, everything: bool) -> list[Blank]:
    """The blanks to show as fields: those without a known value, or all of them."""
    situation = page.situation
    known = {*page.known, *({"client"} if situation.client else ())}  # organisations need no name
    return [
        labels.blank(name, situation.format, situation.currency)
        for name in page.blanks
        if everything or name not in known
    ]


def _too_early(page: ScriptPage, instants: Mapping[str, datetime]) -> list[str]:
    first, last = (instants.get(name) for name in ABSENCE_BLANKS)
    wrong = ABSENCE_BLANKS[1] in page.blanks and first is not None and last is not None and last < first
    return [ABSENCE_BLANKS[1]] if wrong else []


def _has_passed(page: ScriptPage, name: str, at: datetime) -> bool:
    if name not in FUTURE_BLANKS:
        return False
    now = page.situation.now
    if labels.kind(name) is BlankKind.DAY:
        fmt = page.situation.format
        return fmt.local(at).date() < fmt.local(now).date()
    return at <= now


# --- subject ---------------------------------------------------------------------------------------------


def _opened_from(app: AppServices, path: str) -> _Below:
    found = paths.below(path, "message", "call", "job", "client", "ladder", "standing-call")
    if found is None:
        return _Below()
    kind, key = found
    if kind == "message" and (message := app.store.get(Message, key)):
        return _Below(message.client_id, message=message, job_id=message.job_id)
    if kind == "call" and (call := app.store.get(Call, key)):
        return _Below(call.client_id, call=call, job_id=call.job_id)
    if kind == "job" and (job := app.store.get(Job, key)):
        return _Below(job.client_id, job_id=job.id)
    return _Below(key if kind in ("client", "ladder", "standing-call") else "")


# Statuses of the default job by moment; with _ENDED_STATUSES, the last such job.
_ENDED_STATUSES = {"thanks": frozenset({JobStatus.ACCEPTED, JobStatus.PAID, JobStatus.CLOSED})}
_DEFAULT_STATUSES = {
    "apply": frozenset({JobStatus.APPLIED, JobStatus.OFFERED}),
    facts.INVOICE: frozenset({JobStatus.IN_PROGRESS, JobStatus.DELIVERED, JobStatus.ACCEPTED}),
    facts.APPLICATION: frozenset({JobStatus.APPLIED}),
}


def _job(
    app: AppServices, moment: str, jobs: Sequence[Job], parts: Mapping[str, list[Part]], job_id: str | None
) -> Job | None:
    """The job with `job_id`; without an id, the only job that fits the moment. None if several fit.

    For thanks, it is the job that ended last. The user sees the job and can choose another.
    """
    if job_id is not None:
        return next((job for job in jobs if job.id == job_id), None)
    if moment == facts.PAYMENT:
        return _only([job for job in jobs if exposure([(job, parts[job.id])], app.settings.currency)])
    if over := _ENDED_STATUSES.get(moment):
        return next((job for job in jobs if job.status in over), None)
    fitting = _DEFAULT_STATUSES.get(moment, OPEN_STATUSES)
    return _only([job for job in jobs if job.status in fitting])


def _only(jobs: Sequence[Job]) -> Job | None:
    return jobs[0] if len(jobs) == 1 else None


def _awaited(app: AppServices, client: Client | None, job: Job | None, *, named: bool) -> Message | None:
    """The user's oldest unanswered message to the client about the job.

    If no message is about the job and the job was not named explicitly, the only unanswered message; None if
    there are several, so that the user chooses one.
    """
    if client is None:
        return None
    waiting = [message for message in queries.waiting(app.store) if message.client_id == client.id]
    if about_job := [message for message in waiting if job and message.job_id == job.id]:
        return about_job[0]
    if named or (job and job.status == JobStatus.APPLIED):
        return None  # the text is about the job
    return waiting[0] if len(waiting) == 1 else None


def find(app: AppServices, script_id: str, path: str, language: str) -> ScriptPage | None:
    """The built-in script as opened from the screen at `path`; None for an empty id."""
    if not script_id:
        return None
    key = key_of(app, script_id, language)
    return load(app, key, paths.stacked(path, "script", key), None, None)

"""Import of jobs and deadlines: a preview of proposals, then one undoable write of the selected ones."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial

from app.domain.entities import Entity, Job
from app.domain.errors import DomainError
from app.domain.normalisation import normalise
from app.i18n import _, n_
from app.importexport.calendar_in import DeadlineProposal, read_deadlines
from app.importexport.columns import column
from app.importexport.jobs_in import MOST_COLUMNS, JobProposal, accepted, read_jobs
from app.importexport.local_dates import parse_moment
from app.importexport.reports import LARGEST, Report, RowProblem
from app.importexport.texts import quoted
from app.steps import Progress, Steps, part
from app.store import queries
from app.store.changes import Change
from app.store.transactions import StorageError
from app.viewmodels import work
from app.viewmodels.services import AppServices, WorkCancelledError
from app.wording import words

AMBIGUOUS_DATE = "ambiguous_date"
NO_DEADLINE = frozenset({"repeats", "past"})
# In the normalised spelling: without accents, lower case, hiragana.
DEADLINE_WORDS = (
    r"\b(deadline|due|deliver(y|able|ables)?|hand in|submit|submission|draft)\b",
    r"\b(echeance|livraison|livrer|livrable|rendu|rendre|remise|date limite|a envoyer|maquette)s?\b",
    "締.?切|〆切|しめきり|納品|納期|提出|期限|入稿",
)


class Source(StrEnum):
    JOBS = "jobs"
    DEADLINES = "deadlines"


@dataclass(frozen=True)
class Found:
    """A job to add. `known`: it seems to be stored already. `likely`: its title suggests work to deliver."""

    key: int
    title: str
    facts: list[str]
    known: bool
    proposal: JobProposal | DeadlineProposal
    likely: bool = True


@dataclass(frozen=True)
class Doubt:
    """An ambiguous date: its text, and both possible dates in full."""

    text: str
    day_first: str
    month_first: str


@dataclass(frozen=True)
class Preview:
    found: list[Found]
    troubles: list[str]
    doubt: Doubt | None
    left_out: list[str] = field(default_factory=list)  # events that are no upcoming deadline

    @property
    def fresh(self) -> frozenset[int]:
        """Keys of the proposals selected initially."""
        return frozenset(each.key for each in self.found if each.likely and not each.known)


def preview(app: AppServices, source: Source, data: bytes, day_first: bool | None) -> Steps[Preview]:
    """Parse the file. `day_first` is the user's answer to `Preview.doubt`; None if not answered."""
    if source is Source.DEADLINES:
        return (yield from _deadlines_preview(app, data))
    readings = 1 if day_first is None else 2
    report = yield from part(_read_jobs(app, data, day_first), 0, readings)
    unsettled = report
    if day_first is not None:
        unsettled = yield from part(_read_jobs(app, data, None), 1, readings)
    known = _known_jobs(app)
    found: list[Found] = []
    for each in report.found:
        found.append(_found_job(app, each, known))
        yield Progress(1, 1)
    troubles = [each for each in report.troubles if each.code != AMBIGUOUS_DATE]
    return Preview(
        found, (yield from _trouble_lines(app, troubles, Source.JOBS)), _doubt(app, unsettled.troubles)
    )


async def add(app: AppServices, found: Sequence[Found], client_id: str) -> bool:
    """Add all of these or none; deadlines belong to `client_id`. False, after showing why, on failure."""
    title = n_("Adding {n} job…", "Adding {n} jobs…", len(found))
    confirmation = n_("{n} job added", "{n} jobs added", len(found))
    try:
        made = await work.write(app, title, _adding(app, found, client_id), len(found))
    except WorkCancelledError:
        app.say(_("Cancelled. Nothing was changed."))
        return False
    except (StorageError, DomainError) as error:
        return app.write(partial(_raise, error))
    return app.write(lambda: made, confirmation)


def _raise(error: Exception) -> Change:
    raise error


def _adding(app: AppServices, found: Sequence[Found], client_id: str) -> Steps[Change]:
    entities = yield from part(_entities(app, found, client_id), 0, 2)
    return (yield from part(app.store.save_all(entities), 1, 2))


def _entities(app: AppServices, found: Sequence[Found], client_id: str) -> Steps[list[Entity]]:
    # `accepted` fills in clients: use copies, so that a failed write leaves the proposals unchanged.
    job_proposals: list[JobProposal] = []
    deadlines: list[Job] = []
    for number, proposal in enumerate(each.proposal for each in found):
        if isinstance(proposal, JobProposal):
            job_proposals.append(replace(proposal, job=Job(**proposal.job.model_dump())))
        else:
            deadlines.append(_job_of(app, proposal, client_id))
        yield Progress(number, len(found))
    return [*accepted(job_proposals, app.settings.language, app.now), *deadlines]


def _read_jobs(app: AppServices, data: bytes, day_first: bool | None) -> Steps[Report[JobProposal]]:
    return read_jobs(data, queries.clients(app.store), app.settings, app.calendar, app.now, day_first)


def _job_of(app: AppServices, proposal: DeadlineProposal, client_id: str) -> Job:
    return Job(
        client_id=client_id,
        title=proposal.title,
        deadline=proposal.at,
        notes=proposal.note,
        started_at=app.now,
        created_at=app.now,
    )


# --- proposals -------------------------------------------------------------------------------------------


def _found_job(app: AppServices, proposal: JobProposal, known: set[tuple[str, str]]) -> Found:
    job = proposal.job
    facts = [quoted(proposal.client_name), words.job_status(job.status)]
    if job.deadline:
        facts.append(_("by {when}").format(when=app.format.when(job.deadline, app.now)))
    if job.fee is not None or job.unit_price is not None:
        currency = job.currency or app.settings.currency
        facts.append(words.fee(job, currency, app.format))
    seen = (job.client_id, normalise(job.title)) in known
    return Found(proposal.row, quoted(words.job_title(job)), facts, bool(job.client_id) and seen, proposal)


def _known_jobs(app: AppServices) -> set[tuple[str, str]]:
    return {(job.client_id, normalise(job.title)) for job, _parts in queries.all_jobs(app.store)}


def _deadlines_preview(app: AppServices, data: bytes) -> Steps[Preview]:
    report = yield from read_deadlines(data, app.calendar, app.now)
    known = {(normalise(job.title), job.deadline) for job, _parts in queries.all_jobs(app.store)}
    found: list[Found] = []
    for key, each in enumerate(report.found):
        found.append(
            Found(
                key,
                quoted(each.title) or _("Untitled job"),
                [_("by {when}").format(when=app.format.when(each.at, app.now))],
                # The calendar may contain events that Kaeru exported.
                each.uid.endswith("@kaeru") or (normalise(each.title), each.at) in known,
                each,
                likely=each.task or _names_a_deadline(each.title),
            )
        )
        yield Progress(1, 1)
    left_out = [each for each in report.troubles if each.code in NO_DEADLINE]
    unclear = [each for each in report.troubles if each.code not in NO_DEADLINE]
    lines = yield from _trouble_lines(app, unclear, Source.DEADLINES)
    return Preview(found, lines, None, (yield from _trouble_lines(app, left_out, Source.DEADLINES)))


def _names_a_deadline(title: str) -> bool:
    """Whether the title suggests work to deliver, unlike, for example, a dentist's appointment."""
    spelled = normalise(title)
    return any(re.search(pattern, spelled) for pattern in DEADLINE_WORDS)


# --- problems --------------------------------------------------------------------------------------------


def _doubt(app: AppServices, troubles: Collection[RowProblem]) -> Doubt | None:
    """The first ambiguous date that the rest of the file does not resolve."""
    text = next((each.text for each in troubles if each.code == AMBIGUOUS_DATE), None)
    if text is None:
        return None

    def day(day_first: bool) -> str:
        found = parse_moment(text, day_first, app.calendar)
        if isinstance(found, datetime):
            found = app.format.local(found).date()
        return _long_date(app, found)

    return Doubt(text, day(True), day(False))


def _long_date(app: AppServices, day: date) -> str:
    return app.format.date(day, "long")


def _trouble_lines(app: AppServices, troubles: Sequence[RowProblem], source: Source) -> Steps[list[str]]:
    lines: list[str] = []
    for each in troubles:
        lines.append(trouble_line(app, each, source))
        yield Progress(1, 1)
    return lines


def trouble_line(app: AppServices, trouble: RowProblem, source: Source) -> str:
    """Describe a problem: what was not understood, where, and how it was handled."""
    sentence = _file_problems(source).get(trouble.code) if trouble.row == 0 else None
    sentence = sentence or _row_problem(source, trouble.code)
    return sentence.format(
        row=trouble.row,
        field=quoted(column(trouble.field, app.settings.language)),
        text=quoted(trouble.text),
        n=MOST_COLUMNS,
        size=LARGEST // 1_000_000,
    )


def _file_problems(source: Source) -> dict[str, str]:
    if source is Source.DEADLINES:
        empty = _("There is no event in this file.")
    else:
        empty = _("There is nothing in this file.")
    return {
        "encoding": _("The letters in this file cannot be read. Save it as UTF-8, then try again."),
        "format": _("This file is not a table. Save it as CSV, then try again."),
        "not_ical": _("This is not a calendar file. Its name usually ends in .ics."),
        "empty": empty,
        "cut_off": _("The end of this file is missing: there may be more in the calendar."),
        "too_large": _("This file is larger than {size} MB."),
        "too_wide": _("This table has more than {n} columns. Keep those that you need, then try again."),
    }


def _row_problem(source: Source, code: str) -> str:
    shared = {
        "no_header": _(
            "The first row must name the columns, such as Client, Job and Deadline. It is: {text}"
        ),
        "unknown_column": _("The column “{field}” is not known: it is left out."),
        "extra_cells": _("Row {row} is longer than the first row: “{text}” is left out."),
        "too_many": _("From row {row} on, there is too much at once. Bring in the rest from a second file."),
    }
    if code in shared:
        return shared[code]
    if source is Source.DEADLINES:
        return {
            "past": _("“{text}” is over."),
            "repeats": _("“{text}” comes again and again. A deadline is one day."),
            "required": _("“{text}” has no date: it is left out."),
            "zone": _("The time zone of “{text}” is not known: it is left out."),
        }.get(code, _("The date of “{text}” is not understood: it is left out."))
    if code == "required":
        return _("Row {row} names no client: it is left out.")
    return _("Row {row}: “{text}” is not understood as {field}. The job comes without it.")

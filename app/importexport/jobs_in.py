"""Imports jobs from a CSV file of any spreadsheet: proposals, and what was not understood."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import islice

from app.domain.addressing import client_named, spellings
from app.domain.amounts import parse_amount, parse_thousandths
from app.domain.codes import FeeBasis, JobStatus
from app.domain.constraints import LINE, TEXT
from app.domain.entities import Client, Entity, Job, Settings
from app.domain.errors import DomainError
from app.domain.hours import MIDNIGHT, WorkCalendar
from app.domain.pricing import fee_of_unit
from app.steps import Progress, Steps

from .columns import column_names, value_names
from .csv_out import JOB_COLUMNS, unguarded
from .local_dates import day_first_of, end_of_day, parse_hours, parse_moment
from .reports import LARGEST, Report, RowProblem
from .texts import decoded

MOST = 10_000  # non-empty rows
MOST_LINES = 10 * MOST  # including empty ones
MOST_COLUMNS = 200
HEADER_WITHIN = 1_000  # rows; the first non-empty one is the header
LONGEST_VALUE = 100  # characters of a date, number or code
ROWS_A_STEP = 500
DELIMITERS = (",", ";", "\t")
DATES = ("started", "deadline")

CsvRow = tuple[int, list[str]]  # (row number from 1, cells)


@dataclass(frozen=True)
class JobProposal:
    """A job found in a row; `client_id` is empty if there is no client of that name."""

    row: int
    client_name: str
    job: Job


def read_jobs(
    data: bytes,
    clients: Iterable[Client],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
    day_first: bool | None = None,
) -> Steps[Report[JobProposal]]:
    """The jobs of a file with a header row, in order. Never raises for an invalid file; reports it.

    Values that are not understood are reported and skipped; rows without a client are skipped entirely.
    `day_first` determines whether "3/4/2026" is 3 April if the file is ambiguous.
    """
    try:
        (place, header), rows, unread = yield from _opened(data, settings.language)
    except _NoTableError as error:
        return Report([], [error.trouble])
    fields = [_field(name) for name in header]
    troubles = [
        RowProblem(place, name[:LINE], "", "unknown_column")
        for name, field in zip(header, fields, strict=True)
        if field is None and name.strip()
    ]
    if unread:
        troubles.append(RowProblem(unread, "", "", "too_many"))
    if day_first is None:
        dates = (cell for _, row in rows for field, cell in zip(fields, row, strict=False) if field in DATES)
        day_first = yield from day_first_of(dates, settings.language)
    known = {_folded(name): client for client in clients for name in spellings(client)}
    reader = _RowReader(fields, known, settings, calendar, now, day_first)
    found: list[JobProposal] = []
    for done, (number, row) in enumerate(rows):
        if job := reader.read(number, row):
            found.append(job)
        yield Progress(done, len(rows))
    return Report(found, troubles + reader.troubles)


def accepted(proposals: Iterable[JobProposal], language: str, now: datetime) -> list[Entity]:
    """The records to save: the jobs, and a new client for each unknown name."""
    new: dict[str, Client] = {}
    jobs = []
    for proposal in proposals:
        if not proposal.job.client_id:
            name = _folded(proposal.client_name)
            client = new.setdefault(name, client_named(proposal.client_name, language, now))
            proposal.job.client_id = client.id
        jobs.append(proposal.job)
    return [*new.values(), *jobs]


class _NoTableError(Exception):
    """The file has no table of jobs; `trouble` has the reason."""

    def __init__(self, code: str, row: int = 0, text: str = "") -> None:
        super().__init__(code)
        self.trouble = RowProblem(row, "", text, code)


def _opened(data: bytes, language: str) -> Steps[tuple[CsvRow, list[CsvRow], int]]:
    """The header, the other rows, and the number of the first row beyond the limit. Raises _NoTableError."""
    if len(data) > LARGEST:
        raise _NoTableError("too_large")
    text = decoded(data, language)
    if text is None or "\0" in text:
        raise _NoTableError("encoding")
    yield Progress(0, 0)
    try:
        rows, unread = yield from _table(text)
    except csv.Error as error:
        raise _NoTableError("format") from error
    if not rows:
        raise _NoTableError("empty")
    place, header = rows[0]
    if len(header) > MOST_COLUMNS:
        raise _NoTableError("too_wide")
    if not {_field(name) for name in header} & {"client", "title"}:
        raise _NoTableError("no_header", place, ", ".join(header)[:LINE])
    return rows[0], rows[1:], unread


class _RowReader:
    """Converts rows, and collects their problems."""

    def __init__(
        self,
        fields: Sequence[str | None],
        clients: Mapping[str, Client],
        settings: Settings,
        calendar: WorkCalendar,
        now: datetime,
        day_first: bool | None,
    ) -> None:
        self.troubles: list[RowProblem] = []
        self._fields, self._clients, self._settings = fields, clients, settings
        self._calendar, self._now, self._day_first = calendar, now, day_first

    def read(self, number: int, row: Sequence[str]) -> JobProposal | None:
        cells = {
            field: unguarded(cell).strip()
            for field, cell in zip(self._fields, row, strict=False)
            if field is not None and cell.strip()
        }
        if extra := [cell for cell in row[len(self._fields) :] if cell.strip()]:
            self._note(number, "", " ".join(cell[:LINE] for cell in extra[:LINE]), "extra_cells")
        name = cells.get("client", "")[:LINE]
        if not name:
            self._note(number, "client", "", "required")
            return None
        client = self._clients.get(_folded(name))
        job = Job(client_id=client.id if client else "", created_at=self._now, started_at=self._now)
        job.currency = client.currency if client else ""
        # Amounts depend on currency and basis, so these are set first.
        for field in sorted(cells, key=lambda field: ("currency", "basis", field).index(field)):
            try:
                self._set(job, field, cells[field])
            except DomainError as error:
                self._note(number, field, cells[field], error.code)
        if job.deadline is not None and job.deadline < job.started_at:
            if "started" in cells:
                self._note(number, "deadline", cells["deadline"], "range")
                job.deadline = None
            else:
                job.started_at = job.deadline
        return JobProposal(number, name, job)

    def _set(self, job: Job, field: str, text: str) -> None:
        texts: dict[str, tuple[str, int]] = {
            "title": ("title", LINE),
            "platform": ("platform", LINE),
            "rating_comment": ("rating_comment", TEXT),
            "notes": ("notes", TEXT),
        }
        if field in texts:
            name, longest = texts[field]
            setattr(job, name, text[:longest])
        elif len(text) > LONGEST_VALUE:
            raise DomainError("format")
        elif setter := self._setters().get(field):
            setter(job, text)

    def _setters(self) -> dict[str, Callable[[Job, str], None]]:
        return {
            "currency": _set_currency,
            "status": lambda job, text: setattr(job, "status", _code(text, JobStatus)),
            "basis": lambda job, text: setattr(job, "basis", _code(text, FeeBasis)),
            "started": lambda job, text: setattr(job, "started_at", self._moment(text, ends=False)),
            "deadline": lambda job, text: setattr(job, "deadline", self._moment(text, ends=True)),
            "fee": self._set_fee,
            "quantity": _set_quantity,
            "estimate": lambda job, text: setattr(job, "estimate_minutes", parse_hours(text)),
            "spent": lambda job, text: setattr(job, "spent_minutes", parse_hours(text)),
            "rating": _set_rating,
        }

    def _set_fee(self, job: Job, text: str) -> None:
        currency = job.currency or self._settings.currency
        try:
            if job.basis == FeeBasis.FIXED:
                job.fee = parse_amount(text, currency)
            else:
                job.unit_price = parse_thousandths(text, currency)
                job.fee = fee_of_unit(job.unit_price, job.basis, currency)
                job.currency = currency  # the currency in which totals are computed
        except DomainError as error:
            raise DomainError("format") from error

    def _moment(self, text: str, ends: bool) -> datetime:
        """An instant. A day without a time is the start of the day, or the end of work if `ends`."""
        found = parse_moment(text, self._day_first, self._calendar)
        if isinstance(found, datetime):
            return found
        if ends:
            return end_of_day(found, self._calendar)
        return datetime.combine(found, MIDNIGHT, self._calendar.zone).astimezone(UTC)

    def _note(self, row: int, field: str, text: str, code: str) -> None:
        self.troubles.append(RowProblem(row, field, text[:LINE], code))


def _set_currency(job: Job, text: str) -> None:
    code = {"円": "JPY", "¥": "JPY", "€": "EUR", "$": "USD", "£": "GBP"}.get(text, text.upper())
    if not re.fullmatch("[A-Z]{3}", code):
        raise DomainError("currency")
    job.currency = code


def _set_quantity(job: Job, text: str) -> None:
    try:
        job.quantity = parse_thousandths(text)
    except DomainError as error:
        raise DomainError("format") from error


def _set_rating(job: Job, text: str) -> None:
    match = re.fullmatch(r"([1-5])(?:[.,]0)?(?: ?/ ?5)?|(★{1,5})☆*", unicodedata.normalize("NFKC", text))
    if match is None:
        raise DomainError("range")
    job.rating = int(match[1]) if match[1] else len(match[2])


def _code(text: str, codes: type[JobStatus] | type[FeeBasis]) -> str:
    try:
        return _codes(codes)[_folded(text)]
    except KeyError as error:
        raise DomainError("choice") from error


@cache
def _codes(codes: type[JobStatus] | type[FeeBasis]) -> dict[str, str]:
    """Codes by all their names; a name shared by two codes is that of the first."""
    return {
        _folded(name): code.value
        for code in reversed(list(codes))
        for name in (code.value, *value_names(code))
    }


def _table(text: str) -> Steps[tuple[list[CsvRow], int]]:
    """The non-empty rows with their numbers, using the delimiter that gives the best header.

    Also returns the number of the first row beyond the limit, or 0. Raises csv.Error for an oversized cell,
    for instance if a quote is not closed.
    """
    lines = text.lstrip("\ufeff")

    def rows(delimiter: str) -> Iterator[CsvRow]:
        reader = csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter)
        return enumerate(reader, start=1)

    def understood(delimiter: str) -> int:
        first = islice(rows(delimiter), HEADER_WITHIN)
        try:
            header = next((row for _, row in first if any(map(str.strip, row))), [])
        except csv.Error:
            return 0
        return sum(_field(name) is not None for name in header[: MOST_COLUMNS + 1])

    found: list[CsvRow] = []
    for number, row in rows(max(DELIMITERS, key=understood)):
        if any(map(str.strip, row)):
            if len(found) > MOST or number > MOST_LINES:
                return found, number
            found.append((number, row))
        if number % ROWS_A_STEP == 0:
            yield Progress(0, 0)
    return found, 0


def _field(name: str) -> str | None:
    return _field_names().get(_folded(name[:LINE]))


@cache
def _field_names() -> dict[str, str]:
    """The fields of a job by all that their columns may be called; a name of two is the first one's."""
    return {_folded(name): field for field in reversed(JOB_COLUMNS) for name in (field, *column_names(field))}


def _folded(text: str) -> str:
    """Normalise width, case, accents and spaces."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold().replace("_", " "))
    return " ".join("".join(letter for letter in text if not "\u0300" <= letter < "\u0370").split())

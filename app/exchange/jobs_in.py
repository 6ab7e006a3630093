"""Jobs out of a CSV file, whatever spreadsheet wrote it: proposals, and what was not understood."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.codes import FeeBasis, JobStatus
from app.domain.constraints import LINE, TEXT
from app.domain.entities import Client, Entity, Job, Settings
from app.domain.hours import MIDNIGHT, WorkCalendar
from app.domain.jobs import parse_amount

from .columns import ALIASES, COLUMNS, SYNONYMS, VALUES
from .csv_out import JOB_COLUMNS, unguarded
from .local_dates import day_first_of, end_of_day, parse_hours, parse_moment
from .reports import LARGEST, Report, Trouble

MOST = 10_000  # rows
DELIMITERS = (",", ";", "\t")
DATES = ("started", "deadline")

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")


@dataclass(frozen=True)
class JobProposal:
    """A job found in a row; its `client_id` is empty while no client of that name is known."""

    row: int
    client_name: str
    job: Job


def decoded(data: bytes, language: str) -> str | None:
    """The text of a file in UTF-8, UTF-16, Shift_JIS or Windows-1252; None when it is in none of them.

    The last two cannot be told apart by their bytes alone: kana speak for Shift_JIS, and so does a user who
    writes Japanese.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16")
    text = _decoded(data, "utf-8-sig")
    if text is not None:
        return text
    japanese = _decoded(data, "cp932")
    if japanese is not None and (language == "ja" or _KANA.search(japanese)):
        return japanese
    return _decoded(data, "cp1252")


def read_jobs(
    data: bytes,
    clients: Iterable[Client],
    settings: Settings,
    calendar: WorkCalendar,
    now: datetime,
    day_first: bool | None = None,
) -> Report[JobProposal]:
    """The jobs of a file with a header row, in their order. Never raises for a bad file: it is reported.

    A value that is not understood is reported and left out of its job; a row without a client is left out
    whole. `day_first` settles whether "3/4/2026" is the third of April where the file does not.
    """
    if len(data) > LARGEST:
        return Report([], [Trouble(0, "", "", "too_large")])
    text = decoded(data, settings.language)
    if text is None or "\0" in text:
        return Report([], [Trouble(0, "", "", "encoding")])
    try:
        table = _table(text)
    except csv.Error:
        return Report([], [Trouble(0, "", "", "format")])
    if not table:
        return Report([], [Trouble(0, "", "", "empty")])
    (place, header), *rows = table
    fields = [_field(name) for name in header]
    if "client" not in fields and "title" not in fields:
        return Report([], [Trouble(place, "", ", ".join(header)[:LINE], "no_header")])
    troubles = [
        Trouble(place, name, "", "unknown_column")
        for name, field in zip(header, fields, strict=True)
        if field is None and name.strip()
    ]
    if len(rows) > MOST:
        troubles.append(Trouble(rows[MOST][0], "", "", "too_many"))
        rows = rows[:MOST]
    if day_first is None:
        dates = [cell for _, row in rows for field, cell in zip(fields, row, strict=False) if field in DATES]
        day_first = day_first_of(dates, settings.language)
    known = {_folded(client.name): client for client in clients}
    reader = _RowReader(fields, known, settings, calendar, now, day_first)
    found = [job for number, row in rows if (job := reader.read(number, row)) is not None]
    return Report(found, troubles + reader.troubles)


def accepted(proposals: Iterable[JobProposal], language: str, now: datetime) -> list[Entity]:
    """What to save: the jobs, and a new client for each name that is not known yet."""
    new: dict[str, Client] = {}
    jobs = []
    for proposal in proposals:
        if not proposal.job.client_id:
            name = _folded(proposal.client_name)
            client = new.setdefault(
                name, Client(name=proposal.client_name, language=language, created_at=now)
            )
            proposal.job.client_id = client.id
        jobs.append(proposal.job)
    return [*new.values(), *jobs]


class _RowReader:
    """Reads one row after the other and keeps what was not understood."""

    def __init__(
        self,
        fields: Sequence[str | None],
        clients: Mapping[str, Client],
        settings: Settings,
        calendar: WorkCalendar,
        now: datetime,
        day_first: bool | None,
    ) -> None:
        self.troubles: list[Trouble] = []
        self._fields, self._clients, self._settings = fields, clients, settings
        self._calendar, self._now, self._day_first = calendar, now, day_first

    def read(self, number: int, row: Sequence[str]) -> JobProposal | None:
        cells = {
            field: unguarded(cell).strip()
            for field, cell in zip(self._fields, row, strict=False)
            if field is not None and cell.strip()
        }
        if any(cell.strip() for cell in row[len(self._fields) :]):
            self._note(number, "", " ".join(row[len(self._fields) :]), "extra_cells")
        name = cells.get("client", "")
        if not name:
            self._note(number, "client", "", "required")
            return None
        client = self._clients.get(_folded(name))
        job = Job(client_id=client.id if client else "", created_at=self._now, started_at=self._now)
        job.currency = client.currency if client else ""
        # The currency first: an amount is read by it.
        for field in sorted(cells, key=lambda field: field != "currency"):
            try:
                self._set(job, field, cells[field])
            except ValueError as error:
                self._note(number, field, cells[field], str(error))
        if job.deadline is not None and job.deadline < job.started_at:
            if "started" in cells:
                self._note(number, "deadline", cells["deadline"], "range")
                job.deadline = None
            else:
                job.started_at = job.deadline
        return JobProposal(number, name[:LINE], job)

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
            "estimate": lambda job, text: setattr(job, "estimate_minutes", parse_hours(text)),
            "spent": lambda job, text: setattr(job, "spent_minutes", parse_hours(text)),
            "rating": _set_rating,
        }

    def _set_fee(self, job: Job, text: str) -> None:
        try:
            job.fee = parse_amount(text, job.currency or self._settings.currency)
        except ValueError as error:
            raise ValueError("format") from error

    def _moment(self, text: str, ends: bool) -> datetime:
        """A day without a time starts at midnight, and is due when the user stops working."""
        found = parse_moment(text, self._day_first, self._calendar)
        if isinstance(found, datetime):
            return found
        if ends:
            return end_of_day(found, self._calendar)
        return datetime.combine(found, MIDNIGHT, self._calendar.zone).astimezone(UTC)

    def _note(self, row: int, field: str, text: str, code: str) -> None:
        self.troubles.append(Trouble(row, field, text[:LINE], code))


def _set_currency(job: Job, text: str) -> None:
    code = {"円": "JPY", "¥": "JPY", "€": "EUR", "$": "USD", "£": "GBP"}.get(text, text.upper())
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError("currency")
    job.currency = code


def _set_rating(job: Job, text: str) -> None:
    match = re.fullmatch(r"([1-5])(?:[.,]0)?(?: ?/ ?5)?|(★{1,5})☆*", unicodedata.normalize("NFKC", text))
    if match is None:
        raise ValueError("range")
    job.rating = int(match[1]) if match[1] else len(match[2])


def _code(text: str, codes: type[JobStatus] | type[FeeBasis]) -> str:
    wanted = _folded(text)
    for code in codes:
        if wanted in {_folded(name) for name in (code.value, *VALUES[code], *SYNONYMS.get(code, ()))}:
            return code.value
    raise ValueError("choice")


def _table(text: str) -> list[tuple[int, list[str]]]:
    """The rows with something in them and their numbers, split where the header makes the most sense.

    csv.Error for a cell beyond what the reader takes, as when a quote is never closed.
    """
    lines = text.lstrip("\ufeff")

    def rows(delimiter: str) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter)
        return ((number, row) for number, row in enumerate(reader, start=1) if any(map(str.strip, row)))

    def understood(delimiter: str) -> int:
        _, header = next(rows(delimiter), (1, []))
        return sum(_field(name) is not None for name in header)

    return list(rows(max(DELIMITERS, key=understood)))


def _field(name: str) -> str | None:
    wanted = _folded(name)
    for field in JOB_COLUMNS:
        if wanted in {_folded(each) for each in (field, *COLUMNS[field], *ALIASES.get(field, ()))}:
            return field
    return None


def _folded(text: str) -> str:
    """One spelling for width, case, accents and spaces."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold().replace("_", " "))
    return " ".join("".join(letter for letter in text if not "\u0300" <= letter < "\u0370").split())


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None

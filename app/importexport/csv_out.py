"""Exports jobs, messages, calls, topics and payments as CSV (RFC 4180).

The files are in UTF-8 with the byte order mark that spreadsheets require.

Cells never start a formula: such texts get a leading apostrophe, which importing removes. All cells are
quoted, but a spreadsheet that splits at another delimiter than the file uses (semicolons, where the comma is
the decimal mark) may still split texts into cells. So a formula after such a delimiter within a text also
gets an apostrophe.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from app.domain.amounts import minor_digits
from app.domain.codes import FeeBasis
from app.domain.entities import Call, Client, Job, Message, Part, Settings, Topic
from app.domain.hours import WorkCalendar
from app.domain.pricing import unit_price, whole_amount
from app.i18n import writes_decimal_comma

from . import columns as words

ExportedJob = tuple[Job, Sequence[Part]]
Cell = str | int | None

FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_INNER = r"([;,\t\r\n][ \"]*)"  # where another spreadsheet may start a new cell
_GUARDED_INNER = re.compile(_INNER + r"'(?='*[ \"]*[=+\-@＝＋－＠])")
_RISKY_INNER = re.compile(_INNER + r"(?='*[ \"]*[=+\-@＝＋－＠])")

JOB_COLUMNS = (
    *("title", "client", "platform", "status", "started", "deadline", "fee", "currency", "basis", "quantity"),
    *("estimate", "spent", "rating", "rating_comment", "notes"),
)
PAYMENT_COLUMNS = (
    *("client", "title", "part", "amount", "currency", "delivered", "invoiced", "paid", "reminders"),
)
MESSAGE_COLUMNS = ("at", "client", "title", "direction", "channel", "kind", "summary", "body", "replied")
TOPIC_COLUMNS = ("at", "client", "raised_by", "topic", "talked_about")
CALL_COLUMNS = ("at", "client", "scheduled", "outcome", "minutes", "note")


class CsvDialect:
    """Number format, delimiter, language and time zone for a user's spreadsheet."""

    def __init__(self, settings: Settings, calendar: WorkCalendar) -> None:
        self.language = settings.language
        self.currency = settings.currency
        self._calendar = calendar
        # Where the comma is the decimal mark, spreadsheets split at semicolons.
        self.comma = writes_decimal_comma(settings.language)

    def moment(self, at: datetime | None) -> str:
        """Local time, year first, which spreadsheets interpret unambiguously."""
        return "" if at is None else f"{self._calendar.local(at):%Y-%m-%d %H:%M}"

    def money(self, amount: int | None, currency: str) -> str:
        """An amount without symbol and grouping, which spreadsheets read as a number."""
        if amount is None:
            return ""
        digits = minor_digits(currency)
        whole, rest = divmod(amount, 10**digits)
        return f"{whole}{',' if self.comma else '.'}{rest:0{digits}d}" if digits else str(whole)

    def decimal(self, thousandths: int | None) -> str:
        """A unit price or quantity, without trailing zeros."""
        if thousandths is None:
            return ""
        whole, rest = divmod(thousandths, 1000)
        decimals = f"{rest:03}".rstrip("0")
        if not decimals:
            return str(whole)
        # Three digits after a comma could be read as thousands.
        return f"{whole},{decimals}{'0' * (len(decimals) == 3)}" if self.comma else f"{whole}.{decimals}"

    def price(self, job: Job) -> str:
        """The fee, or the unit price."""
        currency = job.currency or self.currency
        if job.basis == FeeBasis.FIXED:
            return self.money(job.fee, currency)
        return self.decimal(unit_price(job, currency))

    def hours(self, minutes: int | None) -> str:
        """Hours and minutes: 1:30."""
        return "" if minutes is None else f"{minutes // 60}:{minutes % 60:02d}"

    def value(self, code: str) -> str:
        return words.value(code, self.language)

    def file(self, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
        text = io.StringIO()
        writer = csv.writer(
            text, delimiter=";" if self.comma else ",", lineterminator="\r\n", quoting=csv.QUOTE_ALL
        )
        writer.writerow([words.column(column, self.language) for column in columns])
        for row in rows:
            writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
        return text.getvalue().encode("utf-8-sig", errors="replace")


def guarded(text: str) -> str:
    """Escape a text so that no spreadsheet interprets any part of it as a formula."""
    text = _RISKY_INNER.sub(r"\1'", text)
    return f"'{text}" if _is_risky(text) else text


def unguarded(text: str) -> str:
    text = text[1:] if text.startswith("'") and _is_risky(text) else text
    return _GUARDED_INNER.sub(r"\1", text)


def _is_risky(text: str) -> bool:
    bare = text.lstrip("'")
    return bare.startswith(FORMULA) or bare.lstrip(" ").startswith(FORMULA)


def export_jobs(rows: Iterable[ExportedJob], clients: Mapping[str, Client], dialect: CsvDialect) -> bytes:
    return dialect.file(
        JOB_COLUMNS,
        (
            (
                job.title,
                _name(clients, job.client_id),
                job.platform,
                dialect.value(job.status),
                dialect.moment(job.started_at),
                dialect.moment(job.deadline),
                dialect.price(job),
                job.currency or dialect.currency,
                dialect.value(job.basis),
                dialect.decimal(job.quantity),
                dialect.hours(job.estimate_minutes),
                dialect.hours(job.spent_minutes),
                job.rating,
                job.rating_comment,
                job.notes,
            )
            for job, _ in rows
        ),
    )


def export_payments(rows: Iterable[ExportedJob], clients: Mapping[str, Client], dialect: CsvDialect) -> bytes:
    """One row per part, or per job without parts."""

    def lines() -> Iterable[Sequence[Cell]]:
        for job, parts in rows:
            billed: Sequence[Job | Part] = parts or [job]
            for item in billed:
                yield (
                    _name(clients, job.client_id),
                    job.title,
                    item.title if isinstance(item, Part) else "",
                    dialect.money(
                        item.amount if isinstance(item, Part) else whole_amount(item),
                        job.currency or dialect.currency,
                    ),
                    job.currency or dialect.currency,
                    dialect.moment(item.delivered_at),
                    dialect.moment(item.invoiced_at),
                    dialect.moment(item.paid_at),
                    len(item.reminded_at),
                )

    return dialect.file(PAYMENT_COLUMNS, lines())


def export_messages(
    messages: Iterable[Message],
    clients: Mapping[str, Client],
    jobs: Mapping[str, Job],
    dialect: CsvDialect,
    channel: Callable[[str], str],
) -> bytes:
    """`channel` returns a channel's name as on the screens."""
    return dialect.file(
        MESSAGE_COLUMNS,
        (
            (
                dialect.moment(message.at),
                _name(clients, message.client_id),
                jobs[message.job_id].title if message.job_id and message.job_id in jobs else "",
                dialect.value(message.direction),
                channel(message.channel),
                dialect.value(message.kind),
                message.summary,
                message.body,
                dialect.moment(message.replied_at),
            )
            for message in messages
        ),
    )


def export_calls(calls: Iterable[Call], clients: Mapping[str, Client], dialect: CsvDialect) -> bytes:
    return dialect.file(
        CALL_COLUMNS,
        (
            (
                dialect.moment(call.at),
                _name(clients, call.client_id),
                dialect.value("yes" if call.scheduled else "no"),
                dialect.value(call.outcome),
                call.minutes,
                call.note,
            )
            for call in calls
        ),
    )


def export_topics(topics: Iterable[Topic], clients: Mapping[str, Client], dialect: CsvDialect) -> bytes:
    return dialect.file(
        TOPIC_COLUMNS,
        (
            (
                dialect.moment(topic.created_at),
                _name(clients, topic.client_id),
                dialect.value(topic.raised_by),
                topic.text,
                dialect.moment(topic.done_at),
            )
            for topic in topics
        ),
    )


def _name(clients: Mapping[str, Client], client_id: str) -> str:
    return clients[client_id].name if client_id in clients else ""

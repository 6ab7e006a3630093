"""Names and contents of the calendar and CSV files to export."""

from collections.abc import Callable
from enum import StrEnum

from app.domain.codes import ClientStatus
from app.domain.entities import Client
from app.i18n import _, p_
from app.importexport.calendar_out import EventNames, export_calendar
from app.importexport.csv_out import (
    CsvDialect,
    export_calls,
    export_jobs,
    export_messages,
    export_payments,
    export_topics,
)
from app.store import queries
from app.store.transactions import StorageError
from app.viewmodels.services import AppServices, storage_message
from app.wording import words


class FileKind(StrEnum):
    CALENDAR = "calendar"
    JOBS = "jobs"
    PAYMENTS = "payments"
    MESSAGES = "messages"
    CALLS = "calls"
    TOPICS = "topics"


def file_name(app: AppServices, kind: FileKind) -> str:
    """For example kaeru-jobs-2026-11-27.csv: the kind in the app's language, the user's local date."""
    ending = "ics" if kind is FileKind.CALENDAR else "csv"
    name = {
        FileKind.CALENDAR: p_("file name", "calendar"),
        FileKind.JOBS: p_("file name", "jobs"),
        FileKind.PAYMENTS: p_("file name", "payments"),
        FileKind.MESSAGES: p_("file name", "messages"),
        FileKind.CALLS: p_("file name", "calls"),
        FileKind.TOPICS: p_("file name", "topics"),
    }[kind]
    return f"kaeru-{name}-{app.format.local(app.now).date().isoformat()}.{ending}"


def content(app: AppServices, kind: FileKind) -> bytes | None:
    """The file's bytes; None, after showing an error message, if the database cannot be read."""
    try:
        return _MAKERS[kind](app)
    except StorageError as error:
        app.say(storage_message(error))
        return None


def _calendar(app: AppServices) -> bytes:
    clients = queries.clients(app.store, ClientStatus.ACTIVE)
    return export_calendar(
        queries.all_jobs(app.store), clients, _names(), app.settings, app.calendar, app.now
    )


def _names() -> EventNames:
    return EventNames(
        deadline=lambda job, part: _("Deadline: {job}").format(job=words.work_title(job, part)),
        internal=lambda job, part: _("Your own deadline: {job}").format(job=words.work_title(job, part)),
        standing_call=_call_name,
    )


def _call_name(client: Client) -> str:
    return _("Call with {name}").format(name=words.client_name(client))


def _dialect(app: AppServices) -> CsvDialect:
    return CsvDialect(app.settings, app.calendar)


def _jobs(app: AppServices) -> bytes:
    return export_jobs(queries.all_jobs(app.store), queries.clients_by_id(app.store), _dialect(app))


def _payments(app: AppServices) -> bytes:
    return export_payments(queries.all_jobs(app.store), queries.clients_by_id(app.store), _dialect(app))


def _messages(app: AppServices) -> bytes:
    jobs = {job.id: job for job, _parts in queries.all_jobs(app.store)}
    messages = queries.all_messages(app.store)
    clients = queries.clients_by_id(app.store)
    return export_messages(messages, clients, jobs, _dialect(app), words.channel)


def _calls(app: AppServices) -> bytes:
    return export_calls(queries.all_calls(app.store), queries.clients_by_id(app.store), _dialect(app))


def _topics(app: AppServices) -> bytes:
    return export_topics(queries.all_topics(app.store), queries.clients_by_id(app.store), _dialect(app))


_MAKERS: dict[FileKind, Callable[[AppServices], bytes]] = {
    FileKind.CALENDAR: _calendar,
    FileKind.JOBS: _jobs,
    FileKind.PAYMENTS: _payments,
    FileKind.MESSAGES: _messages,
    FileKind.CALLS: _calls,
    FileKind.TOPICS: _topics,
}

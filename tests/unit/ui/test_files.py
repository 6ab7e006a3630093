"""Import and export: the preview before records are added, and the contents of exported files."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.entities import Client, Job, Message, Topic
from app.i18n import use_language
from app.steps import finish
from app.store import queries
from app.ui.state import AppState
from app.viewmodels import file_export as take_out
from app.viewmodels import file_import as bring_in
from app.viewmodels.file_export import FileKind
from app.viewmodels.file_import import Source
from tests.unit.ui.support import said

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)  # a Wednesday, 9:00 in Paris
DAY = timedelta(days=1)


def add_job(app: AppState, client: Client, deadline: datetime | None = None) -> None:
    app.store.save(Job(client_id=client.id, title="Brochure", started_at=NOW - 5 * DAY, deadline=deadline))


TABLE = (
    b"Job,Client,Due,Hours,Colour\n"
    b"Logo,ANA,03/12/2026,a while,blue\n"
    b"Brochure,Ana,2026-12-20,2,\n"
    b"Menu,Nova,04/12/2026,3,\n"
    b"Nobody's,,,,\n"
)


def test_a_table_is_previewed_with_its_date_doubt_added_and_undone(app: AppState, ana: Client) -> None:
    add_job(app, ana)
    seen = finish(bring_in.preview(app, Source.JOBS, TABLE, None))
    assert [(each.title, each.known) for each in seen.found] == [
        ("Logo", False),
        ("Brochure", True),
        ("Menu", False),
    ]
    assert seen.doubt == bring_in.Doubt("03/12/2026", "December 3, 2026", "March 12, 2026")
    assert seen.troubles == [
        "The column “Colour” is not known: it is left out.",
        "Row 2: “a while” is not understood as Estimated hours. The job comes without it.",
        "Row 5 names no client: it is left out.",
    ]
    settled = finish(bring_in.preview(app, Source.JOBS, TABLE, True))
    assert settled.doubt == seen.doubt
    ticked = [each for each in settled.found if each.key in settled.fresh]
    assert asyncio.run(bring_in.add(app, ticked, ""))
    assert said(app).text == "2 jobs added"
    added = {each.title: each for each, _parts in queries.all_jobs(app.store)}
    deadline = added["Logo"].deadline
    assert (added["Logo"].client_id, deadline and deadline.date().isoformat()) == (ana.id, "2026-12-03")
    assert [client.name for client in queries.clients(app.store)] == ["Ana", "Nova"]
    said(app).undo()
    assert [each.title for each, _parts in queries.all_jobs(app.store)] == ["Brochure"]
    assert [client.name for client in queries.clients(app.store)] == ["Ana"]


def test_importing_a_calendar_skips_the_deadlines_kaeru_exported(app: AppState, ana: Client) -> None:
    add_job(app, ana, NOW + 9 * DAY)
    data = take_out.content(app, FileKind.CALENDAR)
    assert data is not None
    event = b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Fair\r\nDTSTART:20261210T160000Z\r\nEND:VEVENT\r\n"
    seen = finish(
        bring_in.preview(
            app, Source.DEADLINES, data.replace(b"END:VCALENDAR", event + b"END:VCALENDAR"), None
        )
    )
    assert [each.title for each in seen.found if not each.known] == ["Fair"]
    assert len(seen.found) == 3
    assert asyncio.run(bring_in.add(app, [each for each in seen.found if not each.known], ana.id))
    fair = queries.jobs_of(app.store, ana.id)[0]
    assert (fair.title, fair.deadline) == ("Fair", datetime(2026, 12, 10, 16, tzinfo=UTC))
    again = finish(
        bring_in.preview(
            app, Source.DEADLINES, data.replace(b"END:VCALENDAR", event + b"END:VCALENDAR"), None
        )
    )
    assert all(each.known for each in again.found)


@pytest.mark.parametrize(
    ("source", "data", "line"),
    [
        (Source.JOBS, b"", "There is nothing in this file."),
        (Source.JOBS, b"a,b\n1,2", "The first row must name the columns"),
        (Source.JOBS, b"Job,Client\n\0", "The letters in this file cannot be read."),
        (Source.DEADLINES, b"hello", "This is not a calendar file."),
        (Source.DEADLINES, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "There is no event in this file."),
        (Source.DEADLINES, b"x" * 10_000_001, "This file is larger than 10 MB."),
        (Source.JOBS, b"Job," * 201, "This table has more than 200 columns."),
    ],
)
def test_an_unreadable_file_shows_one_reason(app: AppState, source: Source, data: bytes, line: str) -> None:
    seen = finish(bring_in.preview(app, source, data, None))
    assert (seen.found, len(seen.troubles)) == ([], 1)
    assert seen.troubles[0].startswith(line)


@pytest.mark.parametrize("kind", FileKind)
def test_every_export_holds_the_stored_records(app: AppState, ana: Client, kind: FileKind) -> None:
    add_job(app, ana, NOW + 9 * DAY)
    app.store.save(Message(client_id=ana.id, summary="Brochure"), Topic(client_id=ana.id, text="Brochure"))
    data = take_out.content(app, kind)
    assert data is not None
    word = "Date" if kind is FileKind.CALLS else "Brochure"
    assert word in data.decode("utf-8-sig")
    assert take_out.file_name(app, kind).startswith(f"kaeru-{kind}-2026-11-25.")


@pytest.mark.parametrize(
    ("language", "name", "channel"),
    [("fr", "kaeru-messages-2026-11-25.csv", "E-mail"), ("ja", "kaeru-連絡-2026-11-25.csv", "メール")],
)
def test_exports_use_the_apps_language(
    app: AppState, ana: Client, language: str, name: str, channel: str
) -> None:
    app.store.save(Message(client_id=ana.id, summary="Brochure", channel="email"))
    settings = app.store.settings()
    settings.language = language
    app.store.save(settings)
    data = take_out.content(app, FileKind.MESSAGES)
    assert data is not None
    assert f'"{channel}"' in data.decode("utf-8-sig")
    assert '"email"' not in data.decode("utf-8-sig")
    assert take_out.file_name(app, FileKind.MESSAGES) == name
    use_language("en")


@pytest.mark.parametrize(
    ("entry", "ticked"),
    [
        ("BEGIN:VEVENT\nSUMMARY:Dentist\nDTSTART:20261210T160000Z\nEND:VEVENT\n", False),
        ("BEGIN:VEVENT\nSUMMARY:Dinner with Ana\nDTSTART;VALUE=DATE:20261210\nEND:VEVENT\n", False),
        ("BEGIN:VEVENT\nSUMMARY:Overdue dentist\nDTSTART;VALUE=DATE:20261210\nEND:VEVENT\n", False),
        ("BEGIN:VEVENT\nSUMMARY:DEADLINE leaflet\nDTSTART;VALUE=DATE:20261210\nEND:VEVENT\n", True),
        ("BEGIN:VEVENT\nSUMMARY:Échéance : dépliant\nDTSTART;VALUE=DATE:20261210\nEND:VEVENT\n", True),
        ("BEGIN:VEVENT\nSUMMARY:記事の締め切り\nDTSTART;VALUE=DATE:20261210\nEND:VEVENT\n", True),
        ("BEGIN:VTODO\nSUMMARY:Leaflet\nDUE:20261210T160000Z\nEND:VTODO\n", True),
    ],
)
def test_only_calendar_entries_that_look_like_work_are_preselected(
    app: AppState, entry: str, ticked: bool
) -> None:
    data = f"BEGIN:VCALENDAR\n{entry}END:VCALENDAR\n".encode()
    seen = finish(bring_in.preview(app, Source.DEADLINES, data, None))
    assert len(seen.found) == 1
    assert bool(seen.fresh) is ticked


def test_recurring_and_past_events_are_left_out_with_a_reason(app: AppState) -> None:
    entries = (
        "BEGIN:VEVENT\nSUMMARY:Yoga\nDTSTART:20261210T160000Z\nRRULE:FREQ=WEEKLY\nEND:VEVENT\n"
        "BEGIN:VEVENT\nSUMMARY:Fair\nDTSTART:20250101T160000Z\nEND:VEVENT\n"
        "BEGIN:VEVENT\nSUMMARY:Lost\nEND:VEVENT\n"
    )
    data = f"BEGIN:VCALENDAR\n{entries}END:VCALENDAR\n".encode()
    seen = finish(bring_in.preview(app, Source.DEADLINES, data, None))
    assert seen.left_out == ["“Yoga” comes again and again. A deadline is one day.", "“Fair” is over."]
    assert seen.troubles == ["“Lost” has no date: it is left out."]


def test_bidi_controls_in_a_file_do_not_reach_the_preview(app: AppState) -> None:
    table = "Job,Client,Hours\nInvoice \u202egpj,A\u2066na,\u202eas gnol\n".encode()
    seen = finish(bring_in.preview(app, Source.JOBS, table, None))
    shown = "".join([*seen.troubles, *(each.title + "".join(each.facts) for each in seen.found)])
    assert not set("\u202e\u2066") & set(shown)
    assert asyncio.run(bring_in.add(app, seen.found, ""))
    assert [job.title for job, _parts in queries.all_jobs(app.store)] == [
        "Invoice \u202egpj"
    ]  # stored unchanged


def test_a_deadline_in_an_unknown_time_zone_is_reported_as_left_out(app: AppState) -> None:
    event = b"BEGIN:VEVENT\nSUMMARY:Fair\nDTSTART;TZID=Mars:20261210T160000\nEND:VEVENT\n"
    data = b"BEGIN:VCALENDAR\n" + event + b"END:VCALENDAR\n"
    seen = finish(bring_in.preview(app, Source.DEADLINES, data, None))
    assert seen.troubles == ["The time zone of \u201cFair\u201d is not known: it is left out."]

"""What the weeks ahead, waiting, trust and files tell and do, as a person meets them on their screens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.domain.codes import Direction, JobStatus, MessageKind
from app.domain.entities import Client, Job, Message, Settings, Update
from app.domain.trust_advice import Lever
from app.platform.native import NativePlatform
from app.store import queries
from app.store.database import open_database
from app.store.store import Store
from app.ui.files import bring_in_model as bring_in
from app.ui.files import take_out
from app.ui.files.bring_in_model import Source
from app.ui.files.take_out import FileKind
from app.ui.scripts import filling
from app.ui.state import AppState
from app.ui.today import model as today
from app.ui.trust import model as trust
from app.ui.trust import profile
from app.ui.update import suggestion
from app.ui.waiting import model as waiting
from app.ui.workload import model as workload

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)  # a Wednesday, 9:00 in Paris
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Screen:
    """Stands in for Flet's page: remembers what was said."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.route = "/"
        self.width = 390

    def show_dialog(self, snack_bar: Any) -> None:
        self.said.append(snack_bar)

    def navigate(self, route: str) -> None:
        self.route = route


@pytest.fixture
def app() -> Iterator[AppState]:
    store = Store(open_database(":memory:"), lambda: NOW)
    store.save(Settings(name="Mika", time_zone="Europe/Paris", currency="EUR", introduced=True))
    page: Any = Screen()
    yield AppState(page, store, NativePlatform(), lambda: NOW)
    store.close()


@pytest.fixture
def ana(app: AppState) -> Client:
    client = Client(name="Ana")
    app.store.save(client)
    return client


def job(app: AppState, client: Client, **fields: Any) -> Job:
    defaults = {"title": "Brochure", "started_at": NOW - 5 * DAY, "created_at": NOW - 5 * DAY}
    made = Job(client_id=client.id, **(defaults | fields))
    app.store.save(made)
    return made


def said(app: AppState) -> SimpleNamespace:
    bar = app.page.said[-1]  # type: ignore[attr-defined]
    return SimpleNamespace(text=bar.content.value, undo=lambda: bar.action.on_click(None))


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


# --- the weeks ahead ---------------------------------------------------------------------------------------


def test_what_no_longer_fits_is_named_with_a_date_that_the_text_to_the_client_then_holds(
    app: AppState, ana: Client
) -> None:
    big = job(app, ana, title="Web shop", deadline=NOW + 2 * DAY, estimate_minutes=40 * 60)
    [overload] = today.load(app).late
    line = workload.overload_line(app, overload)
    promised = app.format.day(overload.honest, app.now)
    assert (overload.task.job.id if overload.task.job else "", promised in line) == (big.id, True)
    path = f"/workload/week/job/{big.id}/script/{workload.RAISE_EARLY}"
    page = filling.load(app, workload.RAISE_EARLY, path, None, None)
    assert page is not None
    assert page.instants["new_date"] == overload.honest


def test_work_that_fits_is_laid_into_the_days_and_asks_for_no_new_date(app: AppState, ana: Client) -> None:
    small = job(app, ana, deadline=NOW + 5 * DAY, estimate_minutes=10 * 60)
    unknown = job(app, ana, title="Logo", deadline=NOW + 9 * DAY)
    ahead = workload.load(app, workload.WEEK)
    assert (ahead.late, ahead.minutes, [each.id for each in ahead.unknown]) == ([], 600, [unknown.id])
    assert [workload.day_title(app, day.day) for day in ahead.days[:2]] == ["Today", "Tomorrow"]
    assert plain(workload.day_load(app, ahead.days[0])) == "9 hr of 9 hr"
    page = filling.load(app, workload.RAISE_EARLY, f"/job/{small.id}/script/x", None, None)
    assert page is not None
    assert "new_date" not in page.instants


def test_an_offered_job_is_answered_before_it_is_taken(app: AppState, ana: Client) -> None:
    offered = job(app, ana, status=JobStatus.OFFERED)
    assert workload.can_take(app, offered) is None
    assert workload.missing_to_tell(offered) == ["an estimate", "a deadline"]
    offered.deadline, offered.estimate_minutes = NOW + 9 * DAY, 6 * 60
    found = workload.can_take(app, offered)
    assert found is not None
    assert found.fits
    job(app, ana, title="Menu", deadline=NOW + 2 * DAY, estimate_minutes=9 * 60)
    offered.deadline = NOW + DAY
    found = workload.can_take(app, offered)
    assert found is not None
    assert not found.fits
    assert "Menu" in found.lines[1]
    offered.status = JobStatus.IN_PROGRESS
    assert workload.can_take(app, offered) is None


# --- waiting for them --------------------------------------------------------------------------------------


def sections(app: AppState) -> dict[str, list[str]]:
    return {each.title: [waiting.subject(row) for row in each.rows] for each in waiting.load(app).sections}


def test_what_to_do_comes_before_what_only_waits(app: AppState, ana: Client) -> None:
    def offer(text: str, days: int, asked: int) -> None:
        sent = [(NOW - (days - 7 * (n + 1)) * DAY).isoformat() for n in range(asked)]
        app.store.save(
            Message(
                client_id=ana.id,
                direction=Direction.OUT,
                at=NOW - days * DAY,
                summary=text,
                kind=MessageKind.OFFER,
                followed_up_at=sent,
            )
        )

    offer("Silent", 30, 2)
    offer("Due", 9, 0)
    offer("Fresh", 1, 0)
    job(app, ana, title="SEO", status=JobStatus.APPLIED, started_at=NOW - 20 * DAY)
    assert sections(app) == {
        "Ask again": ["SEO", "Due"],
        "Time to stop": ["Silent"],
        "Still in good time": ["Fresh"],
    }
    application, due = waiting.load(app).sections[0].rows
    waiting.followed_up(app, application)
    waiting.let_go(app, waiting.load(app).sections[1].rows[0])
    assert sections(app) == {"Ask again": ["Due"], "Still in good time": ["SEO", "Fresh"]}
    said(app).undo()
    assert sections(app)["Time to stop"] == ["Silent"]
    waiting.answered(app, due)
    assert "Ask again" not in sections(app)


def test_a_follow_up_on_an_application_names_the_day_it_was_sent(app: AppState, ana: Client) -> None:
    applied = job(app, ana, title="SEO", status=JobStatus.APPLIED, started_at=NOW - 20 * DAY)
    app.store.save(
        Message(client_id=ana.id, direction=Direction.OUT, at=NOW - 2 * DAY, summary="Something else")
    )
    [asked] = waiting.load(app).sections[0].rows
    script = waiting.script_for(app, asked, ana)
    page = filling.load(app, script, f"/waiting/all/job/{applied.id}/script/{script}", None, None)
    assert page is not None
    assert (page.instants["sent_on"], page.known["matter"]) == (applied.started_at, "SEO")


def test_an_answered_application_is_an_offer(app: AppState, ana: Client) -> None:
    applied = job(app, ana, status=JobStatus.APPLIED, started_at=NOW - 20 * DAY)
    waiting.answered(app, waiting.load(app).sections[0].rows[0])
    stored = app.store.get(Job, applied.id)
    assert stored is not None
    assert stored.status == JobStatus.OFFERED


# --- before they ask ---------------------------------------------------------------------------------------


def test_who_usually_checks_in_gets_an_update_suggested_until_it_is_sent(app: AppState, ana: Client) -> None:
    home = job(app, ana, started_at=NOW - 40 * DAY, created_at=NOW - 40 * DAY)
    for days in (24, 17, 10):
        app.store.save(Update(client_id=ana.id, job_id=home.id, at=NOW - days * DAY, text="Half done"))
        asked = NOW - (days - 4) * DAY
        app.store.save(
            Message(client_id=ana.id, at=asked, kind=MessageKind.CHECK_IN, replied_at=asked + HOUR)
        )
    assert [each.job.id for each in today.load(app).updates] == [home.id]
    assert suggestion.due(app, "somebody else") == []
    app.store.save(Update(client_id=ana.id, job_id=home.id, at=NOW, text="Three quarters"))
    assert today.load(app).updates == []


# --- trust -------------------------------------------------------------------------------------------------


@pytest.fixture
def history(app: AppState, ana: Client) -> None:
    for days in range(2, 12):
        at = NOW - days * DAY
        late = days % 2 == 0
        app.store.save(Message(client_id=ana.id, at=at, replied_at=at + (30 * HOUR if late else HOUR)))
    done = NOW - 40 * DAY
    job(
        app,
        ana,
        status=JobStatus.PAID,
        started_at=done - 9 * DAY,
        deadline=done + DAY,
        delivered_at=done,
        fee=50_000,
        spent_minutes=600,
        rating=5,
        rating_comment="Quick and clear.",
    )


@pytest.mark.usefixtures("history")
def test_each_number_stands_in_a_sentence_and_the_worst_one_is_what_to_raise(app: AppState) -> None:
    page = trust.load(app, 90)
    told = {each.title: (plain(each.value), each.sentence) for each in page.metrics}
    assert told["Answered in time"] == ("50%", "5 of 10 answers came before their time was up.")
    assert told["Rating"][0] == "5.0 ★"
    assert told["Earned an hour"][0] == "€50.00"
    assert "Unscheduled calls a week" not in told
    assert page.advice is not None
    assert page.advice.lever is Lever.ANSWER_SOONER
    assert page.spiral[0].title == "You answer quickly"
    in_time = next(each for each in page.metrics if each.title == "Answered in time")
    assert len(in_time.points) == 9
    assert all(point.share is None or 0 <= point.share <= 1 for point in in_time.points)


@pytest.mark.usefixtures("history")
def test_a_profile_shows_nothing_about_money_and_no_name_but_the_users_own(app: AppState) -> None:
    report = trust.load(app, 90).report
    text = plain(profile.as_text(app, report, with_comments=True))
    assert text.startswith("Mika, the last 90 days\n\nFirst answer: ")
    assert "“Quick and clear.”" in text
    assert "€" not in text
    assert "Ana" not in text
    assert "Quick" not in profile.as_text(app, report, with_comments=False)


def test_no_history_no_numbers(app: AppState) -> None:
    page = trust.load(app, 30)
    assert not page
    assert [step.value for step in page.spiral] == ["not known yet"] * 4


# --- files -------------------------------------------------------------------------------------------------

TABLE = (
    b"Job,Client,Due,Hours,Colour\n"
    b"Logo,ANA,03/12/2026,a while,blue\n"
    b"Brochure,Ana,2026-12-20,2,\n"
    b"Menu,Nova,04/12/2026,3,\n"
    b"Nobody's,,,,\n"
)


def test_a_table_is_previewed_doubted_added_and_taken_back(app: AppState, ana: Client) -> None:
    job(app, ana)
    seen = bring_in.preview(app, Source.JOBS, TABLE, None)
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
    settled = bring_in.preview(app, Source.JOBS, TABLE, True)
    assert settled.doubt == seen.doubt
    ticked = [each for each in settled.found if each.key in settled.fresh]
    assert bring_in.add(app, ticked, "")
    assert said(app).text == "2 jobs added"
    added = {each.title: each for each, _parts in queries.all_jobs(app.store)}
    deadline = added["Logo"].deadline
    assert (added["Logo"].client_id, deadline and deadline.date().isoformat()) == (ana.id, "2026-12-03")
    assert [client.name for client in queries.clients(app.store)] == ["Ana", "Nova"]
    said(app).undo()
    assert [each.title for each, _parts in queries.all_jobs(app.store)] == ["Brochure"]
    assert [client.name for client in queries.clients(app.store)] == ["Ana"]


def test_deadlines_come_from_a_calendar_but_not_those_kaeru_put_there(app: AppState, ana: Client) -> None:
    job(app, ana, deadline=NOW + 9 * DAY)
    data = take_out.content(app, FileKind.CALENDAR)
    assert data is not None
    event = b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Fair\r\nDTSTART:20261210T160000Z\r\nEND:VEVENT\r\n"
    seen = bring_in.preview(
        app, Source.DEADLINES, data.replace(b"END:VCALENDAR", event + b"END:VCALENDAR"), None
    )
    assert [each.title for each in seen.found if not each.known] == ["Fair"]
    assert len(seen.found) == 3
    assert bring_in.add(app, [each for each in seen.found if not each.known], ana.id)
    fair = queries.jobs_of(app.store, ana.id)[0]
    assert (fair.title, fair.deadline) == ("Fair", datetime(2026, 12, 10, 16, tzinfo=UTC))
    again = bring_in.preview(
        app, Source.DEADLINES, data.replace(b"END:VCALENDAR", event + b"END:VCALENDAR"), None
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
    ],
)
def test_a_file_that_is_none_says_so(app: AppState, source: Source, data: bytes, line: str) -> None:
    seen = bring_in.preview(app, source, data, None)
    assert (seen.found, len(seen.troubles)) == ([], 1)
    assert seen.troubles[0].startswith(line)


@pytest.mark.parametrize("kind", FileKind)
def test_every_file_holds_what_there_is(app: AppState, ana: Client, kind: FileKind) -> None:
    job(app, ana, deadline=NOW + 9 * DAY)
    app.store.save(Message(client_id=ana.id, summary="Brochure"))
    data = take_out.content(app, kind)
    assert data is not None
    word = "Date" if kind is FileKind.CALLS else "Brochure"
    assert word in data.decode("utf-8-sig")
    assert take_out.file_name(app, kind).startswith(f"kaeru-{kind}-2026-11-25.")

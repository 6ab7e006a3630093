"""Texts for a job that is late, delivered, or finished; moving deadlines; search."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain import jobs as rules
from app.domain.codes import Direction, JobStatus
from app.domain.deadlines import DeadlineView
from app.domain.entities import Call, Client, Conversation, Job, Message, Part, Settings
from app.domain.hours import work_calendar
from app.domain.scripts import moments_for_job
from app.store import queries
from app.ui.components import delivering
from app.ui.components.dialogs import ask_if_ahead
from app.ui.scripts.blanks import ready_proposals
from app.ui.state import AppState
from app.viewmodels import job as model
from app.viewmodels import message as messages
from app.viewmodels import search, sent
from app.viewmodels.fitting_texts import fitting
from app.viewmodels.scripts import filling
from app.viewmodels.scripts.claims import Claim
from app.wording import agenda as agenda_words
from tests.unit.domain.support import at
from tests.unit.ui.support import said

NOW = at("2026-11-25 10:00")  # a Wednesday
DUE = at("2026-11-27 18:00")
DAY = timedelta(days=1)


@pytest.fixture
def leaflet(app: AppState, ana: Client) -> Job:
    job = Job(id="leaflet", client_id=ana.id, title="Leaflet", started_at=NOW - 3 * DAY, deadline=DUE)
    app.store.save(job)
    return job


def texts(app: AppState, job: Job) -> tuple[list[str], list[str]]:
    """The texts set apart on the job page, and the others."""
    page = model.load(app, job.id)
    assert page is not None
    return [each.id for each in page.occasion], [each.id for each in page.scripts]


# --- delays ------------------------------------------------------------------------------------------------


def test_a_job_under_way_offers_texts_for_a_delay_and_a_problem(app: AppState, leaflet: Job) -> None:
    apart, others = texts(app, leaflet)
    assert apart == ["raise-delay-early", "raise-problem-early"]
    assert not set(apart) & set(others)


LATE = "raise-delay-late"


def test_after_the_deadline_the_late_delay_text_is_offered(app: AppState, leaflet: Job) -> None:
    leaflet.deadline = NOW - timedelta(hours=1)
    app.store.save(leaflet)
    apart, others = texts(app, leaflet)
    assert apart == [LATE, "raise-problem-early"]
    assert "raise-delay-early" not in others
    early, late = (
        filling.load(app, id_, f"/jobs/job/leaflet/script/{id_}", None, None)
        for id_ in ("raise-delay-early", LATE)
    )
    assert early is not None
    assert late is not None
    assert (early.unfounded, late.unfounded) == ([Claim.AHEAD], [])


def test_the_text_for_a_late_job_comes_first_for_the_client(app: AppState, ana: Client, leaflet: Job) -> None:
    leaflet.deadline = NOW - DAY
    app.store.save(leaflet)
    assert fitting(app, ana)[0].script.id == LATE


def test_the_invoice_text_is_among_the_first_four_on_the_job_page(app: AppState, leaflet: Job) -> None:
    app.store.save(
        Part(job_id="leaflet", amount=1, delivered_at=NOW - DAY), Part(job_id="leaflet", position=1, amount=1)
    )
    assert "invoice-sent" in texts(app, leaflet)[1][:4]


def test_a_message_about_a_late_job_offers_the_late_delay_text(app: AppState, leaflet: Job) -> None:
    app.store.save(
        Message(id="m", client_id=leaflet.client_id, job_id="leaflet", kind="problem", at=NOW - 3 * DAY)
    )
    for deadline, offered in ((DUE, "raise-delay-early"), (NOW, LATE)):
        leaflet.deadline = deadline
        app.store.save(leaflet)
        page = messages.load(app, "m")
        assert page is not None
        delays = {script.id for script in page.scripts} & {"raise-delay-early", LATE}
        assert delays == {offered}


@pytest.mark.parametrize(
    ("language", "named"), [("en", "Leaflet (Map)"), ("fr", "Leaflet (Map)"), ("ja", "Leaflet（Map）")]
)
def test_only_the_late_part_is_named_and_moved(
    app: AppState, ana: Client, leaflet: Job, language: str, named: str
) -> None:
    ana.language = language
    app.store.save(
        ana,
        Part(id="1", job_id="leaflet", title="Cover", due_at=NOW - 2 * DAY, delivered_at=NOW - 3 * DAY),
        Part(id="2", job_id="leaflet", position=1, title="Map", due_at=NOW - DAY),
        Part(id="3", job_id="leaflet", position=2, title="Prices", due_at=NOW + 9 * DAY),
    )
    page = filling.load(app, LATE, f"/jobs/job/leaflet/script/{LATE}", None, None)
    assert page is not None
    assert page.known["work"] == named
    assert page.instants["deadline"] == NOW - DAY
    now = filling.filling(page, {"reason": "…"}, {"new_date": NOW + 2 * DAY})
    assert named in now.body
    (note,) = [each for each in sent.notes(app, page, now) if "deadline" in each.label]
    note.act()
    dues = {part.id: part.due_at for part in queries.parts_of(app.store, ["leaflet"])["leaflet"]}
    assert dues == {"1": NOW - 2 * DAY, "2": NOW + 2 * DAY, "3": NOW + 9 * DAY}


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("script", ["payment-reminder", "payment-last-notice", "invoice-sent"])
def test_the_amount_of_a_part_is_asked_for_that_part(
    app: AppState, ana: Client, leaflet: Job, script: str, language: str
) -> None:
    ana.language = language
    invoiced = None if script == "invoice-sent" else NOW - 60 * DAY
    app.store.save(
        ana,
        Part(id="1", job_id="leaflet", title="Cover", amount=75, delivered_at=NOW, paid_at=NOW),
        Part(
            id="2",
            job_id="leaflet",
            position=1,
            title="Map",
            amount=75,
            delivered_at=NOW - 61 * DAY,
            invoiced_at=invoiced,
        ),
        Part(id="3", job_id="leaflet", position=2, title="Prices", amount=75),
    )
    page = filling.load(app, script, f"/jobs/job/leaflet/script/{script}", None, None)
    assert page is not None
    body = filling.filling(page, {}, {}).body
    assert ("Leaflet（Map）" if language == "ja" else "Leaflet (Map)") in body


def test_a_delay_names_the_part_that_no_longer_fits_not_the_one_due_first(
    app: AppState, leaflet: Job
) -> None:
    leaflet.estimate_minutes = 60 * 60
    app.store.save(
        leaflet,
        Part(id="1", job_id="leaflet", title="Cover", amount=1, due_at=NOW + DAY),
        Part(id="2", job_id="leaflet", position=1, title="Map", amount=99, due_at=NOW + 2 * DAY),
    )
    page = filling.load(app, "raise-delay-early", "/jobs/job/leaflet/script/x", None, None)
    assert page is not None
    assert (page.known["work"], page.instants["deadline"]) == ("Leaflet (Map)", NOW + 2 * DAY)
    now = filling.filling(page, {"reason": "…"}, {"new_date": NOW + 20 * DAY})
    (note,) = [each for each in sent.notes(app, page, now) if "deadline" in each.label]
    note.act()
    dues = [part.due_at for part in queries.parts_of(app.store, ["leaflet"])["leaflet"]]
    assert dues[0] == NOW + DAY
    assert dues[1] == NOW + 20 * DAY


@pytest.mark.parametrize(
    ("parts", "named", "due"),
    [
        ([], "", DUE),
        ([Part(id="1"), Part(id="2")], "", DUE),
        ([Part(id="1", delivered_at=NOW), Part(id="2")], "2", DUE),
        ([Part(id="1", due_at=NOW), Part(id="2", due_at=NOW)], "", NOW),
        ([Part(id="1", due_at=NOW - DAY), Part(id="2", due_at=NOW)], "1", NOW - DAY),
        ([Part(id="1", due_at=NOW + DAY), Part(id="2", due_at=NOW)], "2", NOW),
        ([Part(id="1", delivered_at=NOW)], "", DUE),
    ],
)
def test_a_delay_is_about_the_parts_that_share_the_earliest_date(
    parts: list[Part], named: str, due: datetime
) -> None:
    delay = rules.delay_of(Job(id="j", deadline=DUE), parts, (), NOW)
    assert ("".join(part.id for part in delay.parts), delay.due) == (named, due)


def test_noting_a_delay_moves_the_deadline_to_the_same_time_of_day(app: AppState, leaflet: Job) -> None:
    path = "/jobs/job/leaflet/script/raise-delay-early"
    page = filling.load(app, "raise-delay-early", path, None, None)
    assert page is not None
    now = filling.filling(page, {"reason": "The photos"}, {"new_date": at("2026-12-02 12:00")})
    (note,) = [each for each in sent.notes(app, page, now) if "deadline" in each.label]
    assert note.label.startswith("Move the deadline to")
    note.act()
    moved = app.store.get(Job, "leaflet")
    assert moved is not None
    assert moved.deadline == at("2026-12-02 18:00")
    said(app).undo()
    assert app.store.get(Job, "leaflet").deadline == DUE  # type: ignore[union-attr]
    sooner = filling.filling(page, {}, {"new_date": at("2026-11-26 12:00")})
    assert not [each for each in sent.notes(app, page, sooner) if "deadline" in each.label]


@pytest.mark.parametrize(
    ("deadline", "job_moves"),
    [("2026-11-30 18:00", True), ("2026-12-18 18:00", False), (None, False)],
)
def test_moving_a_deadline_moves_the_next_part_and_the_job_if_earlier(
    deadline: str | None, job_moves: bool
) -> None:
    first, second = Part(id="1", due_at=DUE), Part(id="2", due_at=DUE + DAY)
    sent_out = Part(id="0", due_at=DUE - DAY, delivered_at=NOW)
    job = Job(deadline=at(deadline) if deadline else None)
    to = at("2026-12-04 18:00")
    changed = rules.move_deadline(job, [sent_out, second, first], to)
    assert changed == ([first, job] if job_moves else [first])
    assert (first.due_at, second.due_at) == (to, DUE + DAY)
    assert (job.deadline == to) is job_moves
    assert rules.next_due(job, [sent_out, second]) == DUE + DAY


def test_proposed_deadlines_are_working_days_at_the_same_time_across_a_dst_change() -> None:
    calendar = work_calendar(Settings(time_zone="Europe/Paris", holiday_country="FR"))
    due = at("2026-03-27 18:00")  # a Friday; clocks go forward on Sunday, Easter Monday is the 6th of April
    expected = [at("2026-03-30 18:00"), at("2026-03-31 18:00"), at("2026-04-03 18:00")]
    assert rules.later_deadlines(due, NOW - 300 * DAY, calendar) == expected
    late = at("2026-04-02 09:00")
    assert rules.later_deadlines(due, late, calendar)[0] == at("2026-04-03 18:00")
    assert rules.later_deadlines(due, late + DAY, calendar)[0] == at("2026-04-07 18:00")


def test_a_problem_text_has_proposals_in_the_clients_language(app: AppState, ana: Client) -> None:
    ana.language = "fr"
    app.store.save(ana)
    job = Job(id="j", client_id=ana.id, title="Site", started_at=NOW)
    app.store.save(job)
    page = filling.load(app, "raise-problem-early", "/jobs/job/j/script/raise-problem-early", None, None)
    assert page is not None
    ready = ready_proposals(page)
    assert len(ready) == 3
    assert all(" le " in f" {text.lower()} " or " la " in text for text in ready)


# --- delivered or finished ---------------------------------------------------------------------------------


def test_delivering_offers_the_delivery_note(app: AppState, leaflet: Job) -> None:
    app.page.route = "/jobs/job/leaflet"
    delivering.deliver(app, leaflet)
    assert said(app).then == ["Send the delivery note"]
    said(app).go_on()
    assert app.page.route == "/jobs/job/leaflet/script/delivery-note"
    assert texts(app, leaflet)[1][0] == "delivery-note"


def test_the_delivery_text_is_offered_for_one_day() -> None:
    job = Job(status="delivered", delivered_at=NOW)
    assert moments_for_job(job, [], NOW + DAY - timedelta(seconds=1))[0] == "delivery"
    assert "delivery" not in moments_for_job(job, [], NOW + DAY)


@pytest.mark.parametrize("status", ["accepted", "paid", "closed"])
def test_a_finished_job_offers_rating_testimonial_and_next_job_texts(
    app: AppState, leaflet: Job, status: str
) -> None:
    model.set_status(app, leaflet, JobStatus(status))
    assert said(app).then
    apart, _others = texts(app, leaflet)
    assert apart == ["ask-for-rating", "ask-for-testimonial", "thanks-next-job"]


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_the_testimonial_request_is_complete_in_each_language(
    app: AppState, ana: Client, language: str
) -> None:
    ana.language = language
    app.store.save(ana, Job(id="j", client_id=ana.id, title="Leaflet", status="paid"))
    path = "/jobs/job/j/script/ask-for-testimonial"
    page = filling.load(app, "ask-for-testimonial", path, None, None)
    assert page is not None
    assert filling.filling(page, {}, {}).complete


# --- lists -------------------------------------------------------------------------------------------------


def test_the_users_own_deadline_is_labelled_and_the_clients_is_not(app: AppState) -> None:
    view = DeadlineView(NOW - DAY, NOW, NOW + DAY, NOW + 2 * DAY)
    own = agenda_words.deadline_by(view, NOW, app.format)
    assert own.startswith("Your own deadline: by ")
    theirs = agenda_words.deadline_by(view, NOW + 1.5 * DAY, app.format)
    assert theirs.startswith("by ")
    one = DeadlineView(NOW - DAY, NOW, NOW + DAY, NOW + DAY)
    assert agenda_words.deadline_by(one, NOW, app.format).startswith("by ")


# --- search ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["メニュー", "ﾒﾆｭｰ", "めにゅー", "CAFE", "café", "menu cafe"])
def test_search_finds_a_message_in_any_kana_width_case_or_accent(
    app: AppState, ana: Client, query: str
) -> None:
    app.store.save(Message(id="m", client_id=ana.id, summary="Hello", body="Le menu du Café, メニュー"))
    (row,) = search.find(app, query, 40)
    assert (row.kind_of_screen, row.key, row.client, row.title) == ("message", "m", "Ana", "Hello")
    assert "Café" in row.hit.snippet


def test_a_search_result_opens_the_screen_that_shows_it(app: AppState, ana: Client) -> None:
    app.store.save(
        Job(id="j", client_id=ana.id, title="Salad"),
        Part(id="p", job_id="j", title="Salad, first half"),
        Call(id="k", client_id=ana.id, note="about the salad"),
        Conversation(id="v", client_id=ana.id, note="salad days", at=NOW),
        Message(id="m", client_id=ana.id, direction=Direction.OUT, body="salad?"),
    )
    found = {(row.kind_of_screen, row.key) for row in search.find(app, "salad", 40)}
    assert found == {("job", "j"), ("call", "k"), ("ladder", ana.id), ("message", "m")}
    untitled = [row for row in search.find(app, "salad", 40) if row.key == "m"]
    assert untitled[0].title == "Message"
    assert search.find(app, "salad", 2)[2:] == []
    assert search.find(app, "  ", 40) == []


# --- dates in the future -----------------------------------------------------------------------------------


def test_a_future_time_for_a_past_event_asks_for_confirmation(app: AppState) -> None:
    taken: list[datetime] = []

    def keep(when: datetime) -> None:
        ask_if_ahead(app, when, lambda: taken.append(when))

    for when in (NOW - DAY, NOW, NOW + timedelta(minutes=5)):
        keep(when)
    assert len(taken) == 3
    keep(datetime(2027, 11, 25, 9, tzinfo=UTC))
    assert len(taken) == 3
    dialog = app.page.said[-1]  # type: ignore[attr-defined]
    assert [button.content for button in dialog.actions] == ["Change it", "Keep this date"]


# --- quote and invoice -------------------------------------------------------------------------------------


def test_an_invoice_covers_delivered_parts_and_notes_its_day(app: AppState, leaflet: Job) -> None:
    app.store.save(
        Part(id="1", job_id="leaflet", title="Cover", amount=10_000, delivered_at=NOW - 9 * DAY, paid_at=NOW),
        Part(id="2", job_id="leaflet", position=1, title="Map", amount=20_000, delivered_at=NOW - 2 * DAY),
        Part(id="3", job_id="leaflet", position=2, title="Prices", amount=40_000),
    )
    assert "invoice-sent" in texts(app, leaflet)[1]
    page = filling.load(app, "invoice-sent", "/jobs/job/leaflet/script/invoice-sent", None, None)
    assert page is not None
    assert page.known["amount"] == "€200.00"
    (note,) = [
        each
        for each in sent.notes(app, page, filling.filling(page, {}, {}))
        if each.label.startswith("Invoiced")
    ]
    note.act()
    invoiced = {part.id: part.invoiced_at for part in queries.parts_of(app.store, ["leaflet"])["leaflet"]}
    assert invoiced == {"1": None, "2": NOW, "3": None}
    assert "invoice-sent" not in texts(app, leaflet)[1]
    said(app).undo()
    assert "invoice-sent" in texts(app, leaflet)[1]


def test_a_quote_names_the_price_of_the_whole_job(app: AppState, leaflet: Job) -> None:
    leaflet.status, leaflet.fee, leaflet.currency = JobStatus.OFFERED, 90_000, "EUR"
    app.store.save(leaflet)
    assert {"quote-sent", "deposit-request"} <= set(texts(app, leaflet)[1])
    quote, deposit = (
        filling.load(app, id_, f"/jobs/job/leaflet/script/{id_}", None, None)
        for id_ in ("quote-sent", "deposit-request")
    )
    assert quote is not None
    assert deposit is not None
    assert quote.known["amount"] == "€900.00"
    assert "deposit" not in deposit.known

"""The workload, waiting, and update-suggestion screens: what they show and what their actions do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import flet as ft
import pytest

from app.domain.codes import CallOutcome, Direction, JobStatus, MessageKind
from app.domain.entities import Call, Client, Job, Message, Part, StatusUpdate
from app.store import queries
from app.ui.job.sections import about_parts, money_section
from app.ui.state import AppState
from app.viewmodels import exposure, today, waiting, workload
from app.viewmodels import job as job_page
from app.viewmodels import trust as trust_page
from app.viewmodels import update_suggestion as suggestion
from app.viewmodels.scripts import filling
from tests.unit.ui.support import said

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)  # a Wednesday, 9:00 in Paris
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def job(app: AppState, client: Client, **fields: Any) -> Job:
    defaults = {"title": "Brochure", "started_at": NOW - 5 * DAY, "created_at": NOW - 5 * DAY}
    made = Job(client_id=client.id, **(defaults | fields))
    app.store.save(made)
    return made


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


# --- workload ----------------------------------------------------------------------------------------------


def test_an_overloaded_job_names_a_new_date_that_its_text_repeats(app: AppState, ana: Client) -> None:
    big = job(app, ana, title="Web shop", deadline=NOW + 2 * DAY, estimate_minutes=40 * 60)
    [overload] = today.load(app).late
    line = workload.overload_line(app, overload)
    promised = app.format.day_within(overload.honest, app.now)
    assert (overload.task.job.id if overload.task.job else "", promised in line) == (big.id, True)
    early = workload.raise_script(app, overload)
    page = filling.load(app, early, f"/workload/week/job/{big.id}/script/{early}", None, None)
    assert page is not None
    assert page.instants["new_date"] == overload.honest


def test_work_that_fits_is_spread_over_the_days_and_needs_no_new_date(app: AppState, ana: Client) -> None:
    small = job(app, ana, deadline=NOW + 5 * DAY, estimate_minutes=10 * 60)
    unknown = job(app, ana, title="Logo", deadline=NOW + 9 * DAY)
    ahead = workload.load(app, workload.WEEK)
    assert (ahead.late, ahead.minutes, [each.id for each in ahead.unknown]) == ([], 600, [unknown.id])
    assert [workload.day_title(app, day.day) for day in ahead.days[:2]] == ["Today", "Tomorrow"]
    assert plain(workload.day_load(app, ahead.days[0])) == "9 hr of 9 hr"
    page = filling.load(app, "raise-delay-early", f"/job/{small.id}/script/x", None, None)
    assert page is not None
    assert "new_date" not in page.instants


def test_an_offered_job_shows_whether_it_fits_until_it_is_taken(app: AppState, ana: Client) -> None:
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


# --- what is unknown in the workload -----------------------------------------------------------------------


def test_the_summary_names_jobs_without_estimates_before_saying_what_fits(app: AppState, ana: Client) -> None:
    """Regression: "All fits" was shown with a green tick while a job due tomorrow had no estimate."""
    known = job(app, ana, title="Flyer", deadline=NOW + 9 * DAY, estimate_minutes=60)
    assert workload.summary(workload.load(app, 7)) == ["Everything fits"]
    unknown = job(app, ana, title="Brochure", deadline=NOW + DAY)
    ahead = workload.load(app, 7)
    assert workload.summary(ahead) == ["It is not known how much work 1 job still takes", "1 thing fits"]
    assert workload.unknown_line(app, unknown, ana).startswith("Ana · due tomorrow")
    known.estimate_minutes = 9_000
    app.store.save(known)
    assert workload.summary(workload.load(app, 7)) == [
        "It is not known how much work 1 job still takes",
        "1 thing no longer fits",
    ]


def test_the_summary_claims_no_fit_without_estimates_and_counts_undated_jobs(
    app: AppState, ana: Client
) -> None:
    job(app, ana, title="Brochure", deadline=NOW + DAY)
    job(app, ana, title="Logo")
    ahead = workload.load(app, 7)
    assert workload.summary(ahead) == ["It is not known how much work 2 jobs still take"]
    job(app, ana, title="Poster", estimate_minutes=60)
    job(app, ana, title="Flyer", estimate_minutes=60, deadline=NOW + 9 * DAY)
    ahead = workload.load(app, 7)
    assert workload.summary(ahead) == [
        "It is not known how much work 2 jobs still take",
        "1 job is due on no day, so it is not planned",
        "1 thing fits",
    ]
    assert [each.title for each in ahead.undated] == ["Poster"]


def test_can_take_is_certain_only_if_all_other_jobs_have_estimates(app: AppState, ana: Client) -> None:
    offered = job(app, ana, status="offered", deadline=NOW + 9 * DAY, estimate_minutes=60)
    found = workload.can_take(app, offered)
    assert found is not None
    assert (found.fits, found.certain) == (True, True)
    job(app, ana, title="Brochure", deadline=NOW + DAY)
    found = workload.can_take(app, offered)
    assert found is not None
    assert (found.fits, found.certain, found.headline) == (True, False, "It fits, as far as is known")
    assert found.lines[0] == "1 job under way is not counted: how much work it still takes is not known."


def sections(app: AppState) -> dict[str, list[str]]:
    return {each.title: [waiting.subject(row) for row in each.rows] for each in waiting.load(app).sections}


def test_waiting_rows_that_need_an_action_come_first(app: AppState, ana: Client) -> None:
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


def test_a_follow_up_on_an_application_names_the_day_of_the_application(app: AppState, ana: Client) -> None:
    applied = job(app, ana, title="SEO", status=JobStatus.APPLIED, started_at=NOW - 20 * DAY)
    app.store.save(
        Message(client_id=ana.id, direction=Direction.OUT, at=NOW - 2 * DAY, summary="Something else")
    )
    [asked] = waiting.load(app).sections[0].rows
    script = waiting.script_for(app, asked, ana)
    page = filling.load(app, script, f"/waiting/all/job/{applied.id}/script/{script}", None, None)
    assert page is not None
    assert (page.instants["sent_on"], page.known["matter"]) == (applied.started_at, "SEO")


def test_an_answered_application_becomes_an_offered_job(app: AppState, ana: Client) -> None:
    applied = job(app, ana, status=JobStatus.APPLIED, started_at=NOW - 20 * DAY)
    waiting.answered(app, waiting.load(app).sections[0].rows[0])
    stored = app.store.get(Job, applied.id)
    assert stored is not None
    assert stored.status == JobStatus.OFFERED


# --- update suggestions ------------------------------------------------------------------------------------


def test_an_update_is_suggested_for_a_usual_check_in_until_it_is_sent(app: AppState, ana: Client) -> None:
    home = job(app, ana, started_at=NOW - 40 * DAY, created_at=NOW - 40 * DAY)
    for days in (24, 17, 10):
        app.store.save(StatusUpdate(client_id=ana.id, job_id=home.id, at=NOW - days * DAY, text="Half done"))
        asked = NOW - (days - 4) * DAY
        app.store.save(
            Message(client_id=ana.id, at=asked, kind=MessageKind.CHECK_IN, replied_at=asked + HOUR)
        )
    assert [each.job.id for each in today.load(app).updates] == [home.id]
    app.store.save(StatusUpdate(client_id=ana.id, job_id=home.id, at=NOW, text="Three quarters"))
    assert today.load(app).updates == []


def test_two_check_ins_are_counted_but_not_called_usual_in_a_suggestion(app: AppState, ana: Client) -> None:
    home = job(app, ana, started_at=NOW - 40 * DAY, created_at=NOW - 40 * DAY)
    for days in (17, 10):
        app.store.save(StatusUpdate(client_id=ana.id, job_id=home.id, at=NOW - days * DAY, text="Half done"))
        asked = NOW - (days - 4) * DAY
        app.store.save(
            Message(client_id=ana.id, at=asked, kind=MessageKind.CHECK_IN, replied_at=asked + HOUR)
        )
    (found,) = today.load(app).updates
    assert suggestion.lines(found, ana, app.format)[1].endswith(": 2 check-ins.")


# --- headlines ---------------------------------------------------------------------------------------------


def test_the_waiting_page_lists_unpaid_and_late_amounts(app: AppState, ana: Client) -> None:
    assert waiting.load(app).unpaid == {}
    job(app, ana, status=JobStatus.DELIVERED, fee=40_000, currency="EUR", delivered_at=NOW - 29 * DAY)
    found = waiting.load(app)
    assert waiting.unpaid_lines(found, app.format) == ("Delivered, unpaid: €400.00", "None is late")
    late = {"fee": 900, "currency": "JPY", "started_at": NOW - 4 * DAY, "delivered_at": NOW - 31 * DAY}
    job(app, ana, status=JobStatus.DELIVERED, **late)
    found = waiting.load(app)
    assert (found.count, found.late.count) == (0, 1)
    amount, late = waiting.unpaid_lines(found, app.format)
    assert (plain(amount), late) == ("Delivered, unpaid: €400.00 and ¥900", "Late: ¥900 (1 payment)")
    assert "answer" in waiting.nothing()[0]


def test_an_empty_today_claims_only_what_it_checked(app: AppState, ana: Client) -> None:
    """A job due in six weeks and a payment one day late are not in the list."""
    job(app, ana, deadline=NOW + 40 * DAY)
    job(app, ana, status=JobStatus.DELIVERED, fee=40_000, delivered_at=NOW - 31 * DAY)
    shown = today.load(app)
    assert (shown.sections, shown.updates, shown.late) == ([], [], [])
    title, text = today.nothing(shown.has_clients)
    assert title.endswith("today")
    assert "within two weeks" in text
    assert "nothing is due" not in text.casefold()


def test_a_delivery_without_an_amount_is_not_reported_as_nothing_owed(app: AppState, ana: Client) -> None:
    page = exposure.load(app, ana.id)
    assert page is not None
    assert exposure.nothing(page)[0] == "Nothing is owed to you"
    job(app, ana, status=JobStatus.DELIVERED, fee=None, delivered_at=NOW)
    page = exposure.load(app, ana.id)
    assert page is not None
    assert exposure.nothing(page) == (
        "It is not known what is owed to you",
        "1 delivery has no amount and is not counted.",
    )


# --- missing amounts ---------------------------------------------------------------------------------------


def test_a_part_without_an_amount_leaves_the_totals_shown(app: AppState, ana: Client) -> None:
    its = job(app, ana, fee=60_000, currency="EUR")
    app.store.save(
        Part(job_id=its.id, amount=20_000, delivered_at=NOW),
        Part(job_id=its.id, position=1, amount=10_000),
        Part(job_id=its.id, position=2, delivered_at=NOW),
        Part(job_id=its.id, position=3),
    )
    page = job_page.load(app, its.id)
    assert page is not None
    assert (page.money.unpaid, page.money.remaining) == (20_000, 10_000)
    assert page.money.total == 30_000
    assert about_parts(app, page.money) == "2 parts have no amount and are not counted."
    owed = exposure.load(app, ana.id)
    assert owed is not None
    assert (owed.total, exposure.uncounted_line(owed)) == (
        {"EUR": 20_000},
        "1 delivery has no amount and is not counted.",
    )


def shown_money(app: AppState, job_id: str) -> list[str]:
    """The texts and button labels of the money section after its title, top to bottom."""
    page = job_page.load(app, job_id)
    assert page is not None
    shown: list[str] = []

    def read(control: Any) -> None:
        if isinstance(control, ft.Text):
            shown.append(str(control.value))
        elif isinstance(control, ft.TextButton):
            shown.append(str(control.content))
        for each in [*(getattr(control, "controls", None) or []), getattr(control, "content", None)]:
            if isinstance(each, ft.Control):
                read(each)

    for control in money_section(app, page):
        read(control)
    return shown[1:]


@pytest.mark.parametrize(
    ("terms", "more"),
    [
        ({"fee": 60_000}, "€300.00 of the price of the whole job is in no part, and not counted."),
        ({"fee": 30_000}, ""),
        ({"fee": None}, ""),
        ({"fee": 25_000}, "The parts come to €50.00 more than the price of the whole job."),
        (
            {"basis": "per_hour", "unit_price": 75_000, "quantity": 8_000},
            "€300.00 of the price of the whole job is in no part, and not counted.",
        ),
    ],
)
def test_money_lines_add_up_to_the_parts_and_state_the_difference_to_the_price(
    app: AppState, ana: Client, terms: dict[str, Any], more: str
) -> None:
    its = job(app, ana, currency="EUR", **terms)
    app.store.save(
        Part(job_id=its.id, amount=10_000, delivered_at=NOW, paid_at=NOW),
        Part(job_id=its.id, position=1, amount=15_000, delivered_at=NOW),
        Part(job_id=its.id, position=2, amount=5_000),
    )
    shown = shown_money(app, its.id)
    start = shown.index("All parts together")
    assert shown[start : start + 8] == [
        *("All parts together", "€300.00", "Paid", "€100.00"),
        *("Delivered, unpaid", "€150.00", "Still to deliver", "€50.00"),
    ]
    assert shown[start + 8 : start + 9] == ([more] if more else [])


def test_amounts_given_up_stay_in_the_sum(app: AppState, ana: Client) -> None:
    its = job(app, ana, currency="EUR", status=JobStatus.CLOSED)
    app.store.save(
        Part(job_id=its.id, amount=10_000, delivered_at=NOW), Part(job_id=its.id, position=1, amount=5_000)
    )
    assert shown_money(app, its.id) == [
        *("All parts together", "€150.00", "Not delivered", "€50.00", "Given up", "€100.00"),
    ]


def test_one_tap_adds_the_rest_of_the_price_after_a_deposit_as_a_part(app: AppState, ana: Client) -> None:
    its = job(app, ana, currency="EUR", fee=90_000)
    app.store.save(Part(job_id=its.id, title="Deposit", amount=30_000, paid_at=NOW))
    assert shown_money(app, its.id)[-1] == "Add the rest as a part"
    page = job_page.load(app, its.id)
    assert page is not None
    job_page.add_rest(app, its, page.money.in_no_part)
    assert "Add the rest as a part" not in shown_money(app, its.id)
    job_page.set_status(app, its, JobStatus.DELIVERED)
    assert exposure.load(app, ana.id).total == {"EUR": 60_000}  # type: ignore[union-attr]


def test_a_job_whose_parts_have_no_amounts_is_paid_as_a_whole(app: AppState, ana: Client) -> None:
    its = job(app, ana, fee=40_000, currency="EUR")
    app.store.save(Part(job_id=its.id, delivered_at=NOW))
    page = job_page.load(app, its.id)
    assert page is not None
    assert (page.money.remaining, page.money.uncounted) == (40_000, 0)
    job_page.set_status(app, its, JobStatus.DELIVERED)
    owed = exposure.load(app, ana.id)
    assert owed is not None
    assert (owed.total, [(each.amount, each.part) for each in owed.payments], owed.uncounted) == (
        {"EUR": 40_000},
        [(40_000, None)],
        0,
    )
    exposure.paid(app, owed.payments[0])
    assert job_page.load(app, its.id).money.paid == 40_000  # type: ignore[union-attr]


# --- averages count only the recorded period ---------------------------------------------------------------


def test_an_update_suggestion_names_the_period_the_client_is_known_for(app: AppState) -> None:
    texts = {}
    for days in (13, 100):
        client = Client(name=f"Bo {days}", created_at=NOW - days * DAY)
        app.store.save(client)
        job(app, client, started_at=NOW - min(days, 13) * DAY)
        for ago in (9, 4):
            app.store.save(StatusUpdate(client_id=client.id, at=NOW - (ago + 2) * DAY))
            app.store.save(Message(client_id=client.id, at=NOW - ago * DAY, kind=MessageKind.CHECK_IN))
        found = queries.update_suggestion(app.store, client.id, NOW)
        assert found is not None
        texts[days] = suggestion.lines(found, client, app.format)[1].partition(":")[0]
    assert texts == {13: "In 2 weeks", 100: "In three months"}


def test_no_update_is_suggested_for_a_delivered_job(app: AppState) -> None:
    client = Client(name="Bo", created_at=NOW - 99 * DAY)
    app.store.save(client)
    its = job(app, client)
    app.store.save(part := Part(job_id=its.id))
    for ago in (9, 4):
        app.store.save(StatusUpdate(client_id=client.id, at=NOW - (ago + 2) * DAY))
        app.store.save(
            Message(client_id=client.id, at=NOW - ago * DAY, kind=MessageKind.CHECK_IN, needs_reply=False)
        )
    assert [each.job.id for each in today.load(app).updates] == [its.id]
    assert queries.update_suggestion(app.store, client.id, NOW) is not None
    part.delivered_at = NOW - DAY
    app.store.save(part)
    assert today.load(app).updates == []
    assert queries.update_suggestion(app.store, client.id, NOW) is None
    assert queries.workload(app.store, NOW).backlog.unknown == []


def test_calls_a_week_are_averaged_since_the_first_recorded_call(app: AppState) -> None:
    bo, new = Client(name="Bo", created_at=NOW - 99 * DAY), Client(name="New", created_at=NOW - 15 * DAY)
    app.store.save(bo, new)

    def add_calls(client: Client, *days: float) -> None:
        app.store.save(*(Call(client_id=client.id, at=NOW - ago * DAY) for ago in days))

    add_calls(bo, 42, 30, 3)
    add_calls(new, 13, 8, 1)
    report = queries.trust(app.store, 90, NOW)
    assert report.present.interruptions_a_week == pytest.approx(6 / 6)
    (metric,) = [each for each in trust_page.metrics(app, report, {}) if each.title.startswith("Unscheduled")]
    assert (metric.value, metric.before, metric.better) == ("1", "", None)
    assert metric.sentence.endswith("Counted since Wednesday, October 14.")
    assert [point.share is None for point in metric.points] == [True] * 4 + [False] * 5
    of_one = queries.trust(app.store, 90, NOW, new.id).present
    assert of_one.interruptions_a_week == pytest.approx(3 * 7 / 15)
    glance = queries.client_glance(app.store, new.id, NOW)
    around = queries.circumstances(app.store, new.id, NOW)
    assert glance is not None
    assert around is not None
    assert len(glance.calls.weeks) == 3  # starting with the week of 9 November
    assert around.calls_a_week == pytest.approx(of_one.interruptions_a_week)
    add_calls(bo, 200)
    report = queries.trust(app.store, 90, NOW)
    assert report.present.calls_since is None
    assert report.before.interruptions_a_week == 0  # calls were recorded by then, but none in this period


def test_calls_of_one_day_are_not_extrapolated_to_a_week(app: AppState, ana: Client) -> None:
    app.store.save(*(Call(client_id=ana.id, at=NOW - n * HOUR) for n in (1, 2, 3)))
    report = queries.trust(app.store, 90, NOW)
    assert report.present.interruptions_a_week == 3
    report = queries.trust(app.store, 30, NOW + 29 * DAY)
    assert (report.before.calls_known, report.before.interruptions_a_week) == (False, None)


def test_the_monthly_cost_of_availability_counts_only_the_recorded_weeks(app: AppState) -> None:
    costs = {}
    for days in (14, 90):
        client = Client(name="Bo", created_at=NOW - days * DAY, rate=6000)
        call = Call(client_id=client.id, at=NOW - 10 * DAY, minutes=50, outcome=CallOutcome.TAKEN)
        app.store.save(client, call, Call(client_id="other", at=NOW - 90 * DAY))
        found = queries.availability(app.store, client.id, NOW, paid_minutes=600)
        assert found is not None
        costs[days] = found.monthly
    assert costs[14] == pytest.approx(2 * costs[90], rel=0.01)

"""Trust figures: which events count, when, and what would raise trust most."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import CallOutcome, Direction, FeeBasis, JobStatus
from app.domain.entities import Call, Client, Job, Message, Part
from app.domain.trust import TrustNumbers, TrustReport, trust
from app.domain.trust_advice import Lever, improvements, spiral, turning_up
from tests.unit.domain.support import at, office, paris_settings

NOW = at("2026-06-10 12:00")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SETTINGS = paris_settings(currency="EUR")


def numbers(
    messages: list[Message] | None = None,
    calls: list[Call] | None = None,
    rows: list[tuple[Job, list[Part]]] | None = None,
    days: int = 30,
) -> TrustReport:
    clients = {id_: Client(id=id_) for id_ in "ab"} | {"yen": Client(id="yen", currency="JPY")}
    return trust(days, clients, messages or [], calls or [], rows or [], SETTINGS, office(), NOW)


def answered(days_ago: float, hours: float, **fields: object) -> Message:
    replied = NOW - days_ago * DAY
    return Message(**({"client_id": "a", "at": replied - hours * HOUR, "replied_at": replied} | fields))


def finished(days_ago: float, **fields: object) -> Job:
    done = NOW - days_ago * DAY
    base = {"client_id": "a", "started_at": done - 10 * DAY, "delivered_at": done, "status": JobStatus.PAID}
    return Job(**(base | fields))


def test_response_time_and_share_in_time_are_computed() -> None:
    report = numbers(
        [
            answered(1, 2),
            answered(2, 4),
            answered(3, 30),  # the 24-hour window was missed
            answered(40, 1),
            Message(client_id="a", at=NOW - 3 * DAY),  # overdue, never answered
            Message(client_id="a", at=NOW - HOUR),  # not due yet
            answered(1, 5, needs_reply=False),
            answered(1, 5, direction=Direction.OUT),
        ]
    )
    present = report.present
    assert (present.median_response, present.answers, present.in_window) == (240, 4, 2)
    assert present.window_share == 0.5
    assert (report.before.answers, report.before.window_share) == (1, 1.0)


def test_figures_without_data_are_none() -> None:
    report = numbers()
    assert report.present.median_response is report.present.average_rating is None
    assert report.present.window_share is report.present.on_time_share is None
    assert report.present.continuation_rate is None
    assert (report.present.effective_rate, report.present.interruptions_a_week) == ({}, 0)
    assert (improvements(report.present), turning_up(spiral(report, "EUR"))) == ([], False)


def test_each_delivery_is_compared_with_its_own_due_date() -> None:
    done = NOW - 5 * DAY
    rows = [
        (
            finished(5, deadline=done - DAY),  # its parts have their own due dates
            [
                Part(due_at=done, delivered_at=done),
                Part(due_at=done - HOUR, delivered_at=done),
                Part(delivered_at=done),
            ],
        ),
        (finished(6, deadline=NOW - 6 * DAY), []),
        (finished(7, deadline=NOW - 8 * DAY), [Part(delivered_at=NOW - 7 * DAY)]),
        (Job(client_id="a", deadline=NOW - DAY, started_at=NOW - 9 * DAY), [Part(due_at=NOW)]),  # in progress
    ]
    present = numbers(rows=rows).present
    assert (present.deliveries, present.on_time, present.finished) == (4, 2, 3)


def test_ratings_have_comments_and_are_newest_first() -> None:
    rows = [
        (finished(3, rating=5, rating_comment="丁寧でした"), []),
        (finished(1, rating=4), []),
        (finished(2), []),
    ]
    report = numbers(rows=rows)
    assert report.present.average_rating == 4.5
    assert (report.present.ratings, report.present.unrated) == (2, 1)
    assert [(each.stars, each.comment) for each in report.rated] == [(4, ""), (5, "丁寧でした")]


def test_a_client_has_a_month_to_continue() -> None:
    rows = [
        (finished(5, client_id="b"), []),  # too early to count
        (finished(100, id="first"), []),
        (finished(80, id="second", started_at=NOW - 90 * DAY), []),
        (finished(70, client_id="b", id="third", started_at=NOW - 200 * DAY), []),
        (Job(client_id="a", status=JobStatus.DECLINED, started_at=NOW - DAY), []),
        (Job(client_id="x", status=JobStatus.LOST, started_at=NOW - DAY, continued_from_id="second"), []),
    ]
    present = numbers(rows=rows, days=365).present
    # "first" is continued by "second", "third" by b's newest job; "second" by none, since those were not won.
    assert (present.finished, present.ended, present.continued) == (4, 3, 2)
    follow_up = (Job(client_id="x", continued_from_id="second", started_at=NOW - DAY), [])
    assert numbers(rows=[*rows, follow_up], days=365).present.continued == 3


def test_the_effective_rate_counts_calls_and_unpaid_work_by_currency() -> None:
    rows = [
        (finished(3, fee=30_000, spent_minutes=300), []),
        (
            finished(4, spent_minutes=240),
            [Part(amount=10_000, delivered_at=NOW - 4 * DAY)],
        ),  # payment expected
        (finished(5, status=JobStatus.CLOSED, fee=9_000, spent_minutes=60), []),  # written off
        (finished(6, fee=5_000, basis=FeeBasis.PER_HOUR, spent_minutes=120), []),
        (finished(6, fee=5, basis=FeeBasis.PER_CHARACTER, spent_minutes=120), []),  # amount unknown
        (finished(7, client_id="yen", currency="JPY", fee=6_000, spent_minutes=180), []),
        (finished(8, fee=99_000), []),  # no time recorded
    ]
    calls = [
        Call(client_id="a", at=NOW - 2 * DAY, minutes=80, outcome=CallOutcome.TAKEN),
        Call(client_id="a", at=NOW - 2 * DAY, minutes=9, outcome=CallOutcome.MISSED),
        Call(client_id="a", at=NOW - 2 * DAY, minutes=60, scheduled=True, outcome=CallOutcome.TAKEN),
    ]
    present = numbers(calls=calls, rows=rows).present
    # (300 + 100 + 0 + 100) euros in 300 + 240 + 60 + 120 + 80 minutes
    assert present.effective_rate == {"EUR": 50_000 * 60 // 800, "JPY": 2_000}
    assert present.interrupted_minutes == 80
    assert present.interruptions == {"a": pytest.approx(2 * 7 / 30)}


def test_the_effective_rate_is_net_of_platform_fee_and_tax() -> None:
    yen: dict[str, Any] = {"currency": "JPY", "platform_fee": 2_000, "withholding": True, "spent_minutes": 60}
    whole = numbers(rows=[(finished(3, fee=10_000, **yen), [])]).present
    assert whole.effective_rate == {"JPY": 10_000 - 2_000 - 1_021}
    counted = finished(3, basis=FeeBasis.PER_CHARACTER, unit_price=1_200, quantity=5_000_000, **yen)
    assert numbers(rows=[(counted, [])]).present.effective_rate == {"JPY": 6_000 - 1_200 - 612}
    parts = [Part(amount=5_000, delivered_at=NOW - 3 * DAY), Part(amount=5_000, delivered_at=NOW - 3 * DAY)]
    in_parts = numbers(rows=[(finished(3, **yen), parts)]).present
    assert in_parts.effective_rate == {"JPY": 2 * (5_000 - 1_000 - 510)}  # each payment is taxed by itself


instants = st.integers(1, 29 * 24 * 60).map(lambda minutes: NOW - minutes * timedelta(minutes=1))


@given(st.lists(st.tuples(instants, st.integers(0, 5000)), max_size=30))
def test_the_chart_points_cover_the_period(made: list[tuple[datetime, int]]) -> None:
    messages = [
        Message(client_id="a", at=replied - timedelta(minutes=minutes), replied_at=replied)
        for replied, minutes in made
    ]
    calls = [Call(client_id="b", at=when) for when, _ in made]
    report = numbers(messages, calls)
    assert report.present.median_response == (median(minutes for _, minutes in made) if made else None)
    assert sum(point.answers for point in report.series) == len(made) == report.present.answers
    assert sum(point.in_window for point in report.series) == report.present.in_window
    assert [point.end for point in report.series[:-1]] == [point.start for point in report.series[1:]]
    average = sum(point.interruptions_a_week for point in report.series) / len(report.series)
    assert average == pytest.approx(report.present.interruptions_a_week)


def test_improvements_are_sorted_by_gain() -> None:
    start = NOW - 30 * DAY
    late = TrustNumbers(start, NOW, answers=10, in_window=4, deliveries=10, on_time=9, finished=4, unrated=4)
    found = improvements(late)
    assert [(each.lever, each.count, each.total) for each in found] == [
        (Lever.ANSWER_SOONER, 6, 10),
        (Lever.ASK_FOR_RATINGS, 4, 4),
        (Lever.DELIVER_EARLIER, 1, 10),
    ]
    rated = TrustNumbers(start, NOW, ratings=4, average_rating=2.5, ended=4, continued=3)
    assert [(each.lever, each.count, each.total) for each in improvements(rated)] == [
        (Lever.RAISE_PROBLEMS_EARLY, 10, 16),
        (Lever.OFFER_NEXT_JOB, 1, 4),
    ]
    few = TrustNumbers(start, NOW, answers=2, in_window=0)
    assert improvements(few) == []


counts = st.integers(0, 50)


@given(counts, counts, counts, counts)
def test_one_more_timely_answer_never_raises_that_gain(
    in_time: int, late: int, on_time: int, overdue: int
) -> None:
    def gain(in_time: int, late: int) -> float:
        found = TrustNumbers(
            NOW, NOW, answers=in_time + late, in_window=in_time, deliveries=on_time + overdue, on_time=on_time
        )
        return next((each.gain for each in improvements(found) if each.lever == Lever.ANSWER_SOONER), 0)

    if in_time + late >= 3:
        assert gain(in_time + 1, late) <= gain(in_time, late) <= 1


def spiral_rows(present: int, before: int) -> list[tuple[Job, list[Part]]]:
    """Finished and rated jobs of a client of each; the earlier ones are paid less."""
    return [
        *(
            (finished(5 + n, client_id=f"new{n}", rating=5, fee=30_000, spent_minutes=300), [])
            for n in range(present)
        ),
        *(
            (finished(40 + n, client_id=f"old{n}", rating=4, fee=20_000, spent_minutes=300), [])
            for n in range(before)
        ),
    ]


def test_the_spiral_turns_as_in_the_first_seed() -> None:
    messages = [answered(1 + n, 1) for n in range(3)] + [answered(40 + n, 20) for n in range(3)]
    turns = spiral(numbers(messages, rows=spiral_rows(3, 3)), "EUR")
    assert [(each.turn.value, each.now, each.before, each.better) for each in turns] == [
        ("response", 60, 1200, True),
        ("rating", 5, 4, True),
        ("continuation", None, 0.0, None),
        ("rate", 6000, 4000, True),
    ]
    assert [each.good for each in turns] == [True, True, False, True]
    assert turning_up(turns)
    slow = [answered(1 + n, 20) for n in range(3)] + [answered(40 + n, 1) for n in range(3)]
    slower = spiral(numbers(slow, rows=spiral_rows(3, 3)), "EUR")
    assert (slower[0].better, turning_up(slower)) == (False, False)


def test_two_cases_are_too_few_for_a_figure_or_a_trend() -> None:
    messages = [answered(1 + n, 1) for n in range(2)] + [answered(40 + n, 20) for n in range(3)]
    turns = spiral(numbers(messages, rows=spiral_rows(2, 3)), "EUR")
    assert [(each.now, each.better, each.cases, each.good) for each in turns] == [
        (None, None, 2, False),
        (None, None, 2, False),
        (None, None, 0, False),
        (None, None, 2, False),
    ]
    assert not turning_up(turns)


@pytest.mark.parametrize(("late", "good"), [(0, True), (1, True), (2, False)])
def test_answers_are_good_if_they_keep_to_the_clients_own_windows(late: int, good: bool) -> None:
    """Four days are in time for a client who was told a week, and two hours are late where one was told."""
    week = Client(id="a", reply_minutes=7 * 24 * 60, reply_basis="clock")
    messages = [answered(1 + n, 96) for n in range(5 - late)] + [answered(2, 200) for _ in range(late)]
    report = trust(30, {"a": week}, messages, [], [], SETTINGS, office(), NOW)
    assert spiral(report, "EUR")[0].good is good
    strict = Client(id="a", reply_minutes=60, reply_basis="clock")
    report = trust(30, {"a": strict}, messages, [], [], SETTINGS, office(), NOW)
    assert not spiral(report, "EUR")[0].good

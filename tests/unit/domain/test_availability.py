"""The calculation of the availability rate, and the ways out at the last step."""

from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.availability import availability_sum, finished_at, round_up, worked_minutes
from app.domain.codes import CallOutcome, Decision, Stance
from app.domain.decision import Circumstances, Concern, ways_out
from app.domain.entities import Call, Client, Job, Part
from tests.unit.domain.support import at

NOW = at("2026-06-10 12:00")
DAY = timedelta(days=1)
LEMOINE = Client(id="c", rate=6500)


def call(days_ago: float, minutes: int = 20, **fields: object) -> Call:
    base = {"client_id": "c", "at": NOW - days_ago * DAY, "minutes": minutes, "outcome": CallOutcome.TAKEN}
    return Call(**(base | fields))


def test_the_availability_rate_covers_the_interrupted_time() -> None:
    calls = [call(day) for day in range(1, 19)]
    calls += [call(1, scheduled=True), call(29), call(2, outcome=CallOutcome.MISSED), call(1, client_id="d")]
    found = availability_sum(LEMOINE, calls, 40 * 60, NOW)
    assert (found.calls, found.call_minutes, found.recovery_minutes) == (18, 360, 180)
    assert found.interrupted_minutes == 540
    # 65.00 × (2400 + 540) ÷ 2400 = 79.63, so 80.00
    assert (found.rate, found.availability_rate) == (6500, 8000)
    assert found.monthly == 64_000  # 65.00 × 9 h × 30.44 ÷ 28 days = 635.89


def test_no_sum_without_rate_or_hours_and_no_raise_without_calls() -> None:
    assert availability_sum(Client(id="c"), [call(1)], 600, NOW) is None
    assert availability_sum(LEMOINE, [call(1)], 0, NOW) is None
    assert availability_sum(LEMOINE, [], 600, NOW).availability_rate == 6500


@given(st.lists(st.tuples(st.integers(0, 27), st.integers(0, 90))), st.integers(1, 10_000))
def test_the_new_rate_pays_for_worked_and_interrupted_time(made: list[tuple[int, int]], paid: int) -> None:
    found = availability_sum(LEMOINE, [call(days, minutes) for days, minutes in made], paid, NOW)
    assert found.availability_rate * paid >= found.rate * (paid + found.interrupted_minutes)
    more = availability_sum(LEMOINE, [call(days, minutes) for days, minutes in [*made, (1, 5)]], paid, NOW)
    assert more.availability_rate >= found.availability_rate


@given(st.integers(0, 10**12))
def test_a_rate_is_rounded_up_to_two_significant_digits(amount: int) -> None:
    rounded = round_up(amount)
    assert amount <= rounded <= amount * 1.1 + 1
    assert len(str(rounded).rstrip("0")) <= 2


def test_time_spent_is_spread_evenly_over_the_duration_of_a_job() -> None:
    running = Job(started_at=NOW - 40 * DAY, spent_minutes=400)
    done = Job(started_at=NOW - 60 * DAY, spent_minutes=400, delivered_at=NOW - 20 * DAY)
    parts = [Part(delivered_at=NOW - 50 * DAY), Part(delivered_at=NOW - 30 * DAY)]
    by_parts = Job(started_at=NOW - 50 * DAY, spent_minutes=400)
    rows = [(running, []), (done, []), (by_parts, parts)]
    assert worked_minutes(rows, NOW - 28 * DAY, NOW) == 280 + 80 + 0
    assert finished_at(by_parts, parts) == NOW - 30 * DAY
    assert finished_at(by_parts, [*parts, Part()]) is None


@pytest.mark.parametrize("start", [NOW, NOW + DAY])
def test_a_job_of_zero_duration_has_no_worked_minutes(start: datetime) -> None:
    assert worked_minutes([(Job(started_at=start, spent_minutes=60), [])], NOW - 28 * DAY, NOW) == 0


# --- the decision ------------------------------------------------------------------------------------------

CALM = Circumstances({}, {}, 0, 0, 2, {}, {})


def concerns(stance: Stance, decision: Decision, **fields: object) -> set[Concern]:
    circumstances = Circumstances(**(CALM.__dict__ | fields))
    (found,) = [each for each in ways_out(stance, circumstances) if each.decision == decision]
    return set(found.concerns)


def test_there_are_no_ways_out_until_the_stance_is_known() -> None:
    assert ways_out(None, CALM) == []


@pytest.mark.parametrize("stance", Stance)
def test_all_three_ways_out_are_always_offered_in_fixed_order(stance: Stance) -> None:
    # The app never decides: no circumstances remove a way out or change the order.
    worst = Circumstances({"EUR": 0.9}, {"EUR": 100}, 3, 30, 2, {"EUR": 10}, {"EUR": 90})
    for circumstances in (CALM, worst):
        assert [each.decision for each in ways_out(stance, circumstances)] == list(Decision)


def test_income_and_unpaid_work_are_concerns_about_ending() -> None:
    end = Decision.END
    assert concerns(Stance.COULD_LOSE, end) == set()
    assert concerns(Stance.COULD_LOSE, end, income_share={"EUR": 0.25}, open_jobs=1) == {
        Concern.INCOME,
        Concern.OPEN_JOBS,
    }
    assert concerns(Stance.MUST_KEEP, end, unpaid={"EUR": 1}) == {Concern.STANCE, Concern.UNPAID}


def test_calls_and_a_low_rate_are_concerns_about_keeping() -> None:
    keep = Decision.KEEP
    rates = {"effective_rate": {"EUR": 30}, "usual_rate": {"EUR": 50, "JPY": 1}}
    assert concerns(Stance.COULD_LOSE, keep, calls_a_week=3, **rates) == {
        Concern.INTERRUPTIONS,
        Concern.LOW_RATE,
    }
    assert concerns(Stance.READY_TO_LEAVE, keep) == {Concern.STANCE}
    assert concerns(Stance.MUST_KEEP, Decision.CHANGE_TERMS) == {Concern.MAY_LEAVE}


def test_different_stances_have_different_concerns() -> None:
    found = {stance: tuple(each.concerns for each in ways_out(stance, CALM)) for stance in Stance}
    assert all(found[one] != found[other] for one, other in combinations(Stance, 2))

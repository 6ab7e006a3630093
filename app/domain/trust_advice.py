"""Advice on what would raise trust most, and the trend of the figures.

First seed (ja-reply-fast): answer quickly, keep the dates, speak up at once; ratings rise, clients come back,
one gets better at the work, and is paid better for it: 「よいスパイラルができてくる」.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .trust import ENOUGH, TrustNumbers, TrustReport

GOOD_SHARE = 0.8
"""Share of answers in time from which "you answer in time" is true."""

GOOD_RATING = 4.0
"""Average stars from which "clients rate you well" is true."""


class Lever(StrEnum):
    """What the user can improve, in the order of the spiral."""

    ANSWER_SOONER = "answer_sooner"
    DELIVER_EARLIER = "deliver_earlier"
    RAISE_PROBLEMS_EARLY = "raise_problems_early"  # ratings are low despite timely answers and deliveries
    ASK_FOR_RATINGS = "ask_for_ratings"
    OFFER_NEXT_JOB = "offer_next_job"
    SHIELD_TIME = "shield_time"  # unscheduled calls take unpaid time


@dataclass(frozen=True)
class Improvement:
    """A possible improvement. `gain` (0 to 1) ranks it; `count` of `total` cases are affected."""

    lever: Lever
    gain: float
    count: int
    total: int


_WEIGHTS: dict[Lever, float] = {
    Lever.ANSWER_SOONER: 1.0,
    Lever.DELIVER_EARLIER: 1.0,
    Lever.RAISE_PROBLEMS_EARLY: 0.8,
    Lever.SHIELD_TIME: 0.7,
    Lever.OFFER_NEXT_JOB: 0.5,
    Lever.ASK_FOR_RATINGS: 0.4,
}
"""Levers early in the spiral affect all later ones, so they weigh more."""


def improvements(numbers: TrustNumbers) -> list[Improvement]:
    """Return possible improvements, largest gain first; empty if all is well or there is too little data."""
    low = round(numbers.ratings * (5 - numbers.average_rating)) if numbers.average_rating else 0
    time = numbers.worked_minutes + numbers.interrupted_minutes
    missing = {
        Lever.ANSWER_SOONER: (numbers.answers - numbers.in_window, numbers.answers),
        Lever.DELIVER_EARLIER: (numbers.deliveries - numbers.on_time, numbers.deliveries),
        Lever.RAISE_PROBLEMS_EARLY: (low, 4 * numbers.ratings),  # missing stars
        Lever.SHIELD_TIME: (numbers.interrupted_minutes, time),
        Lever.OFFER_NEXT_JOB: (numbers.ended - numbers.continued, numbers.ended),
        Lever.ASK_FOR_RATINGS: (numbers.unrated, numbers.finished),
    }
    found = [
        Improvement(lever, _WEIGHTS[lever] * count / total, count, total)
        for lever, (count, total) in missing.items()
        if count > 0 and total >= ENOUGH
    ]
    return sorted(found, key=lambda each: (-each.gain, list(Lever).index(each.lever)))


class Turn(StrEnum):
    """The stages of the spiral, each helped by the one before."""

    RESPONSE = "response"  # minutes; lower is better
    RATING = "rating"  # average stars
    CONTINUATION = "continuation"  # share
    RATE = "rate"  # minor units an hour


@dataclass(frozen=True)
class SpiralTurn:
    """One stage, now and before; None if the cases are too few for a figure.

    `cases` are those known now. `better` is None if unchanged or if either value is unknown. `good` is
    whether the figures bear out the stage: answers within the clients' own windows, not merely many.
    """

    turn: Turn
    now: float | None
    before: float | None
    better: bool | None
    cases: int
    good: bool


def spiral(report: TrustReport, currency: str) -> list[SpiralTurn]:
    """Return the four stages in order; the rate is that of one currency."""
    turns = []
    for turn in Turn:
        (now, cases), (before, cases_before) = (
            _stage(turn, numbers, currency) for numbers in (report.present, report.before)
        )
        now, before = now if cases >= ENOUGH else None, before if cases_before >= ENOUGH else None
        better = _better(turn, now, before)
        good = now is not None and _is_good(turn, report.present, now, better=bool(better))
        turns.append(SpiralTurn(turn, now, before, better, cases, good))
    return turns


def _stage(turn: Turn, numbers: TrustNumbers, currency: str) -> tuple[float | None, int]:
    """Return the figure of a stage and the number of cases behind it."""
    return {
        Turn.RESPONSE: (numbers.median_response, numbers.replies),
        Turn.RATING: (numbers.average_rating, numbers.ratings),
        Turn.CONTINUATION: (numbers.continuation_rate, numbers.ended),
        Turn.RATE: (numbers.effective_rate.get(currency), numbers.earning_jobs[currency]),
    }[turn]


def _is_good(turn: Turn, numbers: TrustNumbers, value: float, *, better: bool) -> bool:
    if turn is Turn.RESPONSE:
        return (numbers.window_share or 0) >= GOOD_SHARE
    if turn is Turn.RATING:
        return value >= GOOD_RATING
    return better if turn is Turn.RATE else value >= 0.5


def turning_up(turns: Iterable[SpiralTurn]) -> bool:
    """Return whether something got better and nothing got worse."""
    known = [each.better for each in turns if each.better is not None]
    return bool(known) and all(known)


def _better(turn: Turn, now: float | None, before: float | None) -> bool | None:
    if now is None or before is None or now == before:
        return None
    return (now < before) == (turn == Turn.RESPONSE)

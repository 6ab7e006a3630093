"""Advice on what would raise trust most, and the trend of the figures.

First seed (ja-reply-fast): answer quickly, keep the dates, speak up at once; ratings rise, clients come back,
one gets better at the work, and is paid better for it: 「よいスパイラルができてくる」.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .trust import TrustNumbers, TrustReport

FEW = 3
"""Minimum number of cases for a share: two late answers are no habit."""


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
        if count > 0 and total >= FEW
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
    """One stage, now and before. `better` is None if unchanged or if either value is unknown."""

    turn: Turn
    now: float | None
    before: float | None
    better: bool | None


def spiral(report: TrustReport, currency: str) -> list[SpiralTurn]:
    """Return the four stages in order; the rate is that of one currency."""
    now, before = report.present, report.before
    pairs = {
        Turn.RESPONSE: (now.median_response, before.median_response),
        Turn.RATING: (now.average_rating, before.average_rating),
        Turn.CONTINUATION: (now.continuation_rate, before.continuation_rate),
        Turn.RATE: (now.effective_rate.get(currency), before.effective_rate.get(currency)),
    }
    return [SpiralTurn(turn, *pair, _better(turn, *pair)) for turn, pair in pairs.items()]


def turning_up(turns: Iterable[SpiralTurn]) -> bool:
    """Return whether something got better and nothing got worse."""
    known = [each.better for each in turns if each.better is not None]
    return bool(known) and all(known)


def _better(turn: Turn, now: float | None, before: float | None) -> bool | None:
    if now is None or before is None or now == before:
        return None
    return (now < before) == (turn == Turn.RESPONSE)

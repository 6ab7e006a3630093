"""The Trust page's metrics in words, and the points of their charts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from babel.numbers import format_decimal, format_percent

from app.domain.entities import Client
from app.domain.trust import ENOUGH, PERIODS, TrustNumbers, TrustReport
from app.domain.trust_advice import Improvement, SpiralTurn, Turn, improvements, spiral, turning_up
from app.i18n import Formatter, _, n_
from app.store import queries
from app.viewmodels.services import AppServices

USUAL_DAYS = 90
MAX_NAMED_CALLERS = 3


@dataclass(frozen=True)
class Point:
    """A bar of a chart: `share` of the full height, None without data."""

    share: float | None
    said: str  # the value in words


@dataclass(frozen=True)
class Metric:
    """One metric: its present and previous value, and a sentence about its meaning."""

    title: str
    value: str
    sentence: str
    before: str  # empty if unknown
    better: bool | None  # than before; None if equal or unknown
    points: list[Point]  # empty while there are too few cases


@dataclass(frozen=True)
class SpiralStep:
    """One stage of the spiral."""

    title: str
    value: str
    better: bool | None


@dataclass(frozen=True)
class TrustPage:
    report: TrustReport
    metrics: list[Metric]
    ends: tuple[str, str]  # first and last day of the charts, formatted
    spiral: list[SpiralStep]
    rising: bool
    advice: Improvement | None
    clients: dict[str, Client]

    def __bool__(self) -> bool:
        return bool(self.metrics or self.report.rated)


def load(app: AppServices, days: int) -> TrustPage:
    report = queries.trust(app.store, days if days in PERIODS else USUAL_DAYS, app.now)
    clients = queries.clients_by_id(
        app.store, {each.client_id for each in report.rated} | set(report.present.interruptions)
    )
    turns = spiral(report, main_currency(app, report))
    advice = improvements(report.present)
    return TrustPage(
        report,
        metrics(app, report, clients),
        app.format.span(app.now - timedelta(days=report.days), app.now),
        [SpiralStep(_turn_title(each), _turn_value(app, report, each), each.better) for each in turns],
        turning_up(turns),
        advice[0] if advice else None,
        clients,
    )


def main_currency(app: AppServices, report: TrustReport) -> str:
    """The currency of the spiral's rate: the user's, else one with earnings."""
    rates = report.present.effective_rate
    own = app.settings.currency
    return own if own in rates or not rates else min(rates)


# --- metrics ---------------------------------------------------------------------------------------------

Value = Callable[[TrustNumbers], float | None]
Words = Callable[[float], str]


@dataclass(frozen=True)
class Few:
    """The number of cases behind a metric, and the text shown while they are fewer than `ENOUGH`."""

    cases: Callable[[TrustNumbers], int]
    so_far: Callable[[int], str]


def metrics(app: AppServices, report: TrustReport, clients: dict[str, Client]) -> list[Metric]:
    """The metrics that have data, in the order in which trust grows."""
    return [
        *reliability(app, report),
        *_present(_rates(app, report)),
        *_present([_calls(app, report, clients)]),
    ]


def reliability(app: AppServices, report: TrustReport) -> list[Metric]:
    """The metrics of answers, deliveries and ratings, without money or client names."""
    return _present(_reliability(app, report))


def for_profile(app: AppServices, report: TrustReport) -> list[Metric]:
    """The metrics that a profile may show: those with enough cases."""
    return [each for each in reliability(app, report) if each.points]


def _reliability(app: AppServices, report: TrustReport) -> list[Metric | None]:
    fmt, now = app.format, report.present

    def share(value: float) -> str:
        return format_percent(value, locale=fmt.locale)

    return [
        _metric(
            report,
            _("First answer"),
            _("Half of your answers came within this time."),
            lambda each: each.median_response,
            lambda value: fmt.elapsed(timedelta(minutes=value)),
            less=True,
            few=Few(lambda each: each.replies, lambda n: n_("{n} reply so far", "{n} replies so far", n)),
        ),
        _metric(
            report,
            _("Answered in time"),
            n_(
                "{done} of {n} answer came before its time was up.",
                "{done} of {n} answers came before their time was up.",
                now.answers,
                done=now.in_window,
            ),
            lambda each: each.window_share,
            share,
            top=1,
            few=Few(lambda each: each.answers, lambda n: n_("{n} answer so far", "{n} answers so far", n)),
        ),
        _metric(
            report,
            _("Delivered on time"),
            n_(
                "{done} of {n} delivery came by its date.",
                "{done} of {n} deliveries came by their date.",
                now.deliveries,
                done=now.on_time,
            ),
            lambda each: each.on_time_share,
            share,
            top=1,
            few=Few(
                lambda each: each.deliveries, lambda n: n_("{n} delivery so far", "{n} deliveries so far", n)
            ),
        ),
        _metric(
            report,
            _("Rating"),
            n_(
                "What clients gave, of 5 stars, for {n} job.",
                "What clients gave, of 5 stars, for {n} jobs.",
                now.ratings,
            ),
            lambda each: each.average_rating,
            lambda value: stars(value, fmt),
            top=5,
            few=Few(lambda each: each.ratings, lambda n: n_("{n} rating so far", "{n} ratings so far", n)),
        ),
        _metric(
            report,
            _("Clients who come back"),
            n_(
                "{done} of {n} finished job was followed by another.",
                "{done} of {n} finished jobs were followed by another.",
                now.ended,
                done=now.continued,
            ),
            lambda each: each.continuation_rate,
            share,
            top=1,
            few=Few(
                lambda each: each.ended,
                lambda n: n_("{n} finished job so far", "{n} finished jobs so far", n),
            ),
        ),
    ]


def _rates(app: AppServices, report: TrustReport) -> list[Metric | None]:
    """One metric per currency; money is never converted."""
    now = report.present
    sentence = _(
        "What finished work paid for each hour, after platform fees and withheld tax: {worked} of work, and "
        "{calls} of unscheduled calls."
    )
    sentence = sentence.format(
        worked=app.format.hours(now.worked_minutes), calls=app.format.hours(now.interrupted_minutes)
    )
    return [_rate(app, report, currency, sentence) for currency in sorted(now.effective_rate)]


def _rate(app: AppServices, report: TrustReport, currency: str, sentence: str) -> Metric | None:
    return _metric(
        report,
        _("Earned an hour"),
        sentence,
        lambda each: each.effective_rate.get(currency),
        lambda value: app.format.money(round(value), currency),
    )


def _calls(app: AppServices, report: TrustReport, clients: dict[str, Client]) -> Metric | None:
    """The metric of unscheduled calls; None without any."""
    calls = report.present.interruptions
    if not calls and not report.before.interruptions:
        return None
    often = sorted(calls, key=lambda client_id: (-calls[client_id], client_id))[:MAX_NAMED_CALLERS]
    names = [clients[client_id].name for client_id in often if client_id in clients]
    sentence = (
        _("Calls nobody planned, most of them from {names}.").format(names=app.format.listed(names))
        if names
        else _("Calls nobody planned.")
    )
    if since := report.present.calls_since:
        day = app.format.day_within(since, app.now)
        sentence = _("{sentence} Counted since {day}.").format(sentence=sentence, day=day)
    return _metric(
        report,
        _("Unscheduled calls a week"),
        sentence,
        lambda each: each.interruptions_a_week,
        lambda value: format_decimal(value, "0.#", locale=app.format.locale),
        less=True,
    )


def _metric(
    report: TrustReport,
    title: str,
    sentence: str,
    value: Value,
    words: Words,
    *,
    top: float | None = None,
    less: bool = False,
    few: Few | None = None,
) -> Metric | None:
    """Build a metric; None without a value. `top` is the value of a full bar; `less`: lower is better."""
    now, before = value(report.present), value(report.before)
    if now is None:
        return None
    if few and (cases := few.cases(report.present)) < ENOUGH:
        return Metric(title, few.so_far(cases), "", "", None, [])
    if few and few.cases(report.before) < ENOUGH:
        before = None
    series = [value(each) for each in report.series]
    highest = top or max((each for each in series if each is not None), default=0)
    return Metric(
        title,
        words(now),
        sentence,
        "" if before is None else words(before),
        None if before is None or words(before) == words(now) else (now < before) == less,
        [
            Point(None, "") if each is None else Point(each / highest if highest else 0, words(each))
            for each in series
        ],
    )


def _present(found: list[Metric | None]) -> list[Metric]:
    return [each for each in found if each is not None]


def stars(value: float, fmt: Formatter) -> str:
    return _("{number} ★").format(number=format_decimal(value, "0.0", locale=fmt.locale))


# --- the spiral ------------------------------------------------------------------------------------------


def _turn_title(turn: SpiralTurn) -> str:
    """A positive statement if the figures support it, else the metric's name."""
    if turn.good:
        return {
            Turn.RESPONSE: _("You answer in time"),
            Turn.RATING: _("Clients rate you well"),
            Turn.CONTINUATION: _("They come back"),
            Turn.RATE: _("The work pays better"),
        }[turn.turn]
    return {
        Turn.RESPONSE: _("First answer"),
        Turn.RATING: _("Rating"),
        Turn.CONTINUATION: _("Clients who come back"),
        Turn.RATE: _("Earned an hour"),
    }[turn.turn]


def _turn_value(app: AppServices, report: TrustReport, stage: SpiralTurn) -> str:
    turn, value = stage.turn, stage.now
    if value is None:
        return _so_far(turn, stage.cases) if stage.cases else _("not known yet")
    fmt = app.format
    if turn is Turn.RESPONSE:
        return fmt.elapsed(timedelta(minutes=value))
    if turn is Turn.RATING:
        return stars(value, fmt)
    if turn is Turn.CONTINUATION:
        return format_percent(value, locale=fmt.locale)
    money = fmt.money(round(value), main_currency(app, report))
    return _("{money} per hour").format(money=money)


def _so_far(turn: Turn, cases: int) -> str:
    if turn is Turn.RESPONSE:
        return n_("{n} reply so far", "{n} replies so far", cases)
    if turn is Turn.RATING:
        return n_("{n} rating so far", "{n} ratings so far", cases)
    return n_("{n} finished job so far", "{n} finished jobs so far", cases)

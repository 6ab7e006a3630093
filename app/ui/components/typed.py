"""Interpretation of typed dates and times, with the text that shows it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from babel.dates import format_date, format_time

from app.domain.hours import WorkCalendar
from app.i18n import Formatter, _
from app.importexport.typed_dates import TypedTimeError
from app.importexport.typed_times import USUAL_WEEK, read_typed
from app.importexport.typed_vague import CLOSING, OPENING, Edge, wall_clock

TimeKind = Literal["moment", "day", "clock"]


@dataclass(frozen=True)
class TimeQuestion:
    """The requested kind of value and its current value: `at`, in the user's zone.

    `past`: the event has already happened, such as a call, and a date without a year is looked for in the
    past. None: it may be past or future, such as the start of a job.

    `kept`: `at` was set before, so a date typed without a time keeps its time. Otherwise it takes the time
    given by `usual`, according to `calendar`: the end of the working day for a deadline, its start for
    others.
    """

    kind: TimeKind
    at: datetime
    now: datetime
    formatter: Formatter
    past: bool | None = False
    calendar: WorkCalendar = USUAL_WEEK
    kept: bool = False
    usual: Edge | None = None

    @property
    def edge(self) -> Edge:
        return self.usual or (CLOSING if self.past is False else OPENING)

    @property
    def text(self) -> str:
        """The field's initial text, in a form that can be parsed."""
        fmt = self.formatter
        local = fmt.local(self.at)
        clock = format_time(local.time(), "short", locale=fmt.locale)
        if self.kind == "clock":
            return clock
        day = format_date(local.date(), "medium", locale=fmt.locale)
        return f"{day} {clock}" if self.kind == "moment" else day

    @property
    def forms(self) -> str:
        """Examples of the accepted forms."""
        if self.kind == "clock":
            return _("For example 18:30, 6:30 pm, 18h30 or 18時30分.")
        if self.past:
            return self._forms_behind
        if self.kind == "day":
            return _("For example Nov 30, 30 Nov 2026, 2026-11-30, tomorrow, Friday or in 3 days.")
        return _("For example Nov 30 6 pm, tomorrow 18:30, Friday EOD or in 2 hours.")

    @property
    def _forms_behind(self) -> str:
        """Examples for an event that has already happened."""
        if self.kind == "day":
            return _("For example Nov 20, 20 Nov 2026, 2026-11-20, yesterday, last Friday or 3 days ago.")
        return _("For example Nov 20 6 pm, yesterday 18:30, last Friday 10:00 or 2 hours ago.")


@dataclass(frozen=True)
class ReadTime:
    """The result: `at` and its text if parsed; else an error, and the days the text may have meant."""

    at: datetime | None = None
    said: str = ""
    warning: str = ""
    error: str = ""
    choices: tuple[date, ...] = ()
    clock: time | None = None  # the time typed with an ambiguous date


def answer(question: TimeQuestion, text: str) -> ReadTime:
    """Parse the typed text. An omitted part keeps its value: the day of a time, the time of a day."""
    fmt = question.formatter
    now = fmt.local(question.now)
    local = fmt.local(question.at)
    try:
        typed = read_typed(
            text,
            fmt.language,
            now,
            past=bool(question.past),
            clock_only=question.kind == "clock",
            calendar=question.calendar,
            beside=local.date() if question.kept else None,
        )
    except TypedTimeError as error:
        return _refused(question, error)
    if question.kind == "day" and typed.clock is not None and not typed.implied:
        return ReadTime(error=_("Only a day is asked for here. {forms}").format(forms=question.forms))
    if typed.day is not None and typed.clock is None and question.kind == "moment":
        return usual_time(question, typed.day)
    if typed.day is None and typed.implied and typed.clock is not None and not question.kept:
        return _part_of_day(question, typed.clock, typed.edge)
    return understood(question, typed.day or local.date(), typed.clock or local.time(), typed.edge)


def _part_of_day(question: TimeQuestion, clock: time, edge: Edge | None) -> ReadTime:
    """A part of the day without a date: today's, or yesterday's for a past event if today's is to come."""
    now = question.formatter.local(question.now)
    day = now.date() - timedelta(days=1) if question.past and clock > now.time() else now.date()
    return understood(question, day, clock, edge)


def usual_time(question: TimeQuestion, day: date) -> ReadTime:
    """The result for a day without a time.

    It takes the time that was set before, else the start or end of that working day. For a past event the
    result is not later than now.
    """
    now, local = question.formatter.local(question.now), question.formatter.local(question.at)
    if question.kept or (question.past and day == local.date()):
        return understood(question, day, local.time())
    at = wall_clock(question.edge, day, now, question.calendar)
    if question.past and day == now.date() and at > now.replace(tzinfo=None):
        return understood(question, day, now.time())
    return understood(question, at.date(), at.time(), question.edge)


def understood(question: TimeQuestion, day: date, clock: time, edge: Edge | None = None) -> ReadTime:
    """The result for this day and time, with its full text; `edge` says how the time was chosen."""
    fmt = question.formatter
    at = datetime.combine(day, clock.replace(second=0, microsecond=0), fmt.zone)
    if question.kind == "clock":
        return ReadTime(at, fmt.time(at))
    day_said = fmt.day_in_full(at, question.now)
    if question.kind == "day":
        said, distance = day_said, fmt.day_distance(at, question.now)
    else:
        said = _("{day}, {time}").format(day=day_said, time=fmt.time(at))
        distance = fmt.distance(at, question.now)
    said = _("{day} · {distance}").format(day=said, distance=distance)
    note = _edge_note(question, at, edge)
    return ReadTime(at, f"{said}\n{note}" if note else said, _warning(question, at))


def _edge_note(question: TimeQuestion, at: datetime, edge: Edge | None) -> str:
    """A note saying how a time that was not typed was chosen."""
    if edge is None or question.kind != "moment":
        return ""
    if not question.calendar.is_working_day(at.date()):
        return _("No working day: this is a usual hour.")
    if edge == OPENING:
        return _("Start of your working day.")
    local = question.formatter.local(question.calendar.closing(at.date()))
    return _("End of your working day.") if local.time() == at.time() else _("End of the day.")


def _warning(question: TimeQuestion, at: datetime) -> str:
    fmt = question.formatter
    same_day = fmt.local(at).date() == fmt.local(question.now).date()
    if question.past is None or (question.kind == "day" and same_day):
        return ""
    if question.past:
        return _("This is still to come.") if at > question.now else ""
    return _("This has passed already.") if at < question.now else ""


def _refused(question: TimeQuestion, error: TypedTimeError) -> ReadTime:
    fmt = question.formatter
    if error.code == "ambiguous":
        said = (
            _("This can be two days. Which one do you mean?")
            if len(error.days) == 2
            else _("This can be several days. Which one do you mean?")
        )
        return ReadTime(error=said, choices=error.days, clock=error.clock)
    if error.code == "vague":
        return ReadTime(error=_("This leaves the day open. {forms}").format(forms=question.forms))
    if error.code == "weekday":
        day = datetime.combine(error.days[0], time(12), fmt.zone)
        said = fmt.day_in_full(day, question.now)
        return ReadTime(error=_("The weekday does not fit the date: it is {day}.").format(day=said))
    if error.code == "range":
        return ReadTime(error=_("There is no such day or time. {forms}").format(forms=question.forms))
    return ReadTime(error=_("This is not understood. {forms}").format(forms=question.forms))

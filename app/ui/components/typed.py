"""What a person typed for a date or a time, as the app understood it, in words to be shown at once."""

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
    """What is asked for, and what it is now: `at` in the user's zone.

    `past`: it has happened already, such as a call; a date without a year is then looked for behind. None:
    it may be either, such as the start of a job.

    `kept`: `at` was set before, so that a date typed alone keeps its time. Else it takes the time that
    `usual` says, by `calendar`: the end of the working day for a deadline, its start for the rest.
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
        """What the field starts with, in a form that is understood."""
        fmt = self.formatter
        local = fmt.local(self.at)
        clock = format_time(local.time(), "short", locale=fmt.locale)
        if self.kind == "clock":
            return clock
        day = format_date(local.date(), "medium", locale=fmt.locale)
        return f"{day} {clock}" if self.kind == "moment" else day

    @property
    def forms(self) -> str:
        """The forms that are understood, by example."""
        if self.kind == "clock":
            return _("For example 18:30, 6:30 pm, 18h30 or 18時30分.")
        if self.past:
            return self._forms_behind
        if self.kind == "day":
            return _("For example Nov 30, 30 Nov 2026, 2026-11-30, tomorrow, Friday or in 3 days.")
        return _("For example Nov 30 6 pm, tomorrow 18:30, Friday EOD or in 2 hours.")

    @property
    def _forms_behind(self) -> str:
        """The examples where something that has happened is asked for."""
        if self.kind == "day":
            return _("For example Nov 20, 20 Nov 2026, 2026-11-20, yesterday, last Friday or 3 days ago.")
        return _("For example Nov 20 6 pm, yesterday 18:30, last Friday 10:00 or 2 hours ago.")


@dataclass(frozen=True)
class ReadTime:
    """`at` when the text was understood, with it in words; else why not, and the days it may have meant."""

    at: datetime | None = None
    said: str = ""
    warning: str = ""
    error: str = ""
    choices: tuple[date, ...] = ()
    clock: time | None = None  # the time typed beside them


def answer(question: TimeQuestion, text: str) -> ReadTime:
    """Read what was typed. A part that is not typed stays as it is: the day of a time, the time of a day."""
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
    """A part of the day alone: today's, or yesterday's of what has happened if today's is still to come."""
    now = question.formatter.local(question.now)
    day = now.date() - timedelta(days=1) if question.past and clock > now.time() else now.date()
    return understood(question, day, clock, edge)


def usual_time(question: TimeQuestion, day: date) -> ReadTime:
    """A day without a time: with the time that was set before, else the start or the end of that working day.

    What has happened already did so by now.
    """
    now, local = question.formatter.local(question.now), question.formatter.local(question.at)
    if question.kept or (question.past and day == local.date()):
        return understood(question, day, local.time())
    at = wall_clock(question.edge, day, now, question.calendar)
    if question.past and day == now.date() and at > now.replace(tzinfo=None):
        return understood(question, day, now.time())
    return understood(question, at.date(), at.time(), question.edge)


def understood(question: TimeQuestion, day: date, clock: time, edge: Edge | None = None) -> ReadTime:
    """The answer that is this day and time, said in full; `edge` is what the time was taken for."""
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
    """What a time that nobody typed was taken for."""
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

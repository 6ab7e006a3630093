"""What a person typed for a date or a time, as the app understood it, in words to be shown at once."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from babel.dates import format_date, format_time

from app.i18n import Formatter, _
from app.importexport.typed_times import TypedTimeError, read_typed

TimeKind = Literal["moment", "day", "clock"]


@dataclass(frozen=True)
class TimeQuestion:
    """What is asked for, and what it is now: `at` in the user's zone.

    `past`: it has happened already, such as a call; a date without a year is then looked for behind. None:
    it may be either, such as the start of a job.
    """

    kind: TimeKind
    at: datetime
    now: datetime
    formatter: Formatter
    past: bool | None = False

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
        if self.kind == "day":
            return _("For example Nov 30, 30 Nov 2026, 2026-11-30, tomorrow, Friday or in 3 days.")
        return _("For example Nov 30 6 pm, tomorrow 18:30, Friday 10:00 or in 2 hours.")


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
    try:
        typed = read_typed(
            text, fmt.language, now, past=bool(question.past), clock_only=question.kind == "clock"
        )
    except TypedTimeError as error:
        return _refused(question, error)
    if question.kind == "day" and typed.clock is not None:
        return ReadTime(error=_("Only a day is asked for here. {forms}").format(forms=question.forms))
    local = fmt.local(question.at)
    return understood(question, typed.day or local.date(), typed.clock or local.time())


def understood(question: TimeQuestion, day: date, clock: time) -> ReadTime:
    """The answer that is this day and time, said in full."""
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
    return ReadTime(at, said, _warning(question, at))


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
        return ReadTime(
            error=_("This can be two days. Which one do you mean?"), choices=error.days, clock=error.clock
        )
    if error.code == "weekday":
        day = datetime.combine(error.days[0], time(12), fmt.zone)
        said = fmt.day_in_full(day, question.now)
        return ReadTime(error=_("The weekday does not fit the date: it is {day}.").format(day=said))
    if error.code == "range":
        return ReadTime(error=_("There is no such day or time. {forms}").format(forms=question.forms))
    return ReadTime(error=_("This is not understood. {forms}").format(forms=question.forms))

"""Dates and times as people type them into a field, read by fixed rules.

The words are in times.json of each language's folder: see `typed_words`. Every language is read whatever the
app's: only an order such as 3/4 depends on it. What can mean two days is refused with both of them. A word
without an hour stands for a fixed time: see `typed_vague`. The caller shows what was understood.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from app.domain.constraints import EARLIEST, LATEST
from app.domain.hours import FALLBACK_HOURS, WorkCalendar, zone_of
from app.domain.languages import ENGLISH
from app.importexport import typed_words as words
from app.importexport.typed_dates import TypedTimeError, WrittenBy, find_date
from app.importexport.typed_named import VagueError, find_named_day, find_year
from app.importexport.typed_vague import (
    CLOSING,
    DayPart,
    Edge,
    day_parts,
    days_of_week,
    find_period,
    is_vague,
    wall_clock,
)

LONGEST = 100  # characters
MOST_WORKING_DAYS = 366
"""Maximum distance in working days, which are counted one by one."""

HOURS_A_DAY = 24
"""« 48 h ouvrées » are two working days."""

MOST_WORKING_HOURS = 2000

USUAL_WEEK = WorkCalendar(zone_of("UTC"), dict.fromkeys(range(5), FALLBACK_HOURS))
"""Monday to Friday, for callers without working hours; used only for clock times."""


@dataclass(frozen=True)
class TypedTime:
    """The result: a day, a clock time, or both, in the user's time zone.

    `edge`: the time is the start or end of the working day, and was not typed. `implied`: it comes from a
    word without an hour, or is a distance such as "in 48 hours".
    """

    day: date | None = None
    clock: time | None = None
    edge: Edge | None = field(default=None, compare=False)
    implied: bool = field(default=False, compare=False)


def read_typed(
    text: str,
    language: str,
    now: datetime,
    *,
    past: bool = False,
    clock_only: bool = False,
    calendar: WorkCalendar = USUAL_WEEK,
    beside: date | None = None,
) -> TypedTime:
    """Parse a day, a time, or both. `now` is local time.

    `past` makes dates without a year and weekdays refer to the past. With `clock_only`, digits alone are a
    time: "18", "1830". `beside` is the day for parts of a day without one; today if None. Raises
    TypedTimeError.
    """
    if not text.strip() or len(text) > LONGEST:
        raise TypedTimeError("format")
    reader = _Reader(words.plain(text), language, now, calendar, past=past, beside=beside)
    found = reader.clock_alone() if clock_only else None
    try:
        return found or reader.read(days=not clock_only)
    except VagueError as error:
        raise _refused(error) from error


def _refused(error: VagueError) -> TypedTimeError:
    return TypedTimeError("ambiguous" if error.days else "vague", *error.days)


class _Reader:
    """Consumes the text part by part; whatever remains was not understood."""

    def __init__(
        self,
        text: str,
        language: str,
        now: datetime,
        calendar: WorkCalendar,
        *,
        past: bool,
        beside: date | None,
    ) -> None:
        self._words = words.vocabulary()
        self._rest, self._language, self._now = text, language, now
        self._past = past and not self._words.limit.search(text)  # « d’ici vendredi » is never behind
        self._today, self._calendar, self._beside = now.date(), calendar, beside
        self._until_end = False  # whether the time is the end of the named day
        self._midnight = False  # whether the time is the word for midnight

    def clock_alone(self) -> TypedTime | None:
        match = re.fullmatch(r"(\d{1,2})(\d{2})?", self._rest)
        if match is None:
            return None
        clock, _ = _clock(int(match[1]), int(match[2] or 0), "")
        return TypedTime(clock=clock)

    def read(self, *, days: bool) -> TypedTime:
        if days and (at := self._distance_in_time()):
            self._nothing_left()
            return TypedTime(at.date(), at.time().replace(second=0, microsecond=0), implied=True)
        period, part, day, clock, next_day = self._parts(days=days)
        if part and clock is None and day is not None:
            clock, next_day = self._bare_hour(part)
        self._nothing_left()
        if clock is None and day is None and part is None:
            raise TypedTimeError("format")
        if next_day or (self._midnight and day is None):
            day = self._after_midnight(day) if days else day
        if clock is not None:
            found = TypedTime(day, clock)
        else:
            edge = CLOSING if self._until_end else period
            found = self._implied(day, part, edge)
        if found.day is not None and not EARLIEST.date() < found.day < LATEST.date():
            raise TypedTimeError("range")
        return found

    def _parts(self, *, days: bool) -> tuple[Edge | None, DayPart | None, date | None, time | None, bool]:
        """The end of work that a period stands for, the part of the day, the day, the time and its 24:00.

        A refusal holds the time that was typed, whatever the day.
        """
        vague: VagueError | None = None
        period, day = None, None
        try:
            period, day = self._vague_or_named(days=days)
        except VagueError as error:
            vague = error
        part = self._day_part()
        clock, next_day = self._take_clock(part)
        try:
            if vague:
                raise vague
            if days and period is None:
                day = self._take_day(part, day)
        except (TypedTimeError, VagueError) as error:
            refused = error if isinstance(error, TypedTimeError) else _refused(error)
            refused.clock = clock
            raise refused from error
        return period, part, day, clock, next_day

    def _implied(self, day: date | None, part: DayPart | None, edge: Edge | None) -> TypedTime:
        """The time of a text without an hour: from a part of the day, or the start or end of work."""
        if part and isinstance(part.clock, time):
            return TypedTime(day, part.clock, implied=True)
        named = part.clock if part and not isinstance(part.clock, time) else edge
        if named is None:
            return TypedTime(day)
        alone = day is None and self._beside is None
        day = day or self._beside or self._today
        if not EARLIEST.date() < day < LATEST.date():
            raise TypedTimeError("range")
        at = wall_clock(named, day, self._now, self._calendar)
        if alone and self._past and at > self._now.replace(tzinfo=None):
            at = wall_clock(named, _shifted(day, -1), self._now, self._calendar)
        return TypedTime(at.date(), at.time(), named, implied=True)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.search(self._rest)
        if match:
            self._cut(match)
        return match

    def _cut(self, match: re.Match[str]) -> None:
        self._rest = f"{self._rest[: match.start()]} {self._rest[match.end() :]}".strip()

    def _nothing_left(self) -> None:
        if not self._words.between.fullmatch(self._rest):
            raise TypedTimeError("vague" if is_vague(self._rest) else "format")

    # --- time ------------------------------------------------------------------------------------------

    def _distance_in_time(self) -> datetime | None:
        if self._take(self._words.now):
            return self._now
        if match := self._words.working_hours.search(self._rest):
            count = int(match["n"])
            if count and count % HOURS_A_DAY == 0:
                return None
            if count > MOST_WORKING_HOURS:
                raise TypedTimeError("range")
            self._cut(match)
            at = self._calendar.add_working_minutes(self._now, 60 * count)
            return at.astimezone(self._now.tzinfo)
        for pattern, sign in self._words.time_distances:
            if match := self._take(pattern):
                unit = 60 if self._words.hour_unit.fullmatch(match["unit"]) else 1
                minutes = int(match["n"]) * unit + (unit // 2 if match.groupdict().get("half") else 0)
                return self._now + sign * timedelta(minutes=minutes)
        return None

    def _day_part(self) -> DayPart | None:
        for pattern, part in day_parts():
            if self._take(pattern):
                return part
        return None

    def _take_clock(self, part: DayPart | None) -> tuple[time | None, bool]:
        """The time, and whether it is 24:00, which is on the next day."""
        half = part.half if part else ""
        match = self._take(words.CLOCK_JA) or self._take(words.CLOCK_H) or self._take(words.CLOCK_COLON)
        match = match or self._take(words.CLOCK_HALF)
        word = self._take(self._words.clock_word)
        if match is None:
            if word is None:
                return None, False
            self._midnight = word[0] in self._words.midnight
            return (time(0) if self._midnight else time(12)), False
        parts = match.groupdict()
        minute = 30 if parts.get("thirty") else int(parts.get("minute") or 0)
        hour, suffix = int(match["hour"]), parts.get("half")
        if word:  # 昼の1時, midi 30
            if "昼" not in word[0] or half or suffix:
                raise TypedTimeError("format")
            half = "p" if hour < 10 or hour == 12 else ""
        if half and suffix and not suffix.strip().startswith(half):
            raise TypedTimeError("format")
        if (suffix and hour > 12) or (part and not part.has(hour)):
            raise TypedTimeError("range")
        return _clock(hour, minute, half or (suffix or "").strip()[:1])

    def _bare_hour(self, part: DayPart) -> tuple[time | None, bool]:
        """The hour in "tomorrow morning at 9", if it is the only number."""
        match = self._take(words.BARE_HOUR)
        if match is None:
            return None, False
        if not part.has(int(match[0])):
            raise TypedTimeError("range")
        return _clock(int(match[0]), 0, part.half)

    # --- days ------------------------------------------------------------------------------------------

    def _vague_or_named(self, *, days: bool) -> tuple[Edge | None, date | None]:
        """A day by a name or a period, and for a period the end of work that it stands for."""
        if not days:
            return None, None
        if day := self._named_day():
            return None, day
        found = find_period(self._rest, self._today, self._calendar, past=self._past)
        if found is None:
            return None, None
        self._cut(found[0])
        return found[1].part, found[1].day

    def _after_midnight(self, day: date | None) -> date:
        """The day that 24:00 begins. Alone it ends the day beside it or today, or ended yesterday."""
        if day is None:
            day = self._beside or _shifted(self._today, -1 if self._past else 0)
        return _shifted(day, 1)

    def _named_day(self) -> date | None:
        """A day by its place in a month or year, or a date with a word for its year beside it."""
        if match := self._take(self._words.working_hours):  # whole days: see `_distance_in_time`
            self._until_end = True
            return self._working_day(int(match["n"]) // HOURS_A_DAY)
        found = find_named_day(self._rest, self._today, past=self._past)
        if found is not None:
            self._cut(found[0])
            return found[1]
        year = find_year(self._rest, self._today)
        if year is None or find_date(self._rest, WrittenBy(self._language, self._today, past=False)) is None:
            return None
        self._cut(year[0])
        day = self._numbered_day()
        try:
            return day and day.replace(year=year[1])
        except ValueError as error:
            raise TypedTimeError("range") from error

    def _take_day(self, part: DayPart | None, named_day: date | None) -> date | None:
        day = named_day or self._relative_day() or self._numbered_day()
        if part and part.days is not None:
            if day is not None and day != _shifted(self._today, part.days):
                raise TypedTimeError("format")
            day = _shifted(self._today, part.days)
        week = self._take(self._words.week_word)
        named = self._take(self._words.weekday)
        if named is None:
            if week and week[0] in self._words.weeks and day is None:
                monday = self._today - timedelta(days=self._today.weekday() - 7 * self._words.weeks[week[0]])
                raise TypedTimeError("ambiguous", *days_of_week(monday, self._today, self._calendar))
            if week and not self._agrees(week[0], day):
                raise TypedTimeError("vague" if is_vague(f"{week[0]} {self._rest}") else "format")
        else:
            weekday = words.weekdays()[named["weekday"]]
            if day is None:
                day = self._weekday(weekday, week[0] if week else "")
            elif day.weekday() != weekday:
                raise TypedTimeError("weekday", day)
        if day is not None and self._take(words.UNTIL_ITS_END):
            self._until_end = True
        return day

    def _agrees(self, word: str, day: date | None) -> bool:
        """Whether "next" or "last" beside a date is on its side of today: « le 10 janvier prochain »."""
        if day is None:
            return False
        return (word in self._words.next and day > self._today) or (
            word in self._words.last and day < self._today
        )

    def _relative_day(self) -> date | None:
        if match := self._take(self._words.day_word):
            return _shifted(self._today, self._words.day_words[match[0]])
        for pattern in self._words.working_days:
            if match := self._take(pattern):
                self._until_end = True
                return self._working_day(int(match.groupdict().get("n") or 1))
        for pattern, sign, limit in self._words.day_distances:
            if match := self._take(pattern):
                self._until_end = limit
                count = sign * int(match["n"])
                if self._words.month_unit.fullmatch(match["unit"]):
                    return self._months_on(count)
                return _shifted(
                    self._today, count * (7 if self._words.week_unit.fullmatch(match["unit"]) else 1)
                )
        return None

    def _working_day(self, count: int) -> date:
        if count > MOST_WORKING_DAYS:
            raise TypedTimeError("range")
        day = self._today
        for _ in range(count):
            day = self._calendar.next_working_day(day)
        return day

    def _months_on(self, months: int) -> date:
        """The same day `months` later, or the last day of a shorter month."""
        year, month = divmod(self._today.year * 12 + self._today.month - 1 + months, 12)
        if not EARLIEST.year <= year <= LATEST.year:
            raise TypedTimeError("range")
        return date(year, month + 1, min(self._today.day, monthrange(year, month + 1)[1]))

    def _weekday(self, weekday: int, word: str) -> date:
        """The nearest such weekday after or before today; words such as 来週 count weeks from Monday."""
        monday = self._today - timedelta(days=self._today.weekday())
        if word in self._words.weeks:
            return monday + timedelta(days=7 * self._words.weeks[word] + weekday)
        ahead = self._today + timedelta(days=(weekday - self._today.weekday() - 1) % 7 + 1)
        back = self._today - timedelta(days=(self._today.weekday() - weekday - 1) % 7 + 1)
        if word in self._words.next and self._language == ENGLISH:
            following = monday + timedelta(days=7 + weekday)
            if following != ahead:
                raise TypedTimeError("ambiguous", ahead, following)
        if word in self._words.last or (self._past and not word):
            return back
        return ahead

    def _numbered_day(self) -> date | None:
        written = find_date(self._rest, WrittenBy(self._language, self._today, past=self._past))
        if written is None:
            return None
        self._cut(written[0])
        return written[1]


def _clock(hour: int, minute: int, half: str) -> tuple[time, bool]:
    """The time, and whether it is 24:00. Hours from 13 may be combined with a word for the afternoon."""
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif half == "a":
        raise TypedTimeError("range")
    if hour == 24 and minute == 0:
        return time(0), True
    if hour > 23 or minute > 59:
        raise TypedTimeError("range")
    return time(hour, minute), False


def _shifted(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise TypedTimeError("range") from error

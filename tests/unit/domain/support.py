"""Shared by the domain tests: instants in a zone, calendars, and strategies for both."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from app.domain.entities import Settings
from app.domain.hours import WorkCalendar

PARIS = ZoneInfo("Europe/Paris")
NEW_YORK = ZoneInfo("America/New_York")
TOKYO = ZoneInfo("Asia/Tokyo")

OFFICE = {weekday: ((time(9), time(18)),) for weekday in range(5)}
SMALLEST = timedelta.resolution


def at(text: str, zone: ZoneInfo = PARIS) -> datetime:
    """The UTC instant at which that wall clock shows `text` ("2026-03-27 10:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def office(zone: ZoneInfo = PARIS, *days_off: str) -> WorkCalendar:
    """Monday to Friday, 9 to 18."""
    return WorkCalendar(zone, OFFICE, frozenset(date.fromisoformat(day) for day in days_off))


def paris_settings(**fields: object) -> Settings:
    return Settings(**({"time_zone": "Europe/Paris"} | fields))


# Share of the time until a change; 1.0 is its last instant, sampled more often than by chance.
shares = st.floats(0, 1) | st.just(1.0)

# Both hemispheres, a half-hour daylight saving shift, and none at all.
zones = st.sampled_from(
    ["Europe/Paris", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Australia/Lord_Howe", "UTC"]
).map(ZoneInfo)

minute_instants = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001

clocks = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


# Working days: unbroken, around lunch or children, at night, and within the hours of daylight saving changes.
DAYS = (
    (),
    ((time(9), time(18)),),
    ((time(9), time(12)), (time(13), time(18))),
    ((time(10), time(14, 30)), (time(20, 15), time(22)), (time(23), time(0))),
    ((time(21), time(1, 30)),),
    ((time(2), time(3)),),
    ((time(2, 30), time(2, 45)), (time(16), time(16, 15))),
)


def _calendar(
    zone: ZoneInfo, week: list[tuple[tuple[time, time], ...]], first: date, off: int
) -> WorkCalendar:
    return WorkCalendar(zone, dict(enumerate(week)), frozenset(first + timedelta(days=n) for n in range(off)))


calendars = st.builds(
    _calendar,
    zones,
    st.lists(st.sampled_from(DAYS), max_size=7),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 20),
)
regular_calendars = st.builds(office, zones)

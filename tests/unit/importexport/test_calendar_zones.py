"""Time zones of calendar files: right for the programs people use, and cheap whatever a file says."""

from datetime import UTC, datetime, timedelta

import pytest

from app.importexport.calendar_in import DeadlineProposal, read_deadlines
from app.importexport.reports import Report
from app.steps import finish
from tests.unit.domain.support import TOKYO, at, office

NOW = at("2026-06-10 12:00")

# As Outlook writes it, for a zone that Windows has no name of its own for.
OUTLOOK_CUSTOM = """
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
# As Apple's and Google's calendars bring along the zone of an IANA name.
APPLE_PARIS = """
BEGIN:VTIMEZONE
TZID:Europe/Paris
X-LIC-LOCATION:Europe/Paris
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
DTSTART:19810329T020000
TZNAME:CEST
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
DTSTART:19961027T030000
TZNAME:CET
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def zone(*rules: str, name: str = "Mine", start: str = "19700101T000000") -> str:
    """A zone an hour ahead of UTC, with these lines in its only part."""
    part = ["BEGIN:STANDARD", f"DTSTART:{start}", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", *rules]
    return "\n".join(["BEGIN:VTIMEZONE", f"TZID:{name}", *part, "END:STANDARD", "END:VTIMEZONE"])


def read(definition: str, *moments: str) -> Report[DeadlineProposal]:
    """A file with that zone and an event for each DTSTART, parameters and all."""
    events = [f"BEGIN:VEVENT\nSUMMARY:{moment}\nDTSTART{moment}\nEND:VEVENT" for moment in moments]
    text = "\n".join(["BEGIN:VCALENDAR", definition.strip(), *events, "END:VCALENDAR", ""])
    return finish(read_deadlines(text.replace("\n", "\r\n").encode(), office(), NOW))


def codes(report: Report[DeadlineProposal]) -> list[str]:
    return [each.code for each in report.troubles]


@pytest.mark.parametrize(
    ("name", "summer", "winter"),
    [
        ("Europe/Paris", 8, 9),
        ("W. Europe Standard Time", 8, 9),
        ("Romance Standard Time", 8, 9),
        ("Tokyo Standard Time", 1, 1),
        ("Asia/Tokyo", 1, 1),
        ("/Europe/Paris", 8, 9),
        ("/freeassociation.sourceforge.net/Europe/Paris", 8, 9),
        ("Eastern Standard Time", 14, 15),
    ],
)
def test_zones_are_known_by_the_names_that_programs_give_them(name: str, summer: int, winter: int) -> None:
    report = read("", f";TZID={name}:20260701T100000", f';TZID="{name}":20261201T100000')
    assert codes(report) == []
    assert [each.at for each in report.found] == [
        datetime(2026, 7, 1, summer, tzinfo=UTC),
        datetime(2026, 12, 1, winter, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("definition", "name"), [(OUTLOOK_CUSTOM, "Customized Time Zone"), (APPLE_PARIS, "Europe/Paris")]
)
def test_a_zone_that_a_file_brings_along_changes_its_clock_on_the_right_days(
    definition: str, name: str
) -> None:
    days = ("20260701", "20261024", "20261026", "20270327", "20270329")
    report = read(definition, *(f";TZID={name}:{day}T100000" for day in days))
    assert codes(report) == []
    assert [each.at.hour for each in report.found] == [8, 8, 9, 9, 8]


def test_zones_may_stand_after_the_events_that_use_them() -> None:
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=Mine:20260701T100000\nEND:VEVENT\n"
    found = finish(read_deadlines(f"{text}{zone()}\nEND:VCALENDAR\n".encode(), office(), NOW)).found
    assert [each.at for each in found] == [datetime(2026, 7, 1, 9, tzinfo=UTC)]


def test_a_zone_of_one_file_is_not_used_for_another() -> None:
    assert codes(read(zone(name="Kaeru test"), ";TZID=Kaeru test:20260701T100000")) == []
    assert codes(read("", ";TZID=Kaeru test:20260701T100000")) == ["zone"]


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus",
        "Europe",
        "zone.tab",
        "../../../etc/passwd",
        "x" * 5_000,
        "Mi\u202ene",
        "Customized Zone",
    ],
)
def test_a_time_in_a_zone_that_nobody_knows_is_left_out_and_not_guessed(name: str) -> None:
    assert codes(read("", f";TZID={name[:100]}:20260701T100000")) == ["zone"]


HOURS = ",".join(
    f"{datetime(1971, 1, 1, tzinfo=UTC) + timedelta(hours=n):%Y%m%dT%H%M%S}" for n in range(5_000)
)


@pytest.mark.parametrize(
    "rules",
    [
        ("RRULE:FREQ=SECONDLY",),
        ("RRULE:FREQ=MINUTELY",),
        ("RRULE:FREQ=HOURLY;COUNT=10",),
        ("RRULE:FREQ=DAILY",),
        ("RRULE:FREQ=YEARLY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11",),
        ("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=MO,TU,WE,TH,FR",),
        ("RRULE:FREQ=YEARLY;BYDAY=SU",),
        ("RRULE:FREQ=YEARLY;BYSETPOS=1;BYDAY=SU",),
        ("rrule;X=y:freq=secondly",),
        ("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",) * 20,
        ("RDATE:" + HOURS,),
        tuple(f"RDATE:{each}" for each in HOURS.split(",")),
        ("EXRULE:FREQ=SECONDLY",),
    ],
)
def test_a_zone_that_no_clock_follows_is_not_evaluated(rules: tuple[str, ...]) -> None:
    report = read(zone(*rules), ";TZID=Mine:20260701T100000", ":20260702T080000Z")
    assert codes(report) == ["zone"]
    assert [each.at.day for each in report.found] == [2]  # the rest of the file is of use


def test_a_zone_from_before_calendars_is_not_evaluated() -> None:
    rule = "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"
    assert codes(read(zone(rule, start="00010101T000000"), ";TZID=Mine:20260701T100000")) == ["zone"]


def test_two_zones_that_change_every_second_are_left_out() -> None:
    both = "\n".join(zone("RRULE:FREQ=SECONDLY", name=name) for name in ("Mine", "Other"))
    report = read(both, ";TZID=Mine:20270101T100000", ";TZID=Other:20270101T100000")
    assert (report.found, codes(report)) == ([], ["zone", "zone"])


def test_tokyo_is_where_it_was() -> None:
    (found,) = read("", ";TZID=Tokyo Standard Time:20260701T170000").found
    assert found.at == at("2026-07-01 17:00", TOKYO)

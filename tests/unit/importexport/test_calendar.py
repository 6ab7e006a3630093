"""iCalendar files out and in."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from app.domain.entities import Client, Job, Part
from app.domain.hours import work_calendar
from app.importexport.calendar_in import DeadlineProposal, read_deadlines
from app.importexport.calendar_out import EventNames, export_calendar
from app.importexport.reports import Report
from app.steps import finish
from tests.unit.domain.support import TOKYO, at, office, paris_settings

NOW = at("2026-06-10 12:00")
DAY = timedelta(days=1)
NAMES = EventNames(
    deadline=lambda job, part: f"{job.title}: {part.title if part else 'all'}",
    internal=lambda job, _part: f"({job.title})",
    standing_call=lambda client: f"Call with {client.name}",
)


def exported(rows: list[tuple[Job, list[Part]]], clients: list[Client]) -> Calendar:
    data = export_calendar(rows, clients, NAMES, paris_settings(), office(), NOW)
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    return Calendar.from_ical(data)


def test_deadlines_come_with_their_internal_ones_and_keep_their_ids() -> None:
    job = Job(
        id="j", client_id="c", title="納品, 記事; 一" * 5, started_at=NOW - 10 * DAY, deadline=NOW + 10 * DAY
    )
    part = Part(id="p", title="First", due_at=NOW + 3 * DAY)
    events = {str(event["UID"]): event for event in exported([(job, [part])], []).walk("VEVENT")}
    assert events.keys() == {"deadline-p@kaeru", "internal-p@kaeru", "deadline-j@kaeru", "internal-j@kaeru"}
    assert str(events["deadline-p@kaeru"]["SUMMARY"]) == f"{job.title}: First"
    assert events["deadline-p@kaeru"]["DTSTART"].dt == NOW + 3 * DAY
    assert events["internal-j@kaeru"]["DTSTART"].dt < NOW + 10 * DAY


def test_a_standing_call_repeats_on_the_clients_clock_with_its_daylight_saving() -> None:
    start = at("2026-01-01 12:00")  # a Thursday; the rule's first Friday is a day later
    fridays = Client(
        id="f", name="Lemoine", standing_call_rule="FREQ=WEEKLY;BYDAY=FR", standing_call_start=start
    )
    tokyo = Client(
        id="t", name="佐藤", time_zone="Asia/Tokyo", standing_call_rule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20260701"
    )
    tokyo.standing_call_start, tokyo.standing_call_minutes = at("2026-06-01 10:00", TOKYO), 45
    ended = Client(id="e", status="ended", standing_call_rule="FREQ=DAILY", standing_call_start=start)
    file = exported([], [fridays, tokyo, ended, Client(id="n")])
    calls = {str(event["UID"]): event for event in file.walk("VEVENT")}
    assert calls.keys() == {"call-f@kaeru", "call-t@kaeru"}
    call = calls["call-f@kaeru"]
    assert call["DTSTART"].dt.isoformat() == "2026-01-02T12:00:00+01:00"
    assert (call["DTSTART"].params["TZID"], str(call["SUMMARY"])) == ("Europe/Paris", "Call with Lemoine")
    assert call["DURATION"].dt == timedelta(minutes=30)
    rule = calls["call-t@kaeru"]["RRULE"]
    assert rule["UNTIL"] == [at("2026-07-01 10:00", TOKYO)]
    assert {zone.tz_name for zone in file.timezones} == {"Europe/Paris", "Asia/Tokyo"}


def event(*lines: str, kind: str = "VEVENT") -> str:
    return "\r\n".join([f"BEGIN:{kind}", *lines, f"END:{kind}"])


def read(*things: str) -> Report[DeadlineProposal]:
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//x//EN", *things, "END:VCALENDAR", ""])
    return finish(read_deadlines(text.encode(), office(), NOW))


def test_a_standing_call_leaves_days_off_out() -> None:
    fridays = Client(
        id="f", standing_call_rule="FREQ=WEEKLY;BYDAY=FR", standing_call_start=at("2026-01-02 12:00")
    )
    settings = paris_settings(holiday_country="FR")
    data = export_calendar([], [fridays], NAMES, settings, work_calendar(settings), NOW)
    (call,) = Calendar.from_ical(data).walk("VEVENT")
    left_out = [each.dt for each in call["EXDATE"].dts]
    assert left_out[:2] == [at("2026-12-25 12:00"), at("2027-01-01 12:00")]


def test_deadlines_are_read_from_events_and_tasks_in_every_way_they_tell_time() -> None:
    report = read(
        event("UID:1", "SUMMARY:Report\\, final", "DTSTART:20260701T080000Z", "DESCRIPTION:two\\nlines"),
        event("SUMMARY:In Tokyo", "DTSTART;TZID=Asia/Tokyo:20260702T170000"),
        event("SUMMARY:Floating", "DTSTART:20260703T170000"),
        event("SUMMARY:A Saturday", "DTSTART;VALUE=DATE:20260704"),
        event("SUMMARY:A Monday", "DTSTART;VALUE=DATE:20260706"),
        event("SUMMARY:Task", "DTSTART:20260101T080000Z", "DUE:20260707T080000Z", kind="VTODO"),
    )
    assert report.troubles == []
    assert [(each.title, each.at, each.all_day) for each in report.found] == [
        ("Report, final", at("2026-07-01 10:00"), False),
        ("In Tokyo", at("2026-07-02 17:00", TOKYO), False),
        ("Floating", at("2026-07-03 17:00"), False),
        ("A Saturday", at("2026-07-04 18:00"), True),
        ("A Monday", at("2026-07-06 18:00"), True),
        ("Task", at("2026-07-07 10:00"), False),
    ]
    assert (report.found[0].uid, report.found[0].note) == ("1", "two\nlines")


def test_what_is_not_understood_is_named_with_its_title() -> None:
    report = read(
        event("SUMMARY:Last year", "DTSTART:20250101T080000Z"),
        event("SUMMARY:Weekly", "DTSTART:20260701T080000Z", "RRULE:FREQ=WEEKLY"),
        event("SUMMARY:Never"),
        event("SUMMARY:Broken", "DTSTART:soon"),
        event("SUMMARY:Too far", "DTSTART;VALUE=DATE:29990101"),
    )
    assert report.found == []
    assert [(each.row, each.field, each.text, each.code) for each in report.troubles] == [
        (1, "DTSTART", "Last year", "past"),
        (2, "RRULE", "Weekly", "repeats"),
        (3, "DTSTART", "Never", "required"),
        (4, "DTSTART", "Broken", "format"),
        (5, "DTSTART", "Too far", "range"),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_ical"),
        (b"hello", "not_ical"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "empty"),
        (b"x" * 10_000_001, "too_large"),
    ],
)
def test_a_file_that_is_none_is_reported(data: bytes, code: str) -> None:
    report = finish(read_deadlines(data, office(), NOW))
    assert (report.found, [each.code for each in report.troubles]) == ([], [code])


lines = st.lists(
    st.sampled_from(
        [
            *(
                "BEGIN:VEVENT",
                "END:VEVENT",
                "BEGIN:VCALENDAR",
                "END:VCALENDAR",
                "SUMMARY:x",
                "DTSTART:20260701T1",
            ),
            *(
                "DTSTART;VALUE=DATE:20260701",
                "DTSTART;TZID=Mars:20260701T080000",
                "RRULE:FREQ=NEVER",
                "DUE:",
                ":",
            ),
            *("DTSTART:20260701T080000Z", "DTSTART:99991231T235959Z", "BEGIN:VTODO", "END:VTODO", " folded"),
        ]
    ),
    max_size=12,
)


@given(lines.map("\r\n".join).map(str.encode) | st.binary(max_size=200))
def test_no_file_is_too_strange_to_be_reported(data: bytes) -> None:
    for whole in (data, b"BEGIN:VCALENDAR\r\n" + data + b"\r\nEND:VCALENDAR\r\n"):
        report = finish(read_deadlines(whole, office(), NOW))
        assert all(isinstance(each.at, datetime) and each.at >= NOW for each in report.found)


def test_what_was_exported_can_be_read_back() -> None:
    job = Job(id="j", client_id="c", title="Site", started_at=NOW - 10 * DAY, deadline=NOW + 10 * DAY)
    data = export_calendar([(job, [])], [], NAMES, paris_settings(), office(), NOW)
    found = finish(read_deadlines(data, office(), NOW)).found
    assert ("deadline-j@kaeru", job.deadline) in [(each.uid, each.at) for each in found]

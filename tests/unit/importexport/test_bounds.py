"""Files made to take long: read in short steps, no more of them than is of use, and refused with a reason."""

import time
from collections.abc import Callable

import pytest

from app.domain.entities import Settings
from app.domain.hours import work_calendar
from app.importexport.calendar_in import DeadlineProposal, read_deadlines
from app.importexport.jobs_in import JobProposal, read_jobs
from app.importexport.reports import Report
from app.steps import Steps
from tests.unit.domain.support import at, office

NOW = at("2026-06-10 12:00")
STEP = 2.0  # seconds of computing: ten times what the longest step takes
SETTINGS = Settings(language="en", time_zone="Europe/Paris", currency="EUR")


def calendar(data: bytes) -> Steps[Report[DeadlineProposal]]:
    return read_deadlines(data, office(), NOW)


def table(data: bytes) -> Steps[Report[JobProposal]]:
    return read_jobs(data, [], SETTINGS, work_calendar(SETTINGS), NOW)


def in_short_steps(
    steps: Steps[Report[JobProposal]] | Steps[Report[DeadlineProposal]],
) -> tuple[int, list[str]]:
    """How many were found, and the codes of what was not understood; fails when a step takes long."""
    while True:
        began = time.thread_time()
        try:
            next(steps)
        except StopIteration as stop:
            report: Report[JobProposal] = stop.value
            return len(report.found), [each.code for each in report.troubles]
        finally:
            assert time.thread_time() - began < STEP


EVENT = b"BEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART:20270101T100000Z\r\nEND:VEVENT\r\n"
BEGIN, END = b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR\r\n"


@pytest.mark.parametrize(
    ("data", "found", "codes"),
    [
        (BEGIN + EVENT * 5_001 + END, 5_000, ["too_many"]),
        (BEGIN + b"BEGIN:X\n" * 300_000, 0, ["cut_off", "empty"]),
        (BEGIN + b"\n" * 3_000_000 + EVENT + END, 1, []),
        (BEGIN + b"X:y" + b"\n z" * 1_000_000 + b"\n" + EVENT + END, 1, []),
        (BEGIN + EVENT.replace(b"SUMMARY:x", b"SUMMARY:" + b"\\," * 2_000_000) + END, 1, []),
        (BEGIN + EVENT + b"BEGIN:VEVENT\r\nSUMMARY:half", 1, ["cut_off"]),
        (b"\0" * 5_000_000, 0, ["not_ical"]),
        (b"x" * 50_000_000, 0, ["too_large"]),
    ],
)  # fmt: skip
def test_a_calendar_made_to_take_long_is_read_in_short_steps(
    data: bytes, found: int, codes: list[str]
) -> None:
    assert in_short_steps(calendar(data)) == (found, codes)


@pytest.mark.parametrize(
    "encode", [str.encode, lambda text: b"\xef\xbb\xbf" + text.encode(), lambda text: text.encode("utf-16")]
)
def test_a_calendar_is_read_in_any_unicode_encoding(encode: Callable[[str], bytes]) -> None:
    text = (BEGIN + EVENT.replace(b"SUMMARY:x", "SUMMARY:納品".encode()) + END).decode()
    assert in_short_steps(calendar(encode(text))) == (1, [])


@pytest.mark.parametrize(
    ("data", "found", "codes"),
    [
        (b"Job,Client\n" + b"a,b\n" * 600_000, 10_000, ["too_many"]),
        (b"Job,Client\n" + b",\n" * 600_000 + b"a,b\n", 0, ["too_many"]),
        (b",\n" * 600_000, 0, ["empty"]),
        (b",".join(b"Job%d" % number for number in range(300_000)), 0, ["too_wide"]),
        (b"Job,Client" + b",x" * 300_000 + b"\na,b\n", 0, ["too_wide"]),
        (b"Job,Client\na,b" + b",c" * 1_000_000 + b"\n", 1, ["extra_cells"]),
        (b"Job,Client,Due\n" + (b"a,b," + b"(" * 120_000 + b"\n") * 20, 20, ["format"] * 20),
        (b"Job,Client,Fee\n" + (b"a,b," + b"1 " * 50_000 + b"\n") * 20, 20, ["format"] * 20),
        (b'Job,Client\na,"' + b"x" * 3_000_000, 0, ["format"]),
        (b"x" * 50_000_000, 0, ["too_large"]),
    ],
)  # fmt: skip
def test_a_table_made_to_take_long_is_read_in_short_steps(data: bytes, found: int, codes: list[str]) -> None:
    assert in_short_steps(table(data)) == (found, codes)

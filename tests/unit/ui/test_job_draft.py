"""What is typed into the form of a job becomes a job, or says what is wrong with it and stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.entities import Job, Part
from app.ui.i18n import Formatter
from app.ui.job.draft import Draft, draft_of, hours_text, read, read_hours

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
FRENCH = Formatter("fr", ZoneInfo("Europe/Paris"))

JOB = Job(id="j1", client_id="c1", title="Programme", started_at=NOW, currency="EUR", fee=180050, rating=4)
PARTS = [
    Part(id="p1", job_id="j1", position=0, title="Automne", amount=60000, delivered_at=NOW, invoiced_at=NOW),
    Part(id="p2", job_id="j1", position=1, title="Hiver", amount=120050),
]


def draft() -> Draft:
    return draft_of(JOB, PARTS, "USD", FRENCH)


def test_what_was_not_touched_comes_back_as_it_was() -> None:
    result = read(draft(), JOB, PARTS, NOW)
    assert result.errors == {}
    assert result.job.model_dump() == JOB.model_dump()
    assert [part.model_dump() for part in result.parts] == [part.model_dump() for part in PARTS]
    assert result.removed == []


def test_the_form_proposes_a_currency_only_where_the_job_names_none() -> None:
    assert draft().currency == "EUR"
    assert draft_of(Job(client_id="c1"), [], "JPY", FRENCH).currency == "JPY"


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("1 234,50", "EUR", 123450),
        ("１２，０００", "JPY", 12000),
        ("¥12,000", "JPY", 12000),
        ("", "EUR", None),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, currency: str, minor: int | None) -> None:
    result = read(replace(draft(), fee=typed, currency=currency, parts=()), JOB, PARTS, NOW)
    assert result.errors == {}
    assert result.job.fee == minor


def test_every_field_that_is_wrong_has_a_sentence() -> None:
    wrong = replace(
        draft().with_part("p2", amount="beaucoup", due_at=NOW - timedelta(days=2)),
        client_id="",
        fee="-5",
        deadline=NOW - timedelta(days=1),
        estimate_minutes="two",
    )
    errors = read(wrong, JOB, PARTS, NOW).errors
    assert set(errors) == {"client_id", "fee", "deadline", "estimate_minutes", "p2.amount", "p2.due_at"}
    assert all(errors.values())


def test_a_part_taken_out_is_removed_and_the_others_close_up() -> None:
    result = read(draft().without_part("p1"), JOB, PARTS, NOW)
    assert [part.id for part in result.removed] == ["p1"]
    assert [(part.id, part.position) for part in result.parts] == [("p2", 0)]


def test_a_new_row_is_a_part_once_something_is_in_it() -> None:
    added = draft().with_new_part()
    assert len(read(added, JOB, PARTS, NOW).parts) == 2
    filled = added.with_part(added.parts[-1].id, title="Printemps")
    new = read(filled, JOB, PARTS, NOW).parts[-1]
    assert (new.title, new.job_id, new.position) == ("Printemps", "j1", 2)


@pytest.mark.parametrize(
    ("typed", "minutes"), [("8", 480), ("1.5", 90), ("1,5", 90), ("1:20", 80), ("１：３０", 90), ("", None)]
)
def test_hours_are_read_as_people_type_them(typed: str, minutes: int | None) -> None:
    assert read_hours(typed) == (minutes, "")


@pytest.mark.parametrize("typed", ["1:75", "-1", "1h", "1.2.3", "nan", "1e3", "inf"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    minutes, problem = read_hours(typed)
    assert minutes is None
    assert problem


@pytest.mark.parametrize("minutes", [0, 5, 15, 20, 61, 90, 24 * 60 + 7])
def test_hours_shown_are_read_back_to_the_minute(minutes: int) -> None:
    assert read_hours(hours_text(minutes))[0] == (minutes or None)

"""The job form: how typed values are read into a job and its parts, or refused with an error text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import flet as ft
import pytest

from app.domain.entities import Job, Part
from app.domain.pricing import whole_amount
from app.i18n import Formatter
from app.ui.job.fee import fee_proposals, price_field
from app.ui.state import AppState
from app.viewmodels.job_draft import JobChanges, JobDraft, draft_of, hours_text, read, read_hours

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
FRENCH = Formatter("fr", ZoneInfo("Europe/Paris"))

JOB = Job(id="j1", client_id="c1", title="Programme", started_at=NOW, currency="EUR", fee=180050, rating=4)
PARTS = [
    Part(id="p1", job_id="j1", position=0, title="Automne", amount=60000, delivered_at=NOW, invoiced_at=NOW),
    Part(id="p2", job_id="j1", position=1, title="Hiver", amount=120050),
]


def draft() -> JobDraft:
    return draft_of(JOB, PARTS, "USD", FRENCH)


def test_reading_an_unchanged_form_changes_nothing() -> None:
    result = read(draft(), JOB, PARTS, NOW)
    assert result.errors == {}
    assert result.job.model_dump() == JOB.model_dump()
    assert [part.model_dump() for part in result.parts] == [part.model_dump() for part in PARTS]


def test_the_form_proposes_a_currency_only_if_the_job_has_none() -> None:
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
def test_typed_amounts_are_read_as_minor_units(typed: str, currency: str, minor: int | None) -> None:
    result = read(replace(draft(), fee=typed, currency=currency, parts=()), JOB, PARTS, NOW)
    assert result.errors == {}
    assert result.job.fee == minor


def test_every_invalid_field_has_an_error_text() -> None:
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


def test_removing_a_part_renumbers_the_others() -> None:
    result = read(draft().without_part("p1"), JOB, PARTS, NOW)
    assert [(part.id, part.position) for part in result.parts] == [("p2", 0)]


def test_a_new_row_becomes_a_part_when_something_is_typed_in_it() -> None:
    added = draft().with_new_part()
    assert len(read(added, JOB, PARTS, NOW).parts) == 2
    filled = added.with_part(added.parts[-1].id, title="Printemps")
    new = read(filled, JOB, PARTS, NOW).parts[-1]
    assert (new.title, new.job_id, new.position) == ("Printemps", "j1", 2)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        *(("8", 480), ("1.5", 90), ("1,5", 90), ("1:20", 80), ("１：３０", 90), ("", None)),
        *(("1h30", 90), ("1 h", 60), ("1時間30分", 90), ("90分", 90), ("90 min", 90)),
    ],
)
def test_typed_hours_are_read_as_minutes(typed: str, minutes: int | None) -> None:
    assert read_hours(typed) == (minutes, "")


@pytest.mark.parametrize("typed", ["1:75", "-1", "h", "1.2.3", "nan", "1e3", "inf"])
def test_invalid_hours_are_refused_with_an_error_text(typed: str) -> None:
    minutes, problem = read_hours(typed)
    assert minutes is None
    assert problem


@pytest.mark.parametrize("minutes", [0, 5, 15, 20, 61, 90, 24 * 60 + 7])
def test_formatted_hours_are_read_back_to_the_minute(minutes: int) -> None:
    assert read_hours(hours_text(minutes))[0] == (minutes or None)


def test_a_price_per_character_times_the_quantity_is_the_amount() -> None:
    typed = replace(
        draft(), basis="per_character", fee="１．２", quantity="3 000", currency="JPY", parts=(),
        platform_fee="16,5 %", withholding=True,
    )  # fmt: skip
    result = read(typed, JOB, PARTS, NOW)
    assert result.errors == {}
    job = result.job
    assert (job.unit_price, job.quantity, job.platform_fee, job.withholding) == (1200, 3_000_000, 1650, True)
    assert job.fee is None  # 1.2 yen is no whole number of yen
    assert whole_amount(job) == 3600
    again = draft_of(job, [], "EUR", FRENCH)
    assert (again.fee, again.quantity, again.platform_fee) == ("1,2", "3000", "16,5")
    assert read(again, job, [], NOW).job.model_dump() == job.model_dump()


def test_a_unit_price_of_an_older_version_is_kept_and_shown() -> None:
    old = Job(client_id="c1", currency="EUR", basis="per_hour", fee=7550, started_at=NOW)
    shown = draft_of(old, [], "EUR", FRENCH)
    assert shown.fee == "75,5"
    saved = read(shown, old, [], NOW).job
    assert (saved.fee, saved.unit_price, saved.quantity) == (7550, 75_500, None)


def test_invalid_prices_quantities_and_percentages_are_refused() -> None:
    wrong = replace(draft(), basis="per_word", fee="beaucoup", quantity="-3", platform_fee="120")
    assert read(wrong, JOB, PARTS, NOW).errors.keys() == {"fee", "quantity", "platform_fee"}


@pytest.mark.parametrize("typed", ["４,０００字", "4,000字", "4 000", "4.000", "4千字"])
def test_typed_quantities_and_unit_prices_may_contain_units(typed: str) -> None:
    counted = replace(
        draft(), basis="per_character", fee="1.2円/字", quantity=typed, currency="JPY", parts=()
    )
    found = read(counted, JOB, PARTS, NOW)
    assert found.errors == {}
    assert (found.job.unit_price, found.job.quantity) == (1200, 4_000_000)


@pytest.mark.parametrize(("typed", "minutes"), [("1時間半", 90), ("１時間３０分", 90), ("2 h et demie", 150)])
def test_hours_with_a_half_are_read_in_japanese_and_french(typed: str, minutes: int) -> None:
    assert read_hours(typed) == (minutes, "")


def test_changing_a_job_to_a_fixed_price_drops_the_quantity() -> None:
    counted = Job(client_id="c1", currency="JPY", basis="per_word", unit_price=5000, quantity=2000)
    job = read(replace(draft_of(counted, [], "JPY", FRENCH), basis="fixed"), counted, [], NOW).job
    assert (job.fee, job.unit_price, job.quantity) == (5, None, None)


# --- platform fees -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "last", "proposed"),
    [
        ("Lancers", {}, ["16,5"]),
        ("CrowdWorks", {}, ["22"]),
        ("Lancers", {"lancers": 1500}, ["15"]),  # the user's value goes before the published one
        ("Fiverr", {}, []),
        ("ココナラ", {}, []),
        ("ココナラ", {"ココナラ": 2200}, ["22"]),
    ],
)
def test_a_platform_fee_is_proposed_only_if_published_or_typed_before(
    platform: str, last: dict[str, int], proposed: list[str]
) -> None:
    typed = replace(draft(), platform=platform, platform_fee="")
    assert list(fee_proposals(FRENCH, typed, last)) == proposed
    assert fee_proposals(FRENCH, replace(typed, platform_fee="10"), last) == {}


# --- delivery and payment dates ----------------------------------------------------------------------------

EARLIER, AHEAD = NOW - timedelta(days=3), NOW + timedelta(days=1)


def test_the_dates_of_a_part_can_be_added_corrected_and_removed() -> None:
    typed = (
        draft()
        .with_part("p1", delivered_at=EARLIER, invoiced_at=None)
        .with_part("p2", delivered_at=EARLIER, invoiced_at=EARLIER, paid_at=NOW)
    )
    first, second = read(typed, JOB, PARTS, NOW).parts
    assert (first.delivered_at, first.invoiced_at, first.paid_at) == (EARLIER, None, None)
    assert (second.delivered_at, second.invoiced_at, second.paid_at) == (EARLIER, EARLIER, NOW)
    taken_back = read(typed.with_part("p1", delivered_at=None), JOB, PARTS, NOW).parts[0]
    assert taken_back.delivered_at is None


def test_a_future_delivery_or_payment_date_is_refused_unless_already_stored() -> None:
    typed = replace(draft().with_part("p1", delivered_at=AHEAD, paid_at=AHEAD), delivered_at=AHEAD)
    errors = read(typed, JOB, PARTS, NOW).errors
    assert errors.keys() == {"p1.delivered_at", "p1.paid_at", "delivered_at"}
    stored = [Part(id="p1", job_id="j1", amount=1, delivered_at=AHEAD)]
    assert read(draft_of(JOB, stored, "EUR", FRENCH), JOB, stored, NOW).errors == {}


def test_the_dates_of_a_job_paid_as_a_whole_can_be_corrected() -> None:
    job = Job(id="j", client_id="c", started_at=EARLIER, status="paid", delivered_at=NOW, paid_at=NOW)
    typed = replace(draft_of(job, [], "EUR", FRENCH), delivered_at=EARLIER, paid_at=None)
    found = read(typed, job, [], NOW).job
    assert (found.delivered_at, found.paid_at) == (EARLIER, None)
    steps = draft_of(job, [Part(id="p", job_id="j", title="Step")], "EUR", FRENCH)
    assert not steps.is_paid_by_part
    assert steps.with_part("p", amount="10").is_paid_by_part


def test_a_draft_of_an_older_version_removes_no_delivery_date() -> None:
    """An older version kept the parts in a draft without their delivery and payment dates."""
    left = {"parts": [{"id": "p1", "title": "Automne, revu"}, {"id": "new", "title": "Printemps"}]}
    found = JobChanges(draft()).unpack(left)
    assert found is not None
    assert [(row.title, row.delivered_at) for row in found.parts] == [
        ("Automne, revu", NOW),
        ("Printemps", None),
    ]


def test_the_fee_field_shows_the_unit_used_in_amounts(app: AppState) -> None:
    app.settings.language = "ja"
    field: Any = price_field(app, replace(draft(), currency="JPY", parts=()), {}, print)
    while not isinstance(field, ft.TextField):
        field = field.content
    assert field.suffix == app.format.unit("JPY") == "¥"

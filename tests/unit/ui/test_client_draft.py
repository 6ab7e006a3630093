"""The client form: how typed values are read and refused; saving unchanged input changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.domain.calls import next_standing_call
from app.domain.codes import ReplyBasis
from app.domain.column_types import Channel
from app.domain.entities import OFFICE_HOURS, Client, Settings
from app.domain.hours import WorkCalendar, work_calendar
from app.i18n import Formatter
from app.viewmodels.client_draft import (
    ClientDraft,
    draft_of,
    new_client,
    read,
    read_count,
    read_hours,
    readdressed,
    split_proposed,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
SETTINGS = Settings(time_zone="Europe/Paris", currency="EUR")
CALENDAR: WorkCalendar = work_calendar(SETTINGS)
FRENCH = Formatter("fr", ZoneInfo("Europe/Paris"))
TOKYO = ZoneInfo("Asia/Tokyo")


def typed(client: Client, **fields: object) -> ClientDraft:
    return replace(draft_of(client, SETTINGS, CALENDAR, FRENCH), **fields)


def saved(client: Client, **fields: object) -> Client:
    """The client as read from the form; fails when a field is refused."""
    edited, errors = read(typed(client, **fields), client, SETTINGS, CALENDAR, NOW)
    assert errors == {}
    return edited


def refused(client: Client, **fields: object) -> set[str]:
    return set(read(typed(client, **fields), client, SETTINGS, CALENDAR, NOW)[1])


def full_client() -> Client:
    return Client(
        name="Marc Durand",
        honorific="M.",
        language="fr",
        channels=[Channel(kind="phone", handle="01 23 45 67 89")],
        time_zone="Asia/Tokyo",
        working_hours=dict(OFFICE_HOURS),
        reply_minutes=90,
        reply_basis=ReplyBasis.BUSINESS,
        call_allowance=0,
        standing_call_rule="FREQ=WEEKLY;BYDAY=FR",
        standing_call_start=datetime(2026, 10, 2, 1, 0, tzinfo=UTC),
        standing_call_minutes=45,
        unpaid_limit=250_050,
        payment_days=14,
        rate=8_500,
        availability_rate=12_000,
        currency="USD",
        stance="ready_to_leave",
        notes="Appelle souvent.",
    )


@pytest.mark.parametrize(
    "client",
    [
        full_client(),
        Client(name="Ana"),
        Client(name="株式会社青空", language="ja", honorific="様"),  # as the first edition stored it
        Client(name="佐藤", party="person", organisation="株式会社青空", language="ja", honorific="様"),
        Client(name="青空", party="organisation", language="ja", honorific="ご担当者様", reading="あおぞら"),
    ],
)
def test_opening_and_saving_the_form_changes_nothing(client: Client) -> None:
    assert saved(client).model_dump() == client.model_dump()


def test_only_the_name_is_required() -> None:
    assert refused(Client(), person="  ") == {"name"}
    assert saved(Client(), person=" Ana ").name == "Ana"


def test_all_errors_are_reported_at_once_by_field() -> None:
    wrong = refused(
        Client(name="Ana"),
        reply_basis=ReplyBasis.CLOCK,
        reply_hours="soon",
        call_allowance="two",
        rate="1,2,3",
        unpaid_limit="lots",
    )
    assert wrong == {"reply_minutes", "call_allowance", "rate", "unpaid_limit"}


def test_following_the_settings_reply_target_stores_none_on_the_client() -> None:
    client = saved(full_client(), reply_basis="", reply_hours="not read")
    assert (client.reply_minutes, client.reply_basis) == (None, None)


def test_an_empty_allowance_follows_the_settings_and_zero_is_stored() -> None:
    assert saved(full_client(), call_allowance="").call_allowance is None
    assert saved(full_client(), call_allowance="0").call_allowance == 0


def test_hours_marked_unknown_are_not_stored_but_stay_in_the_draft() -> None:
    draft = typed(full_client(), hours_known=False)
    edited, _ = read(draft, full_client(), SETTINGS, CALENDAR, NOW)
    assert edited.working_hours == {}
    assert draft.working_hours == OFFICE_HOURS


def test_amounts_are_read_in_the_currency_chosen_with_them() -> None:
    client = saved(Client(name="山田"), currency="JPY", rate="３,０００円")
    assert (client.rate, client.currency) == (3_000, "JPY")


def test_a_standing_call_starts_on_its_next_weekday_in_the_clients_zone() -> None:
    client = saved(Client(name="Aoi", time_zone="Asia/Tokyo"), call_days=(4,), call_time="09:00")
    first = next_standing_call(client, NOW, CALENDAR)
    assert first is not None
    assert first.astimezone(TOKYO) == datetime(2026, 11, 27, 9, 0, tzinfo=TOKYO)


def test_a_new_time_moves_the_standing_call_and_no_day_ends_it() -> None:
    moved = saved(full_client(), call_time="15:30")
    assert moved.standing_call_start is not None
    assert moved.standing_call_start.astimezone(TOKYO).time() == time(15, 30)
    ended = saved(full_client(), call_days=())
    assert (ended.standing_call_rule, ended.standing_call_start) == ("", None)


def test_a_fortnightly_call_keeps_its_weeks_when_other_fields_change() -> None:
    client = full_client()
    client.standing_call_rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"
    kept = saved(client, notes="autre")
    assert next_standing_call(kept, NOW, CALENDAR) == next_standing_call(client, NOW, CALENDAR)
    weekly = saved(client, call_weeks=1)
    assert weekly.standing_call_rule == "FREQ=WEEKLY;BYDAY=FR"


def test_a_recurrence_rule_the_form_cannot_show_is_kept() -> None:
    client = full_client()
    client.standing_call_rule = "FREQ=MONTHLY;BYDAY=1MO"
    kept = saved(client, notes="autre")
    assert kept.standing_call_rule == "FREQ=MONTHLY;BYDAY=1MO"
    assert kept.standing_call_start == client.standing_call_start


def test_an_error_inside_a_channel_is_reported_for_the_channels_field() -> None:
    assert refused(full_client(), channels=(Channel(kind="email", handle="x" * 999),)) == {"channels"}


@pytest.mark.parametrize(
    ("text", "minutes"), [("24", 1440), ("0.5", 30), ("1,5", 90), (" ８ ", 480), ("1440", 86_400)]
)
def test_typed_hours_are_read_as_minutes(text: str, minutes: int) -> None:
    assert read_hours(text) == (minutes, "")


@pytest.mark.parametrize("text", ["", "x", "-3", "0", "1441", "nan", "inf", "1e400", "1:30"])
def test_invalid_hours_are_refused_with_an_error_text(text: str) -> None:
    minutes, error = read_hours(text)
    assert minutes is None
    assert error


@pytest.mark.parametrize("text", ["-1", "1.5", "two", "9999999"])
def test_invalid_counts_are_refused_with_an_error_text(text: str) -> None:
    count, error = read_count(text)
    assert count is None
    assert error


def test_a_count_may_be_empty_unless_it_is_required() -> None:
    assert read_count(" ") == (None, "")
    assert read_count("", required=True)[1]
    assert read_count("１２") == (12, "")


# --- the client's identity ---------------------------------------------------------------------------------


def addressed(client: Client, **fields: str) -> tuple[str, str, str, str]:
    """The client as saved after typing into the form field by field."""
    draft = typed(client)
    for name, text in fields.items():
        draft = replace(draft, **readdressed(draft, **{name: text}))
    kept, errors = read(draft, client, SETTINGS, CALENDAR, NOW)
    assert errors == {}
    return kept.name, kept.party, kept.organisation, kept.honorific


def test_an_organisation_gets_onchu_and_a_person_in_it_gets_sama() -> None:
    new = new_client(Settings(language="ja"), NOW)
    assert addressed(new, organisation="株式会社青空") == ("株式会社青空", "organisation", "", "御中")
    both = addressed(new, organisation="株式会社青空", person="佐藤花子")
    assert both == ("佐藤花子", "person", "株式会社青空", "様")
    sasha = addressed(new, organisation="青空", person="佐藤")
    assert sasha == ("佐藤", "person", "青空", "様")


def test_changing_the_language_changes_the_honorific() -> None:
    new = new_client(Settings(language="ja"), NOW)
    assert addressed(new, person="Lefèvre", language="fr") == ("Lefèvre", "person", "", "")
    assert addressed(new, organisation="Les Halles", language="fr")[3] == ""
    assert addressed(Client(name="Weber", honorific="Mme", language="fr"), language="ja")[3] == "様"


def test_the_title_is_removed_when_only_the_organisation_is_left() -> None:
    client = Client(name="Lefèvre", party="person", organisation="Les Halles", honorific="M.", language="fr")
    assert addressed(client, person="") == ("Les Halles", "organisation", "", "")


def test_a_client_without_person_and_organisation_is_refused() -> None:
    assert refused(Client(name="Ana"), person="", organisation=" ") == {"name"}


# --- an organisation and a person in one field -------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "person", "organisation", "honorific"),
    [
        (Client(name="株式会社青空 高橋", honorific="様", language="ja"), "高橋", "株式会社青空", "様"),
        (Client(name="Acme SARL – Mme Durand", language="fr"), "Durand", "Acme SARL", "Mme"),
    ],
)
def test_an_organisation_and_person_in_one_field_are_split_when_the_user_agrees(
    stored: Client, person: str, organisation: str, honorific: str
) -> None:
    draft = typed(stored)
    assert saved(stored).name == stored.name  # nothing is split without the user
    found = split_proposed(draft)
    assert found is not None
    after = replace(
        draft,
        **readdressed(draft, person=found.person, organisation=found.organisation, honorific=found.honorific),
    )
    client, errors = read(after, stored, SETTINGS, CALENDAR, NOW)
    assert errors == {}
    assert (client.name, client.organisation, client.honorific) == (person, organisation, honorific)
    assert split_proposed(after) is None


def test_no_split_is_proposed_when_both_fields_or_neither_are_filled() -> None:
    both = typed(Client(name="Durand (Acme)", organisation="Acme SARL", language="fr"))
    assert split_proposed(both) is None
    assert split_proposed(typed(Client(name=""))) is None

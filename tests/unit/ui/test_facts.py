"""Values that fill the blanks of a script: the app's own data, worded for the client who reads the text."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import i18n
from app.domain.codes import Direction, JobStatus, MessageKind
from app.domain.column_types import DayOff
from app.domain.entities import Call, Client, Conversation, Job, Message, Part, Settings, StatusUpdate
from app.domain.exposure import Payment, PaymentStep
from app.domain.hours import work_calendar
from app.domain.reply import acknowledge, add_question, mark_answered, mark_asked
from app.viewmodels.scripts import facts
from app.viewmodels.scripts.facts import Situation

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday: 10:00 in Paris, 18:00 in Tokyo
DAY = timedelta(days=1)
NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def _english() -> None:
    i18n.use_language("en")


def situation(settings: Settings | None = None, **known: Any) -> Situation:
    settings = settings or Settings(name="Robin", time_zone="Europe/Paris", currency="EUR")
    return Situation(
        **{
            "now": NOW,
            "settings": settings,
            "calendar": work_calendar(settings),
            "language": "en",
            **known,
        }
    )


def value(name: str, **known: Any) -> str | None:
    return facts.values(situation(**known)).get(name)


def friday_client(**fields: Any) -> Client:
    """A client with a standing call on Fridays at 10:00 in Paris."""
    start = datetime(2026, 11, 6, 9, 0, tzinfo=UTC)
    return Client(
        **{"name": "Haddad", "standing_call_rule": "FREQ=WEEKLY;BYDAY=FR", "standing_call_start": start}
        | fields
    )


def parts(*states: str) -> list[Part]:
    """Parts of 100 € each; "d" is delivered, "p" paid, "dp" both."""
    return [
        Part(
            position=place,
            title=f"Part {chr(ord('A') + place)}",
            amount=10_000,
            delivered_at=NOW if "d" in state else None,
            paid_at=NOW if "p" in state else None,
        )
        for place, state in enumerate(states)
    ]


# --- names and honorifics ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (Client(name="Ana"), "Ana"),
        (Client(name="山田", honorific="様", language="ja"), "山田様"),
        (Client(name="Durand", honorific="M.", language="fr"), "Monsieur Durand"),
        (Client(name="Weber", honorific="mme", language="fr"), "Madame Weber"),
        (Client(name="Weber", honorific="Dr", language="fr"), "Dr Weber"),
    ],
)
def test_the_client_is_addressed_with_the_honorific(client: Client, expected: str) -> None:
    assert value("client", client=client) == expected


def test_a_missing_name_is_left_as_a_blank() -> None:
    assert "me" not in facts.values(situation(Settings(name="  ")))
    assert "client" not in facts.values(situation())


# --- days and times ----------------------------------------------------------------------------------------


def test_the_next_call_is_worded_as_weekday_date_and_time() -> None:
    assert value("next_call", client=friday_client()) == f"Friday, November 27 at 10{NBSP}AM"


def test_next_call_names_the_following_call_once_the_call_has_begun() -> None:
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    before = value("next_call", client=friday_client(), now=friday - timedelta(minutes=1))
    after = value("next_call", client=friday_client(), now=friday)
    assert before is not None
    assert before.startswith("Friday, November 27")
    assert after is not None
    assert after.startswith("Friday, December 4")


@pytest.mark.parametrize(
    ("days_off", "expected"),
    [
        ([], "Friday, November 27 at 10"),
        (["2026-11-28"], "Friday, November 27 at 10"),
        (
            ["2026-11-27"],
            "Friday, December 4 at 10 (there is no call on Friday, November 27, when I am away)",
        ),
    ],
)
def test_the_next_call_names_calls_that_fall_on_days_off(days_off: list[str], expected: str) -> None:
    off = [DayOff(first=day, last=day) for day in days_off]
    settings = Settings(time_zone="Europe/Paris", days_off=off)
    known = facts.values(situation(settings, client=friday_client()))
    assert known["next_call"].replace(NBSP, " ").replace("10 AM", "10") == expected


def test_the_next_call_names_calls_that_fall_on_public_holidays() -> None:
    settings = Settings(time_zone="Europe/Paris", holiday_country="FR")
    now = datetime(2026, 12, 21, 9, 0, tzinfo=UTC)
    known = facts.values(situation(settings, now=now, client=friday_client()))
    assert "Friday, January 8, 2027 at 10" in known["next_call"]
    assert known["next_call"].endswith(
        "(there is no call on Friday, December 25 and Friday, January 1, which are public holidays)"
    )


def test_without_a_standing_call_there_is_no_next_call() -> None:
    assert not {"next_call", "standing_call"} & facts.values(situation(client=Client(name="Ana"))).keys()


def test_a_day_in_another_year_names_the_year() -> None:
    late = datetime(2026, 12, 27, 9, 0, tzinfo=UTC)
    named = value("next_call", client=friday_client(), now=late)
    assert named is not None
    assert "2027" in named


def test_times_are_worded_in_the_text_s_language_not_the_app_s() -> None:
    named = value("next_call", client=friday_client(language="fr"), language="fr")
    assert named is not None
    assert named == f"vendredi 27 novembre à 10{NBSP}h"


@pytest.mark.parametrize(
    ("language", "clock", "expected"),
    [
        ("fr", "09:00", f"mardi 1er décembre à 10{NBSP}h"),
        ("fr", "08:05", f"mardi 1er décembre à 9{NBSP}h{NBSP}05"),
        ("ja", "09:00", "12月1日（火）10時"),
        ("ja", "09:30", "12月1日（火）10時30分"),
        ("en", "09:00", f"Tuesday, December 1 at 10{NBSP}AM"),
        ("en", "09:30", f"Tuesday, December 1 at 10:30{NBSP}AM"),
    ],
)
def test_days_and_times_are_written_out_as_in_a_letter(language: str, clock: str, expected: str) -> None:
    at = datetime.fromisoformat(f"2026-12-01T{clock}:00+00:00")
    assert facts.worded(situation(language=language), "due", at) == expected


def test_times_are_in_the_client_s_zone_and_name_it() -> None:
    client = Client(name="Marcus", time_zone="America/New_York")
    message = Message(client_id=client.id, at=NOW - timedelta(hours=1))
    due = value("due", client=client, message=message)
    assert due == f"Wednesday, November 25 at 3{NBSP}AM (Eastern Standard Time)"


def test_a_zone_with_the_same_time_is_not_named() -> None:
    client = Client(name="Lena", time_zone="Europe/Berlin")
    message = Message(client_id=client.id, at=NOW - timedelta(hours=1))
    assert value("due", client=client, message=message) == f"Wednesday, November 25 at 9{NBSP}AM"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=FR", f"a call every Friday at 10{NBSP}AM"),
        ("FREQ=WEEKLY;BYDAY=TU,FR", f"a call every Tuesday and Friday at 10{NBSP}AM"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", f"a call every other Friday at 10{NBSP}AM"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", None),
    ],
)
def test_the_recurrence_of_the_standing_call_is_put_into_words(rule: str, expected: str | None) -> None:
    assert value("standing_call", client=friday_client(standing_call_rule=rule)) == expected


# --- a message -------------------------------------------------------------------------------------------


def test_due_is_the_end_of_the_reply_window() -> None:
    message = Message(at=NOW - timedelta(hours=2), summary="The spring leaflet")
    known = facts.instants(situation(message=message))
    assert known["due"] == NOW + timedelta(hours=22)


def test_due_is_the_promised_time_after_an_acknowledgement() -> None:
    message = Message(at=NOW - timedelta(hours=2))
    acknowledge(message, NOW - timedelta(hours=1), NOW + timedelta(days=3))
    assert facts.instants(situation(message=message))["due"] == NOW + timedelta(days=3)


def test_an_expired_reply_window_gives_no_due_time() -> None:
    message = Message(at=NOW - timedelta(hours=24))
    assert "due" not in facts.instants(situation(message=message))


def test_the_matter_is_the_message_s_summary_or_else_the_job_s_title() -> None:
    job = Job(title="Home page")
    assert value("matter", message=Message(summary="The header photo"), job=job) == "The header photo"
    assert value("matter", message=Message(), job=job) == "Home page"
    assert value("matter", message=Message()) is None


def test_one_question_is_inserted_as_is_and_several_are_numbered() -> None:
    message = Message(kind=MessageKind.QUESTION)
    add_question(message, "With tax?")
    assert value("question", message=message) == "With tax?"
    add_question(message, "How many copies?")
    assert value("question", message=message) == "1. With tax?\n2. How many copies?"


def test_unasked_questions_come_first_and_answered_ones_never() -> None:
    message = Message()
    first, second = (add_question(message, text) for text in ("With tax?", "How many copies?"))
    mark_asked(message, first["id"], NOW)
    assert value("question", message=message) == "How many copies?"
    mark_answered(message, second["id"], NOW)
    assert value("question", message=message) == "With tax?"
    mark_answered(message, first["id"], NOW)
    assert value("question", message=message) is None


# --- updates and silence ---------------------------------------------------------------------------------


def test_a_check_in_is_answered_with_the_last_update_about_its_job() -> None:
    client = Client(name="Marcus")
    about = StatusUpdate(
        client_id=client.id, job_id="landing", at=NOW - timedelta(days=2), text="Half is done."
    )
    newer = StatusUpdate(client_id=client.id, job_id="logo", at=NOW - timedelta(days=1), text="Logo sent.")
    asked = Message(client_id=client.id, job_id="landing", at=NOW, kind=MessageKind.CHECK_IN)
    known = facts.values(situation(client=client, message=asked, updates=[newer, about], moment="check-in"))
    assert known["last_update"] == "Half is done."
    assert known["sent_on"] == "Sunday, November 22"


def test_a_call_is_answered_with_the_last_update_too() -> None:
    client = Client(name="Marcus")
    update = StatusUpdate(client_id=client.id, at=NOW - timedelta(days=2), text="Half is done.")
    assert value("last_update", client=client, call=Call(client_id=client.id, at=NOW), updates=[update])


def test_a_follow_up_opened_from_the_client_names_the_awaited_message() -> None:
    client = Client(name="Tom")
    sent = Message(
        client_id=client.id, direction=Direction.OUT, at=NOW - timedelta(days=4), summary="The second invoice"
    )
    known = facts.values(situation(client=client, awaited=sent, moment="follow-up-1"))
    assert known["sent_on"] == "Friday, November 20"
    assert known["matter"] == "The second invoice"


# --- calls -----------------------------------------------------------------------------------------------


def calls_hours_ago(*hours_ago: int, **fields: Any) -> list[Call]:
    return [Call(client_id="c", at=NOW - timedelta(hours=hours), **fields) for hours in hours_ago]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((), None),
        ((1,), "1 call without an appointment on Tuesday, November 24"),
        ((1, 2), "2 calls without an appointment on Tuesday, November 24"),
        ((1, 26), "2 calls without an appointment since Monday, November 23"),
        (
            (1, 2, 3, 26, 24 * 9),
            "5 calls without an appointment since Sunday, November 15 (3 of them on Tuesday, November 24)",
        ),
        ((1, 24 * 31), "1 call without an appointment on Tuesday, November 24"),
    ],
)
def test_call_counts_are_worded_by_day_and_period(hours: tuple[int, ...], expected: str | None) -> None:
    planned = calls_hours_ago(5, scheduled=True)
    assert (
        value("call_counts", client=Client(id="c", name="Ana"), calls=[*calls_hours_ago(*hours), *planned])
        == expected
    )


def test_only_calls_since_an_agreement_are_counted() -> None:
    agreed = Conversation(
        client_id="c", at=NOW - timedelta(days=3), outcome="agreed", answered_at=NOW - timedelta(days=2)
    )
    counted = value(
        "call_counts", client=Client(name="Ana"), calls=calls_hours_ago(1, 60, 80), conversations=[agreed]
    )
    assert counted == "1 call without an appointment on Tuesday, November 24"


@pytest.mark.parametrize(
    ("minutes", "basis", "expected"),
    [
        (24 * 60, "clock", "within 24 hours"),
        (60, "clock", "within 1 hour"),
        (90, "clock", "within 90 minutes"),
        (24 * 60, "business", "within 1 working day"),
        (48 * 60, "business", "within 2 working days"),
        (4 * 60, "business", "within 4 hours of working time"),
    ],
)
def test_reply_time_words_the_client_s_reply_target(minutes: int, basis: str, expected: str) -> None:
    client = Client(name="Ana", reply_minutes=minutes, reply_basis=basis)
    assert value("reply_time", client=client) == expected


def test_a_proposed_call_is_not_presented_as_agreed() -> None:
    proposed = Conversation(
        client_id="c",
        at=NOW,
        standing_call_rule="FREQ=WEEKLY;BYDAY=TU",
        standing_call_start=datetime(2026, 12, 1, 9, 0, tzinfo=UTC),
    )
    known = facts.values(situation(client=Client(name="Ana"), conversations=[proposed]))
    assert known["proposed_call"] == f"a call every Tuesday at 10{NBSP}AM"
    assert "standing_call" not in known
    agreed = facts.values(situation(client=friday_client(), conversations=[proposed]))
    assert agreed["proposed_call"] == agreed["standing_call"] == f"a call every Friday at 10{NBSP}AM"


# --- a job -----------------------------------------------------------------------------------------------


def test_a_delivery_text_lists_delivered_and_remaining_parts() -> None:
    known = facts.values(situation(job=Job(title="Brochures"), parts=parts("d", "d", ""), moment="delivery"))
    assert (known["parts_done"], known["parts_left"]) == ("Part A and Part B", "Part C")


def test_a_delivery_text_lists_only_the_parts_delivered_that_day() -> None:
    rows = parts("d", "d", "")
    rows[0].delivered_at = NOW - timedelta(days=9)
    assert value("parts_done", job=Job(), parts=rows, moment="delivery") == "Part B"
    assert value("parts_done", job=Job(), parts=rows, moment="update") == "Part A and Part B"


def test_a_payment_text_lists_paid_parts_and_states_the_amount_owed() -> None:
    """First seed: deliver what is paid for; the rest follows the payment."""
    known = facts.values(situation(job=Job(title="Brochures"), parts=parts("dp", "d", ""), moment="payment"))
    assert (known["parts_done"], known["parts_left"]) == (
        "Part A",
        "Part C",
    )  # part B is delivered: it is owed
    assert known["amount"] == "€100.00"


def test_with_nothing_owed_the_amount_is_that_of_the_unpaid_parts() -> None:
    assert value("amount", job=Job(), parts=parts("dp", "", ""), moment="payment") == "€200.00"


def test_a_reminder_text_covers_only_the_payments_at_its_step() -> None:
    job, rows = Job(title="Brochures"), parts("d", "d")
    rows[1].amount = 5_000
    first, second = (
        Payment(job, part, part.amount or 0, "EUR", NOW - days * DAY, step, NOW, ())
        for part, days, step in ((rows[0], 20, PaymentStep.REMIND), (rows[1], -9, PaymentStep.WAITING))
    )
    rows[0].invoiced_at = NOW - 30 * DAY
    known = {"job": job, "parts": rows, "payments": [first, second], "moment": "payment"}
    assert value("amount", **known, script="payment-reminder") == "€100.00"
    assert value("invoice_date", **known, script="payment-reminder") == "Sunday, October 25"
    # A text that fits no payment's step is about all payments.
    assert value("amount", **known, script="paid-part-only") == "€150.00"
    assert value("invoice_date", **known, script="paid-part-only") is None


def test_the_amount_is_in_the_job_s_currency() -> None:
    job = Job(status=JobStatus.DELIVERED, fee=12_000, currency="JPY")
    assert value("amount", job=job, moment="payment") == "¥12,000"


def test_a_part_without_a_title_is_named_by_its_number() -> None:
    untitled = [Part(), Part(delivered_at=NOW)]
    assert value("parts_done", job=Job(), parts=untitled) == "part 2"


def test_the_deadline_is_that_of_the_next_part_to_deliver() -> None:
    first, second = parts("d", "")
    first.due_at, second.due_at = NOW - timedelta(days=1), NOW + timedelta(days=2)
    job = Job(deadline=NOW + timedelta(days=9))
    assert facts.instants(situation(job=job, parts=[first, second]))["deadline"] == second.due_at
    assert facts.instants(situation(job=job))["deadline"] == job.deadline


def test_rates_are_worded_per_hour_in_the_client_s_currency() -> None:
    client = Client(name="Marcus", rate=8_500, availability_rate=120_050, currency="USD")
    known = facts.values(situation(client=client))
    assert known["rate"] == "$85 an hour"
    assert known["availability_rate"] == "$1,200.50 an hour"
    assert facts.values(situation(client=client, language="fr"))["rate"] == f"85{NBSP}$US de l’heure"
    yen = Client(name="Sato", rate=3_000, currency="JPY")
    assert facts.values(situation(client=yen))["rate"] == "¥3,000 an hour"


def test_invoice_dates_cover_unpaid_parts_and_are_blank_if_one_is_unknown() -> None:
    rows = parts("dp", "d", "d", "")
    for days, part in enumerate(rows):
        part.invoiced_at = NOW - timedelta(days=9 - days)
    assert (
        value("invoice_date", job=Job(title="Site"), parts=rows)
        == "Monday, November 16 and Tuesday, November 17"
    )
    rows[1].invoiced_at = None
    assert value("invoice_date", job=Job(title="Site"), parts=rows) is None
    whole = Job(title="Flyer", invoiced_at=NOW - timedelta(days=7))
    assert value("invoice_date", job=whole) == "Tuesday, November 17"
    assert value("invoice_date", job=Job(title="Flyer")) is None


def payment(amount: int, due_in_days: int) -> Payment:
    due = NOW + timedelta(days=due_in_days)
    return Payment(Job(title="Site"), None, amount, "EUR", due, PaymentStep.WAITING, due, ())


def test_a_reminder_asks_only_for_the_payments_that_are_overdue() -> None:
    awaited = [payment(70_000, -14), payment(50_000, 30)]
    about = situation(moment="payment", script="payment-reminder-firm", payments=awaited)
    assert [each.amount for each in facts.asked_for(about)] == [70_000]


# --- the text --------------------------------------------------------------------------------------------


def test_joined_pieces_equal_the_text_and_mark_missing_values() -> None:
    cut = facts.pieces("Hi {client}, by {due}. {client}!", {"client": "{due} Ana", "due": " "})
    assert [text for text, _name, _known in cut] == [
        "Hi ",
        "{due} Ana",
        ", by ",
        "{due}",
        ". ",
        "{due} Ana",
        "!",
    ]
    assert [name for _text, name, known in cut if not known] == ["due"]


def test_a_text_without_blanks_is_one_piece() -> None:
    assert facts.pieces("Thank you.", {}) == [("Thank you.", "", True)]


def test_values_contain_no_narrow_no_break_space() -> None:
    client = friday_client(language="fr", rate=123_456_700, currency="EUR")
    assert all(
        "\u202f" not in text for text in facts.values(situation(client=client, language="fr")).values()
    )

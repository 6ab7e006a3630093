"""Validation, as used by forms and restores."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.entities import (
    KINDS,
    Call,
    Checklist,
    Client,
    Conversation,
    Entity,
    Job,
    Message,
    Part,
    Script,
    Settings,
    StatusUpdate,
)
from app.domain.validation import check
from tests.unit.domain.support import at

NOW = at("2026-03-24 10:00")
DAY = timedelta(days=1)

COMPLETE: dict[str, dict[str, object]] = {
    "client": {"name": "Sato"},
    "message": {"client_id": "c", "at": NOW},
    "call": {"client_id": "c"},
    "topic": {"client_id": "c", "text": "the invoice"},
    "update": {"client_id": "c"},
    "conversation": {"client_id": "c", "at": NOW},
    "job": {"client_id": "c", "started_at": NOW},
    "part": {"job_id": "j"},
    "script": {"title": "Thanks", "body": "Thank you, {client}."},
    "checklist": {"title": "Before a reply", "items": [{"id": "a", "text": "Spelling"}]},
    "settings": {},
}


def problems(kind: str, **fields: object) -> list[tuple[str, str]]:
    return [(found.field, found.code) for found in check(KINDS[kind](**(COMPLETE[kind] | fields)))]


@pytest.mark.parametrize("kind", KINDS)
def test_minimal_records_are_valid(kind: str) -> None:
    assert problems(kind) == []


@pytest.mark.parametrize(
    ("entity", "fields"),
    [
        (Client(name=" \t"), ["name"]),
        (Message(), ["client_id"]),
        (Call(), ["client_id"]),
        (StatusUpdate(), ["client_id"]),
        (Conversation(), ["client_id"]),
        (Job(), ["client_id"]),
        (Part(), ["job_id"]),
        (Script(), ["title", "body"]),
        (Checklist(), ["title"]),
        (Settings(id=""), ["id"]),
    ],
)
def test_missing_required_fields_are_reported(entity: Entity, fields: list[str]) -> None:
    assert [(found.field, found.code) for found in check(entity)] == [(name, "required") for name in fields]


def question(**fields: object) -> dict[str, object]:
    return {"id": "q", "text": "Which blue?", "asked_at": None, "answered_at": None} | fields


@pytest.mark.parametrize(
    ("kind", "fields", "found"),
    [
        ("client", {"name": "a" * 201}, [("name", "too_long")]),
        ("client", {"notes": "a" * 50_001}, [("notes", "too_long")]),
        ("client", {"language": "de"}, [("language", "choice")]),
        ("client", {"time_zone": "Mars/Olympus"}, [("time_zone", "zone")]),
        ("client", {"currency": "Euro"}, [("currency", "currency")]),
        ("client", {"reply_minutes": 0}, [("reply_minutes", "range")]),
        ("client", {"call_allowance": -1}, [("call_allowance", "range")]),
        ("client", {"unpaid_limit": -1}, [("unpaid_limit", "range")]),
        ("client", {"standing_call_rule": "FREQ=WEEKLY"}, [("standing_call_start", "required")]),
        (
            "client",
            {"standing_call_rule": "Fridays", "standing_call_start": NOW},
            [("standing_call_rule", "rule")],
        ),
        ("client", {"working_hours": {"0": [["18:00"]]}}, [("working_hours", "hours")]),
        ("client", {"working_hours": {"0": 9}}, [("working_hours", "format")]),
        ("client", {"channels": [{"kind": "pigeon", "handle": ""}]}, [("channels.0.kind", "choice")]),
        (
            "client",
            {"channels": [{"kind": "line", "handle": ""}, {"kind": "line", "handle": "a" * 201}]},
            [("channels.1.handle", "too_long")],
        ),
        ("client", {"channels": [{"kind": "line"}]}, [("channels.0", "format")]),
        ("message", {"due_at": NOW - DAY}, [("due_at", "order")]),
        ("message", {"replied_at": NOW - DAY}, [("replied_at", "order")]),
        ("message", {"promised_at": NOW + DAY}, [("acknowledged_at", "required")]),
        ("message", {"acknowledged_at": NOW + DAY, "promised_at": NOW}, [("promised_at", "order")]),
        ("message", {"direction": "up"}, [("direction", "choice")]),
        ("message", {"followed_up_at": ["yesterday"]}, [("followed_up_at", "format")]),
        ("message", {"followed_up_at": ["2026-03-24T10:00"]}, [("followed_up_at", "format")]),  # no zone
        ("message", {"questions": [question(text="  ")]}, [("questions.0.text", "required")]),
        ("message", {"questions": [question(asked_at="soon")]}, [("questions.0.asked_at", "format")]),
        ("message", {"questions": ["What?"]}, [("questions.0", "format")]),
        ("message", {"checklists": {"reply": [1]}}, [("checklists", "format")]),
        ("message", {"at": NOW.replace(tzinfo=None)}, [("at", "format")]),
        ("message", {"at": NOW.replace(tzinfo=None), "due_at": NOW}, [("at", "format")]),
        ("message", {"at": datetime(1800, 1, 1, tzinfo=UTC)}, [("at", "range")]),
        ("call", {"outcome": "ignored", "minutes": -5}, [("minutes", "range"), ("outcome", "choice")]),
        ("conversation", {"step": 0, "outcome": "hung up"}, [("step", "range"), ("outcome", "choice")]),
        ("conversation", {"step": 6, "decision": "wait"}, [("step", "range"), ("decision", "choice")]),
        ("conversation", {"answered_at": NOW - DAY}, [("answered_at", "order")]),
        ("conversation", {"standing_call_rule": "Fridays"}, [("standing_call_rule", "rule")]),
        ("client", {"payment_days": 366}, [("payment_days", "range")]),
        ("job", {"reminded_at": ["soon"]}, [("reminded_at", "format")]),
        ("job", {"deadline": NOW - DAY}, [("deadline", "order")]),
        ("job", {"rating": 6}, [("rating", "range")]),
        ("job", {"fee": 10**15 + 1}, [("fee", "range")]),
        ("job", {"status": "late", "basis": "barter"}, [("status", "choice"), ("basis", "choice")]),
        ("part", {"amount": -1}, [("amount", "range")]),
        ("checklist", {"items": [{"id": "a", "text": ""}]}, [("items.0.text", "required")]),
        ("settings", {"time_zone": ""}, [("time_zone", "zone")]),
        ("settings", {"currency": ""}, [("currency", "currency")]),
        ("settings", {"quiet_hours": ["20:00"]}, [("quiet_hours", "hours")]),
        ("settings", {"quiet_hours": ["20:00", "late"]}, [("quiet_hours", "hours")]),
        ("settings", {"buffer_percent": 91}, [("buffer_percent", "range")]),
        ("settings", {"first_weekday": 7}, [("first_weekday", "range")]),
        ("settings", {"follow_up_days": 0}, [("follow_up_days", "range")]),
        ("settings", {"reminder_minutes": [-1]}, [("reminder_minutes", "range")]),
        ("settings", {"reminder_minutes": ["an hour"]}, [("reminder_minutes", "format")]),
        (
            "settings",
            {"days_off": [{"first": "2026-08-10", "last": "2026-08-01", "label": ""}]},
            [("days_off.0.last", "order")],
        ),
        (
            "settings",
            {"days_off": [{"first": "2026-01-01", "last": "2126-01-01", "label": ""}]},
            [("days_off.0.last", "range")],
        ),
        ("settings", {"days_off": [{"first": "August"}]}, [("days_off.0", "format")]),
    ],
)
def test_each_problem_is_reported_with_its_field(
    kind: str, fields: dict[str, object], found: list[tuple[str, str]]
) -> None:
    assert problems(kind, **fields) == found


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("client", {"time_zone": "", "currency": "", "reply_basis": None, "working_hours": {}}),
        (
            "client",
            {"standing_call_rule": "FREQ=WEEKLY;BYDAY=FR", "standing_call_start": NOW, "currency": "JPY"},
        ),
        ("message", {"due_at": NOW, "acknowledged_at": NOW, "promised_at": NOW + DAY, "replied_at": NOW}),
        ("message", {"questions": [question(asked_at=NOW.isoformat())], "checklists": {"reply": ["a"]}}),
        ("job", {"deadline": NOW, "rating": 5, "fee": 0}),
        ("settings", {"quiet_hours": [], "reminder_minutes": [], "buffer_percent": 0, "buffer_days": 0}),
        ("settings", {"days_off": [{"first": "2026-08-01", "last": "2026-08-01", "label": ""}]}),
    ],
)
def test_valid_values_pass(kind: str, fields: dict[str, object]) -> None:
    assert problems(kind, **fields) == []

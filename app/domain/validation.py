"""Validate entities: in forms before saving, and in a restore before it replaces anything."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from .amounts import LARGEST_AMOUNT
from .codes import (
    BoundaryStep,
    CallOutcome,
    ChannelKind,
    ClientStatus,
    ConversationOutcome,
    Decision,
    Direction,
    FeeBasis,
    JobStatus,
    MessageKind,
    Party,
    RaisedBy,
    ReplyBasis,
    Stance,
    Theme,
)
from .constraints import (
    ITEM_CHECKS,
    LINE,
    TEXT,
    Check,
    Problem,
    call_changes,
    call_times,
    choice,
    country,
    currency,
    instants,
    minutes_list,
    names_list,
    number,
    quiet,
    rule,
    text,
    ticks,
    weekly,
    within,
    zone,
)
from .entities import (
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
    Topic,
    fields_of,
)
from .hours import DAY_MINUTES
from .languages import LANGUAGES

__all__ = ["Problem", "check", "check_value"]

MISTAKEN = timedelta(minutes=5)
"""Ahead of now by more than this, the time of something that has happened is taken for a slip."""


def check(entity: Entity) -> list[Problem]:
    """Return all problems of an entity in field order; empty if it may be stored."""
    found = [Problem("id", "required")] if not entity.id else []
    for name, value in fields_of(entity).items():
        found.extend(check_value(type(entity), name, value))
    if any(problem.code == "format" for problem in found):
        return found  # values of the wrong format cannot be compared
    wrong = {problem.field for problem in found}
    across = _CHECKS[type(entity)][1]
    return found + [problem for problem in across(entity) if problem.field not in wrong]


def check_value(kind: type[Entity], name: str, value: Any) -> list[Problem]:
    """Return the problems of one field's value that do not depend on other fields."""
    checks = _CHECKS[kind][0]
    code = within(value) if isinstance(value, datetime) else None
    code = code or (checks[name](value) if name in checks else None)
    if code is not None:
        return [Problem(name, code)]
    return list(ITEM_CHECKS[name](name, value)) if name in ITEM_CHECKS else []


def _in_time_order(entity: Entity, *names: str) -> Iterator[Problem]:
    """Yield a problem for every instant earlier than the first named one; None is skipped."""
    first = getattr(entity, names[0])
    for name in names[1:]:
        at = getattr(entity, name)
        if at is not None and at < first:
            yield Problem(name, "order")


def _across_client(client: Client) -> Iterator[Problem]:
    if client.standing_call_rule and client.standing_call_start is None:
        yield Problem("standing_call_start", "required")


def _across_message(message: Message) -> Iterator[Problem]:
    yield from _in_time_order(message, "at", "due_at", "acknowledged_at", "replied_at")
    if message.promised_at is not None and message.acknowledged_at is None:
        yield Problem("acknowledged_at", "required")
    elif message.promised_at is not None:
        yield from _in_time_order(message, "acknowledged_at", "promised_at")


def _across_conversation(conversation: Conversation) -> Iterator[Problem]:
    return _in_time_order(conversation, "at", "answered_at")


def _across_job(job: Job) -> Iterator[Problem]:
    return _in_time_order(job, "started_at", "deadline")


def _no_problems(_: Any) -> Sequence[Problem]:
    return ()


def _language(code: str) -> str | None:
    return None if code in LANGUAGES else "choice"


_REQUIRED = text(LINE, required=True)
_AMOUNT = number(0, LARGEST_AMOUNT)
_MINUTES = number(0, 10_000_000)
_TARGET = number(1, 60 * DAY_MINUTES)
_ALLOWANCE = number(0, 100)
_PAYMENT_DAYS = number(0, 365)

_CHECKS: dict[
    type[Entity], tuple[dict[str, Check], Callable[[Any], Iterator[Problem] | Sequence[Problem]]]
] = {
    Client: (
        {
            "name": _REQUIRED,
            "party": choice(Party, required=False),
            "organisation": text(LINE),
            "reading": text(LINE),
            "honorific": text(LINE),
            "language": _language,
            "time_zone": zone(required=False),
            "working_hours": weekly,
            "reply_minutes": _TARGET,
            "reply_basis": choice(ReplyBasis),
            "call_allowance": _ALLOWANCE,
            "standing_call_rule": rule,
            "standing_call_minutes": number(1, DAY_MINUTES),
            "standing_call_changes": call_changes,
            "standing_call_told": call_times,
            "unpaid_limit": _AMOUNT,
            "payment_days": _PAYMENT_DAYS,
            "rate": _AMOUNT,
            "availability_rate": _AMOUNT,
            "currency": currency(required=False),
            "stance": choice(Stance),
            "notes": text(TEXT),
            "status": choice(ClientStatus),
        },
        _across_client,
    ),
    Message: (
        {
            "client_id": _REQUIRED,
            "channel": choice(ChannelKind),
            "direction": choice(Direction),
            "summary": text(2_000),
            "body": text(TEXT),
            "kind": choice(MessageKind),
            "followed_up_at": instants,
            "checklists": ticks,
            "boundary_step": number(BoundaryStep.PROPOSE, BoundaryStep.DECIDE),
        },
        _across_message,
    ),
    Call: (
        {
            "client_id": _REQUIRED,
            "minutes": number(0, DAY_MINUTES),
            "outcome": choice(CallOutcome),
            "note": text(TEXT),
        },
        _no_problems,
    ),
    Topic: (
        {"client_id": _REQUIRED, "text": text(2_000, required=True), "raised_by": choice(RaisedBy)},
        _no_problems,
    ),
    StatusUpdate: (
        {"client_id": _REQUIRED, "channel": choice(ChannelKind), "text": text(TEXT)},
        _no_problems,
    ),
    Conversation: (
        {
            "client_id": _REQUIRED,
            "step": number(BoundaryStep.PROPOSE, BoundaryStep.DECIDE),
            "outcome": choice(ConversationOutcome),
            "standing_call_rule": rule,
            "standing_call_minutes": number(1, DAY_MINUTES),
            "call_allowance": _ALLOWANCE,
            "rate": _AMOUNT,
            "decision": choice(Decision),
            "note": text(TEXT),
        },
        _across_conversation,
    ),
    Job: (
        {
            "client_id": _REQUIRED,
            "title": text(LINE),  # optional: a job is added in two taps, its title may follow
            "platform": text(LINE),
            "status": choice(JobStatus),
            "fee": _AMOUNT,
            "currency": currency(required=False),
            "basis": choice(FeeBasis),
            "unit_price": _AMOUNT,
            "quantity": number(0, 10**12),
            "platform_fee": number(0, 10_000),
            "estimate_minutes": _MINUTES,
            "spent_minutes": _MINUTES,
            "reminded_at": instants,
            "followed_up_at": instants,
            "rating": number(1, 5),
            "rating_comment": text(TEXT),
            "notes": text(TEXT),
            "checklists": ticks,
        },
        _across_job,
    ),
    Part: (
        {
            "job_id": _REQUIRED,
            "position": number(0, 100_000),
            "title": text(LINE),
            "amount": _AMOUNT,
            "reminded_at": instants,
        },
        _no_problems,
    ),
    Script: (
        {
            "language": _language,
            "title": _REQUIRED,
            "body": text(TEXT, required=True),
        },
        _no_problems,
    ),
    Checklist: ({"language": _language, "title": _REQUIRED}, _no_problems),
    Settings: (
        {
            "name": text(LINE),
            "language": _language,
            "currency": currency(required=True),
            "time_zone": zone(required=True),
            "working_hours": weekly,
            "holiday_country": country,
            "worked_holidays": names_list,
            "quiet_hours": quiet,
            "reply_minutes": _TARGET,
            "reply_basis": choice(ReplyBasis),
            "buffer_percent": number(0, 90),
            "buffer_days": number(0, 30),
            "call_allowance": _ALLOWANCE,
            "follow_up_days": number(1, 30),
            "payment_days": _PAYMENT_DAYS,
            "unpaid_limit": _AMOUNT,
            "first_weekday": number(0, 6),
            "reminder_minutes": minutes_list,
            "theme": choice(Theme),
        },
        _no_problems,
    ),
}

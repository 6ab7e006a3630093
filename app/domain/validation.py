"""What may be stored: checked by forms before saving and by a restore before it replaces anything."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from .calls import validate_rule
from .entities import (
    Call,
    CallOutcome,
    ChannelKind,
    Checklist,
    Client,
    ClientStatus,
    Direction,
    Entity,
    FeeBasis,
    Job,
    JobStatus,
    Language,
    Message,
    MessageKind,
    Part,
    ReplyBasis,
    Script,
    Settings,
    Stance,
    Theme,
    Update,
    fields_of,
)
from .hours import LONGEST_DAY_OFF, is_zone, parse_clock, validate_weekly
from .jobs import LARGEST_AMOUNT

LINE = 200  # characters
TEXT = 50_000
DAY_MINUTES = 24 * 60
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field. `field` is its name; inside lists, a path such as `channels.0.handle`.

    Codes: `required`, `too_long`, `range`, `order` (earlier than what comes before it), `rule`, `zone`,
    `currency`, `choice` (not one of the known values), `hours` (working or quiet hours), `format`.
    """

    field: str
    code: str


Check = Callable[[Any], str | None]  # the code of what is wrong with a value


def check(entity: Entity) -> list[Problem]:
    """Everything wrong with an entity, in the order of its fields; empty when it may be stored."""
    checks, across = _CHECKS[type(entity)]
    found = [Problem("id", "required")] if not entity.id else []
    for name, value in fields_of(entity).items():
        code = _within(value) if isinstance(value, datetime) else None
        code = code or (checks[name](value) if name in checks else None)
        if code is not None:
            found.append(Problem(name, code))
        elif name in _ITEMS:
            found.extend(_ITEMS[name](name, value))
    wrong = {problem.field for problem in found}
    return found + [problem for problem in across(entity) if problem.field not in wrong]


def _within(at: datetime) -> str | None:
    if at.tzinfo is None:
        return "format"
    return None if EARLIEST <= at <= LATEST else "range"


def _text(longest: int, required: bool = False) -> Check:
    def code(value: str) -> str | None:
        if required and not value.strip():
            return "required"
        return "too_long" if len(value) > longest else None

    return code


def _number(least: int, most: int) -> Check:
    return lambda value: None if value is None or least <= value <= most else "range"


def _choice(options: type[StrEnum]) -> Check:
    known = {option.value for option in options}
    return lambda value: None if value is None or value in known else "choice"


def _zone(required: bool) -> Check:
    return lambda value: None if is_zone(value) or (not value and not required) else "zone"


def _currency(required: bool) -> Check:
    return lambda value: (
        None if re.fullmatch("[A-Z]{3}", value) or (not value and not required) else "currency"
    )


def _rule(value: str) -> str | None:
    try:
        if value:
            validate_rule(value)
    except ValueError:
        return "rule"
    return None


def _weekly(value: Any) -> str | None:
    try:
        return "hours" if validate_weekly(value) else None
    except (AttributeError, TypeError):
        return "format"


def _quiet(value: Any) -> str | None:
    try:
        clocks = [parse_clock(text) for text in value]
    except (TypeError, ValueError):
        return "hours"
    return None if len(clocks) in (0, 2) else "hours"


def _minutes_list(value: list[Any]) -> str | None:
    if not all(isinstance(minutes, int) for minutes in value):
        return "format"
    return None if len(value) <= 5 and all(0 <= minutes <= 14 * DAY_MINUTES for minutes in value) else "range"


def _instants(value: list[Any]) -> str | None:
    return None if all(_is_instant(text) for text in value) else "format"


def _ticks(value: dict[str, Any]) -> str | None:
    lists = value.values()
    fine = all(isinstance(ids, list) and all(isinstance(tick, str) for tick in ids) for ids in lists)
    return None if fine else "format"


def _is_instant(text: Any) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _has_texts(item: Any, *names: str) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(name), str) for name in names)


def _channels(name: str, channels: list[Any]) -> Iterator[Problem]:
    for index, channel in enumerate(channels):
        if not _has_texts(channel, "kind", "handle"):
            yield Problem(f"{name}.{index}", "format")
        elif channel["kind"] not in set(ChannelKind):
            yield Problem(f"{name}.{index}.kind", "choice")
        elif len(channel["handle"]) > LINE:
            yield Problem(f"{name}.{index}.handle", "too_long")


def _questions(name: str, questions: list[Any]) -> Iterator[Problem]:
    for index, question in enumerate(questions):
        if not _has_texts(question, "id", "text"):
            yield Problem(f"{name}.{index}", "format")
        elif code := _text(TEXT, required=True)(question["text"]):
            yield Problem(f"{name}.{index}.text", code)
        for moment in ("asked_at", "answered_at"):
            if (
                isinstance(question, dict)
                and question.get(moment) is not None
                and not _is_instant(question[moment])
            ):
                yield Problem(f"{name}.{index}.{moment}", "format")


def _checklist_items(name: str, items: list[Any]) -> Iterator[Problem]:
    for index, item in enumerate(items):
        if not _has_texts(item, "id", "text"):
            yield Problem(f"{name}.{index}", "format")
        elif code := _text(TEXT, required=True)(item["text"]):
            yield Problem(f"{name}.{index}.text", code)


def _days_off(name: str, spans: list[Any]) -> Iterator[Problem]:
    for index, span in enumerate(spans):
        try:
            length = date.fromisoformat(span["last"]) - date.fromisoformat(span["first"])
        except (KeyError, TypeError, ValueError):
            yield Problem(f"{name}.{index}", "format")
            continue
        if length < timedelta():
            yield Problem(f"{name}.{index}.last", "order")
        elif length.days >= LONGEST_DAY_OFF:
            yield Problem(f"{name}.{index}.last", "range")


_ITEMS: dict[str, Callable[[str, list[Any]], Iterator[Problem]]] = {
    "channels": _channels,
    "questions": _questions,
    "items": _checklist_items,
    "days_off": _days_off,
}


def _in_time_order(entity: Entity, *names: str) -> Iterator[Problem]:
    """A problem for every instant earlier than the first of them; those not set are passed over."""
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


def _across_job(job: Job) -> Iterator[Problem]:
    return _in_time_order(job, "started_at", "deadline")


def _nothing(_: Any) -> Sequence[Problem]:
    return ()


_REQUIRED = _text(LINE, required=True)
_AMOUNT = _number(0, LARGEST_AMOUNT)
_MINUTES = _number(0, 10_000_000)
_TARGET = _number(1, 60 * DAY_MINUTES)
_ALLOWANCE = _number(0, 100)

_CHECKS: dict[
    type[Entity], tuple[dict[str, Check], Callable[[Any], Iterator[Problem] | Sequence[Problem]]]
] = {
    Client: (
        {
            "name": _REQUIRED,
            "honorific": _text(LINE),
            "language": _choice(Language),
            "time_zone": _zone(required=False),
            "working_hours": _weekly,
            "reply_minutes": _TARGET,
            "reply_basis": _choice(ReplyBasis),
            "call_allowance": _ALLOWANCE,
            "standing_call_rule": _rule,
            "standing_call_minutes": _number(1, DAY_MINUTES),
            "unpaid_limit": _AMOUNT,
            "rate": _AMOUNT,
            "availability_rate": _AMOUNT,
            "currency": _currency(required=False),
            "stance": _choice(Stance),
            "notes": _text(TEXT),
            "status": _choice(ClientStatus),
        },
        _across_client,
    ),
    Message: (
        {
            "client_id": _REQUIRED,
            "channel": _choice(ChannelKind),
            "direction": _choice(Direction),
            "summary": _text(2_000),
            "body": _text(TEXT),
            "kind": _choice(MessageKind),
            "followed_up_at": _instants,
            "checklists": _ticks,
        },
        _across_message,
    ),
    Call: (
        {
            "client_id": _REQUIRED,
            "minutes": _number(0, DAY_MINUTES),
            "outcome": _choice(CallOutcome),
            "note": _text(TEXT),
        },
        _nothing,
    ),
    Update: (
        {"client_id": _REQUIRED, "channel": _choice(ChannelKind), "text": _text(TEXT)},
        _nothing,
    ),
    Job: (
        {
            "client_id": _REQUIRED,
            "title": _text(LINE),  # a job is noted in two taps; its title can wait
            "platform": _text(LINE),
            "status": _choice(JobStatus),
            "fee": _AMOUNT,
            "currency": _currency(required=False),
            "basis": _choice(FeeBasis),
            "estimate_minutes": _MINUTES,
            "spent_minutes": _MINUTES,
            "rating": _number(1, 5),
            "rating_comment": _text(TEXT),
            "notes": _text(TEXT),
            "checklists": _ticks,
        },
        _across_job,
    ),
    Part: (
        {
            "job_id": _REQUIRED,
            "position": _number(0, 100_000),
            "title": _text(LINE),
            "amount": _AMOUNT,
        },
        _nothing,
    ),
    Script: (
        {
            "language": _choice(Language),
            "title": _REQUIRED,
            "body": _text(TEXT, required=True),
        },
        _nothing,
    ),
    Checklist: ({"language": _choice(Language), "title": _REQUIRED}, _nothing),
    Settings: (
        {
            "name": _text(LINE),
            "language": _choice(Language),
            "currency": _currency(required=True),
            "time_zone": _zone(required=True),
            "working_hours": _weekly,
            "quiet_hours": _quiet,
            "reply_minutes": _TARGET,
            "reply_basis": _choice(ReplyBasis),
            "buffer_percent": _number(0, 90),
            "buffer_days": _number(0, 30),
            "call_allowance": _ALLOWANCE,
            "follow_up_days": _number(1, 30),
            "reminder_minutes": _minutes_list,
            "theme": _choice(Theme),
        },
        _nothing,
    ),
}

"""Constraints on single field values: the building blocks of `validation`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from .calls import validate_rule
from .codes import ChannelKind
from .errors import DomainError
from .hours import DAY_MINUTES, LONGEST_DAY_OFF, is_zone, parse_clock, validate_weekly

LINE = 200  # characters
TEXT = 50_000
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Problem:
    """A problem with a field. `field` is its name or, inside lists, a path such as `channels.0.handle`.

    Codes: `required`, `too_long`, `range`, `order` (earlier than a preceding instant), `rule`, `zone`,
    `currency`, `choice` (not a known value), `hours` (working or quiet hours), `format`.
    """

    field: str
    code: str


Check = Callable[[Any], str | None]  # returns the problem code of a value, or None


def within(at: datetime) -> str | None:
    if at.tzinfo is None:
        return "format"
    return None if EARLIEST <= at <= LATEST else "range"


def text(longest: int, required: bool = False) -> Check:
    def code(value: str) -> str | None:
        if required and not value.strip():
            return "required"
        return "too_long" if len(value) > longest else None

    return code


def number(least: int, most: int) -> Check:
    return lambda value: None if value is None or least <= value <= most else "range"


def choice(options: type[StrEnum], required: bool = True) -> Check:
    known = {option.value for option in options} | (set() if required else {""})
    return lambda value: None if value is None or value in known else "choice"


def zone(required: bool) -> Check:
    return lambda value: None if is_zone(value) or (not value and not required) else "zone"


def currency(required: bool) -> Check:
    return lambda value: (
        None if re.fullmatch("[A-Z]{3}", value) or (not value and not required) else "currency"
    )


def rule(value: str) -> str | None:
    try:
        if value:
            validate_rule(value)
    except DomainError:
        return "rule"
    return None


def weekly(value: Any) -> str | None:
    try:
        return "hours" if validate_weekly(value) else None
    except (AttributeError, TypeError):
        return "format"


def quiet(value: Any) -> str | None:
    try:
        clocks = [parse_clock(clock) for clock in value]
    except (TypeError, ValueError):
        return "hours"
    return None if len(clocks) in (0, 2) else "hours"


def minutes_list(value: list[Any]) -> str | None:
    if not all(isinstance(minutes, int) for minutes in value):
        return "format"
    return None if len(value) <= 5 and all(0 <= minutes <= 14 * DAY_MINUTES for minutes in value) else "range"


def country(value: str) -> str | None:
    return None if re.fullmatch(r"([A-Z]{2})?", value) else "choice"


def names_list(value: list[Any]) -> str | None:
    if not all(isinstance(name, str) for name in value):
        return "format"
    return None if len(value) <= 100 and all(len(name) <= LINE for name in value) else "range"


def instants(value: list[Any]) -> str | None:
    return None if all(map(_is_instant, value)) else "format"


def call_changes(value: dict[str, Any]) -> str | None:
    fine = all(_is_instant(start) and (to is None or _is_instant(to)) for start, to in value.items())
    return None if fine else "format"


def call_times(value: dict[str, Any]) -> str | None:
    fine = all(_is_instant(start) and _is_instant(at) for start, at in value.items())
    return None if fine else "format"


def ticks(value: dict[str, Any]) -> str | None:
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


def channels(name: str, channels: list[Any]) -> Iterator[Problem]:
    for index, channel in enumerate(channels):
        if not _has_texts(channel, "kind", "handle"):
            yield Problem(f"{name}.{index}", "format")
        elif channel["kind"] not in set(ChannelKind):
            yield Problem(f"{name}.{index}.kind", "choice")
        elif len(channel["handle"]) > LINE:
            yield Problem(f"{name}.{index}.handle", "too_long")


def checklist_items(name: str, items: list[Any]) -> Iterator[Problem]:
    for index, item in enumerate(items):
        if not _has_texts(item, "id", "text"):
            yield Problem(f"{name}.{index}", "format")
        elif code := text(TEXT, required=True)(item["text"]):
            yield Problem(f"{name}.{index}.text", code)


def questions(name: str, questions: list[Any]) -> Iterator[Problem]:
    yield from checklist_items(name, questions)
    for index, question in enumerate(questions):
        for moment in ("asked_at", "answered_at") if isinstance(question, dict) else ():
            if moment not in question or not (question[moment] is None or _is_instant(question[moment])):
                yield Problem(f"{name}.{index}.{moment}", "format")


def days_off(name: str, spans: list[Any]) -> Iterator[Problem]:
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


ITEM_CHECKS: dict[str, Callable[[str, list[Any]], Iterator[Problem]]] = {
    "channels": channels,
    "questions": questions,
    "items": checklist_items,
    "days_off": days_off,
}

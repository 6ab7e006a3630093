"""Event records: answers given on a notification while no app ran, to be applied to messages and jobs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.store.changes import RecordState
from app.store.clock import parse

EVENT = "event"
"""The kind of event records. They have no table; they are deleted once applied."""


def outcome(event: RecordState) -> RecordState | None:
    """The fields an event sets, with the event's own clock, so that all devices get the same result.

    None for a malformed event or one of a newer version; those are kept unchanged.
    """
    values: Mapping[str, Any] = {name: pair[0] for name, pair in event.fields.items()}
    try:
        kind, id_ = values["item"]
        clock = str(parse(event.fields["action"][1]))
        at, until = _instant(values["at"]), values.get("until")
        match values["action"], kind:
            case "replied", "message":
                fields: dict[str, list[Any]] = {"replied_at": [at, clock], "snoozed_until": [None, clock]}
            case "snooze", "message" | "job":
                fields = {"snoozed_until": [_instant(until), clock]}
            case _:
                return None
    except (KeyError, TypeError, ValueError):
        return None
    return RecordState(str(id_), kind, fields)


def _instant(value: Any) -> str:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return at.isoformat()

"""Records that the sample lacks, for the screens that build/screen_pictures.py takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

CALLED_OFF = "shown-called-off"
OWED = "shown-owed"


def further_records(language: str, now: datetime) -> Iterator[Any]:
    """A call that is called off, a message to answer before a chase, and a ladder at its last step."""
    from app.domain.codes import BoundaryStep, CallOutcome, ConversationOutcome
    from app.domain.entities import Call, Conversation, Message

    data = sample(language)
    yield Call(
        id=CALLED_OFF, client_id=sample_client(standing_client(data)), created_at=now - timedelta(hours=1),
        at=now + timedelta(days=3), scheduled=True, outcome=CallOutcome.MISSED, minutes=30,
    )  # fmt: skip
    sent = next(each for each in data["messages"] if each["direction"] == "out")
    yield Message(
        id=OWED, client_id=sample_client(sent["client"]), created_at=now, at=now - timedelta(hours=2),
        summary=data["messages"][0]["summary"], channel=sent["channel"],
    )  # fmt: skip
    for step in (BoundaryStep.PROPOSE, BoundaryStep.PUSH_BACK, BoundaryStep.HOLD_THE_LINE,
                 BoundaryStep.OFFER_AVAILABILITY):  # fmt: skip
        at = now - timedelta(days=70 - 14 * step)
        yield Conversation(
            id=f"shown-step-{step.value}", client_id=last_step_client(language), created_at=at, at=at,
            step=step, outcome=ConversationOutcome.PUSHED_BACK, answered_at=at + timedelta(days=1),
        )  # fmt: skip


def sample(language: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(
        (ROOT / "locales" / language / "sample.json").read_text(encoding="utf-8")
    )
    return data


def sample_client(key: str) -> str:
    return f"sample-client-{key}"


def standing_client(data: dict[str, Any]) -> str:
    """The client of the sample with a standing call."""
    return next(str(each["key"]) for each in data["clients"] if each["standing_call"])


def last_step_client(language: str) -> str:
    """Another one, whose ladder is at its last step."""
    data = sample(language)
    return sample_client(next(str(each["key"]) for each in data["clients"] if not each["standing_call"]))


def sent_message(language: str) -> str:
    """The first message of the sample that the user sent."""
    number = next(n for n, each in enumerate(sample(language)["messages"]) if each["direction"] == "out")
    return f"sample-message-{number}"

"""Scripts: filling in their placeholders, and choosing those that fit the moment.

A text with an unfilled placeholder never leaves the app: missing values are reported and asked for.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .codes import CallOutcome, Direction, JobStatus, MessageKind
from .entities import Call, Job, Message, Part, StatusUpdate
from .exposure import to_invoice
from .jobs import is_paid_in_part, settlement, unpaid_delivered
from .reply import open_questions
from .silence import FollowUpStep

PLACEHOLDERS = frozenset(
    {
        *("client", "me", "matter", "job", "work", "due", "deadline", "new_date", "next_step", "question"),
        *("answer", "proposal", "reason", "progress", "parts_done", "parts_left", "amount", "deposit"),
        *("invoice_date", "sent_on", "last_update", "next_call", "standing_call", "expertise", "rate"),
        *("availability_rate", "start_date", "end_date", "from_date", "to_date", "reply_time"),
        *("proposed_call", "told_call", "new_call", "call_counts", "handover", "consequence"),
    }
)

MOMENTS = (
    *("received", "answer", "question", "negotiate", "problem", "update", "check-in", "delivery"),
    *("follow-up-1", "follow-up-2", "silent", "payment", "thanks", "apply", "apply-follow-up"),
    *("quote", "invoice"),
    *("boundary-1", "boundary-2", "voicemail", "boundary-4", "boundary-5", "late", "machine"),
    "call-changed",
)

JUST = timedelta(days=1)

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Filled:
    """A text filled in as far as possible; it can be sent once nothing is missing."""

    text: str
    missing: list[str]  # remaining placeholders, in order of appearance


def placeholders_in(text: str) -> list[str]:
    """Return the names between braces, known or not, each once, in order of appearance."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def unknown_placeholders(text: str) -> list[str]:
    """Return placeholders for which the app has no data; the user can fill them in by hand."""
    return [name for name in placeholders_in(text) if name not in PLACEHOLDERS]


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Replace every placeholder that has a value. Braces inside a value are not expanded.

    A blank value counts as missing: the placeholder stays in the text and is reported.
    """
    missing = [name for name in placeholders_in(text) if not values.get(name, "").strip()]
    filled = _PLACEHOLDER.sub(lambda match: match[0] if match[1] in missing else values[match[1]], text)
    return Filled(filled, missing)


NAMES = frozenset({"client", "me"})
"""Placeholders that a text can do without: the client's name in the greeting, the user's name at the end."""

_CLIENT_LINE = re.compile(r"^\{client\}$", re.MULTILINE)
_GREETING = re.compile(r"^(\w+)[ \u00a0]\{client\}(?=[,、!]|$)", re.MULTILINE)
_SIGNATURE = re.compile(r",?\n+\{me\}\s*$")
_WITHOUT_NAME = {"Hi": "Hello", "Dear": "Hello"}


def without_names(text: str, unknown: Collection[str]) -> str:
    """Remove unknown names from the greeting and the closing line.

    A name inside a sentence stays a placeholder. `unknown` is a subset of NAMES.
    """
    if "client" in unknown:
        text = _CLIENT_LINE.sub("ご担当者様", text)
        text = _GREETING.sub(lambda found: _WITHOUT_NAME.get(found[1], found[1]), text)
    if "me" in unknown:
        text = _SIGNATURE.sub("", text.replace("{me}です。", ""))
    return text


_SUBJECT = re.compile(r"\s*(?:subject|objet|件名)\s*[:：]\s*(.*?)\s*(?:\n\s*|$)", re.IGNORECASE)
"""The subject line at the start of an e-mail text, in any of the languages."""


def split_subject(text: str) -> tuple[str, str]:
    """Split an e-mail text into subject (empty if none) and body: "Subject: …" is only a line of the text."""
    found = _SUBJECT.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


_FOR_KIND: dict[str, tuple[str, ...]] = {
    MessageKind.QUESTION: ("answer", "received", "question"),
    MessageKind.REQUEST: ("received", "answer", "question", "negotiate"),
    MessageKind.OFFER: ("negotiate", "question", "answer", "received"),
    MessageKind.CHANGE: ("negotiate", "question", "received", "answer"),
    MessageKind.PROBLEM: ("problem", "received", "question", "answer"),
    MessageKind.CHECK_IN: ("update", "answer", "received"),
    MessageKind.OTHER: ("received", "answer", "question"),
}

_FOR_STEP: dict[FollowUpStep, tuple[str, ...]] = {
    FollowUpStep.WAITING: ("follow-up-1",),
    FollowUpStep.FOLLOW_UP_1: ("follow-up-1",),
    FollowUpStep.FOLLOW_UP_2: ("follow-up-2", "follow-up-1"),
    FollowUpStep.SILENT: ("silent", "payment", "follow-up-2"),
}


def moments_for(
    message: Message,
    now: datetime,
    *,
    answered_by: StatusUpdate | None = None,
    waiting: FollowUpStep | None = None,
    late: bool = False,
) -> list[str]:
    """Return the script moments that fit a message, best first. `late`: its answer was due before now.

    `answered_by` is a status update that answers a check-in (second seed: things already sent by e-mail).
    `waiting` is the follow-up step of one of the user's own messages.
    """
    if message.direction == Direction.OUT:
        return [] if message.replied_at is not None else list(_FOR_STEP[waiting or FollowUpStep.WAITING])
    if message.replied_at is not None:
        return ["update", "thanks"]
    moments = list(_FOR_KIND.get(message.kind, _FOR_KIND[MessageKind.OTHER]))
    if message.kind == MessageKind.CHECK_IN and answered_by is not None:
        moments.insert(0, "check-in")
    if message.acknowledged_at is not None:
        moments.remove("received")
    if open_questions(message):
        moments = _moved_first("question", moments)
    if message.promised_at is not None and now >= message.promised_at:
        moments = _moved_first("problem", moments)  # a broken promise is a problem to report
    return _moved_first("late", moments) if late else moments


def moments_for_job(
    job: Job, parts: Sequence[Part], now: datetime, *, payment_late: bool = False
) -> list[str]:
    """Return the script moments that fit a job, best first. `payment_late`: a payment for it was due before.

    First seed: speak up at once, ask, deliver, be paid. Nothing that is not late is asked for; where one part
    is paid and another delivered one is not, the rest can be withheld before that.
    """
    withheld = unpaid_delivered(parts) > 0 and is_paid_in_part(parts)
    money = ["payment"] if payment_late or withheld else []
    if not job.platform and to_invoice(job, parts):  # on a platform, it is paid without one
        money.append("invoice")
    if job.status in (JobStatus.APPLIED, JobStatus.OFFERED):
        applied = job.status == JobStatus.APPLIED
        moments = ["apply", "apply-follow-up", "negotiate"] if applied else ["negotiate", "quote", "apply"]
        return _moved_first("question", moments) if open_questions(job) else [*moments, "question"]
    if job.status == JobStatus.IN_PROGRESS:
        # First seed: withhold unpaid work until it is paid, and say so before sending more.
        first = ["payment"] if payment_late else []
        second = [moment for moment in money if moment not in first]
        moments = [*first, "update", *second, "delivery", "question", "problem"]
        if open_questions(job):
            moments = _moved_first("question", moments)
        return _moved_first("problem", moments) if _is_late(job, parts, now) else moments
    if job.status in (JobStatus.DELIVERED, JobStatus.ACCEPTED):
        following = [*money, "thanks"]
        return ["delivery", *following] if _just_delivered(job, parts, now) else following
    # Do not thank for work that was not given, nor for what was never paid.
    given_up = job.status in (JobStatus.DECLINED, JobStatus.LOST) or settlement(job, parts).written_off
    return [] if given_up else ["thanks"]


def moments_for_call(call: Call) -> list[str]:
    """Return the script moments that fit a call, best first.

    Second seed: "I got your voicemail … can it wait for Friday's call?". The boundary ladder counts the calls
    and says when they are too many.
    """
    if call.scheduled:
        return ["update"]
    first = ["check-in"] if call.answered_by_update_id else []
    return [*first, "update"] if call.outcome == CallOutcome.TAKEN else [*first, "voicemail"]


def _just_delivered(job: Job, parts: Sequence[Part], now: datetime) -> bool:
    """Return whether the delivery note may still have to be sent."""
    at = max((at for at in (job.delivered_at, *(part.delivered_at for part in parts)) if at), default=None)
    return job.status == JobStatus.DELIVERED and at is not None and now - at < JUST


def _is_late(job: Job, parts: Sequence[Part], now: datetime) -> bool:
    dues = [part.due_at for part in parts if part.delivered_at is None]
    if dues or not parts:
        dues.append(job.deadline)
    return any(due is not None and due <= now for due in dues)


def _moved_first(moment: str, moments: list[str]) -> list[str]:
    return [moment, *(other for other in moments if other != moment)]

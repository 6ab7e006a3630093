"""Taking a step of the boundary ladder: what was said, what they answered, and the terms agreed on."""

from dataclasses import dataclass
from datetime import UTC, datetime

from .calls import validate_rule
from .codes import BoundaryStep, ClientStatus, ConversationOutcome, Decision
from .entities import Client, Conversation
from .ladder import Ladder


@dataclass(frozen=True)
class Terms:
    """What was agreed; None or empty: not part of it.

    A standing call needs its rule (RFC 5545), its first start and its minutes; the rate is in minor units an
    hour.
    """

    standing_call_rule: str = ""
    standing_call_start: datetime | None = None
    standing_call_minutes: int | None = None
    call_allowance: int | None = None
    rate: int | None = None


def say(client: Client, ladder: Ladder, at: datetime, note: str = "") -> Conversation:
    """The step the ladder proposes was taken. ValueError `no_step` when it proposes none now."""
    if ladder.next is None:
        raise ValueError("no_step")
    return Conversation(
        client_id=client.id, step=ladder.next, at=at.astimezone(UTC), created_at=at.astimezone(UTC), note=note
    )


def agree(conversation: Conversation, client: Client, terms: Terms, at: datetime) -> None:
    """They agreed: the terms hold from now on, and the conversation keeps what they were.

    ValueError `before_said`, or `rule` and `start` for a standing call that cannot be scheduled.
    """
    if terms.standing_call_rule:
        validate_rule(terms.standing_call_rule)
        if terms.standing_call_start is None:
            raise ValueError("start")
    _answer(conversation, ConversationOutcome.AGREED, at)
    conversation.standing_call_rule = terms.standing_call_rule
    conversation.standing_call_minutes = terms.standing_call_minutes if terms.standing_call_rule else None
    conversation.call_allowance = terms.call_allowance
    conversation.rate = terms.rate
    if terms.standing_call_rule:
        client.standing_call_rule = terms.standing_call_rule
        client.standing_call_start = terms.standing_call_start
        client.standing_call_minutes = terms.standing_call_minutes or client.standing_call_minutes
    if terms.call_allowance is not None:
        client.call_allowance = terms.call_allowance
    if terms.rate is not None:
        client.rate = terms.rate
        if conversation.step == BoundaryStep.OFFER_AVAILABILITY:
            client.availability_rate = terms.rate


def push_back(conversation: Conversation, at: datetime, note: str = "") -> None:
    """They would not have it. ValueError `before_said`."""
    _answer(conversation, ConversationOutcome.PUSHED_BACK, at)
    conversation.note = note or conversation.note


def take_back_answer(conversation: Conversation) -> None:
    """As if they had not answered yet; the client's own terms stay as they are by now."""
    conversation.outcome, conversation.answered_at = ConversationOutcome.SAID, None
    conversation.standing_call_rule, conversation.standing_call_minutes = "", None
    conversation.call_allowance = conversation.rate = None


def decide(conversation: Conversation, client: Client, decision: Decision) -> None:
    """Note what the user chose at the last step; ending the work ends it with the client.

    ValueError `step` for a conversation of another step.
    """
    if conversation.step != BoundaryStep.DECIDE:
        raise ValueError("step")
    conversation.decision = decision
    if decision == Decision.END:
        client.status = ClientStatus.ENDED


def _answer(conversation: Conversation, outcome: ConversationOutcome, at: datetime) -> None:
    if at < conversation.at:
        raise ValueError("before_said")
    conversation.outcome, conversation.answered_at = outcome, at.astimezone(UTC)

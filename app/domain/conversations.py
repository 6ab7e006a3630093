"""Recording steps of the boundary ladder: what was said, the client's answer and the terms agreed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from .calls import validate_rule
from .codes import BoundaryStep, ClientStatus, ConversationOutcome, Decision
from .entities import Client, Conversation
from .errors import DomainError
from .ladder import Ladder


@dataclass(frozen=True)
class Terms:
    """Proposed or agreed terms; None or empty fields are not part of them.

    A standing call needs a rule (RFC 5545), a first start and a length in minutes. The rate is in minor units
    an hour.
    """

    standing_call_rule: str = ""
    standing_call_start: datetime | None = None
    standing_call_minutes: int | None = None
    call_allowance: int | None = None
    rate: int | None = None


NO_TERMS = Terms()


def say(
    client: Client, ladder: Ladder, at: datetime, proposed: Terms = NO_TERMS, note: str = ""
) -> Conversation:
    """Record that the ladder's next step is taken now, with the standing call proposed in it.

    Raises DomainError `no_step` if the ladder proposes no step.
    """
    if ladder.next is None:
        raise DomainError("no_step")
    return _new_conversation(client, ladder.next, at, at, proposed, note)


def say_earlier(
    client: Client, ladder: Ladder, at: datetime, now: datetime, proposed: Terms = NO_TERMS
) -> Conversation:
    """Record a step taken earlier: the ladder's next step, or a first conversation without recorded calls."""
    step = step_to_note(ladder)
    if step is None:
        raise DomainError("no_step")
    if at > now:
        raise DomainError("ahead")
    if ladder.last is not None and at < ladder.last.at:
        raise DomainError("before_last")
    return _new_conversation(client, step, at, now, proposed, "")


def step_to_note(ladder: Ladder) -> BoundaryStep | None:
    """Return the step that can be recorded as taken in the past, or None."""
    return ladder.next or (BoundaryStep.PROPOSE if ladder.last is None else None)


def _new_conversation(
    client: Client, step: BoundaryStep, at: datetime, now: datetime, proposed: Terms, note: str
) -> Conversation:
    conversation = Conversation(
        client_id=client.id, step=step, at=at.astimezone(UTC), created_at=now.astimezone(UTC), note=note
    )
    if proposed.standing_call_rule:
        _check_call(proposed)
        _keep_call(conversation, proposed)
    return conversation


def redate(conversation: Conversation, at: datetime, others: Iterable[Conversation], now: datetime) -> None:
    """Change when the step was taken.

    Raises DomainError `ahead` for a future time, `after_answer`, or `out_of_order` if another step lies
    between.
    """
    if at > now:
        raise DomainError("ahead")
    if conversation.answered_at is not None and at > conversation.answered_at:
        raise DomainError("after_answer")
    for other in others:
        same = other.id == conversation.id
        if not same and (other.at <= conversation.at) != (other.at <= at):
            raise DomainError("out_of_order")
    conversation.at = at.astimezone(UTC)


def agree(conversation: Conversation, client: Client, terms: Terms, at: datetime) -> None:
    """Record agreement: apply the terms to the client and keep them in the conversation.

    Raises DomainError `before_said`, or `rule` or `start` for an invalid standing call.
    """
    if terms.standing_call_rule:
        _check_call(terms)
    _answer(conversation, ConversationOutcome.AGREED, at)
    _keep_call(conversation, terms)
    conversation.call_allowance = terms.call_allowance
    conversation.rate = terms.rate
    if terms.standing_call_rule:
        if terms.standing_call_rule != client.standing_call_rule or (
            terms.standing_call_start != client.standing_call_start
        ):
            client.standing_call_changes = {}  # they belong to the previous series
            client.standing_call_told = {}
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
    """Record the client's refusal. Raises DomainError `before_said`."""
    _answer(conversation, ConversationOutcome.PUSHED_BACK, at)
    conversation.note = note or conversation.note


def take_back_answer(conversation: Conversation) -> None:
    """Reset to unanswered; the client's current terms do not change.

    The standing call stays in the conversation as a proposal.
    """
    conversation.outcome, conversation.answered_at = ConversationOutcome.SAID, None
    conversation.call_allowance = conversation.rate = None


def proposed_call(conversations: Iterable[Conversation]) -> Conversation | None:
    """Return the newest conversation that names a standing call with its first start, or None."""
    named = (each for each in conversations if each.standing_call_rule and each.standing_call_start)
    return max(named, key=lambda each: each.at, default=None)


def agreed_in(conversations: Iterable[Conversation], client: Client) -> Terms:
    """Return the allowance and rate the client agreed to, if they are still in force."""
    agreed = [each for each in conversations if each.outcome == ConversationOutcome.AGREED]
    allowed = any(each.call_allowance == client.call_allowance for each in agreed)
    paid = any(each.rate == client.rate for each in agreed)
    return Terms(
        call_allowance=client.call_allowance if allowed else None,
        rate=client.rate if paid else None,
    )


def decide(conversation: Conversation, client: Client, decision: Decision) -> None:
    """Record the user's choice at the last step; `END` sets the client's status to ended.

    Raises DomainError `step` for a conversation about another step.
    """
    if conversation.step != BoundaryStep.DECIDE:
        raise DomainError("step")
    conversation.decision = decision
    if decision == Decision.END:
        client.status = ClientStatus.ENDED


def _check_call(terms: Terms) -> None:
    validate_rule(terms.standing_call_rule)
    if terms.standing_call_start is None:
        raise DomainError("start")


def _keep_call(conversation: Conversation, terms: Terms) -> None:
    rule = terms.standing_call_rule
    conversation.standing_call_rule = rule
    conversation.standing_call_start = terms.standing_call_start if rule else None
    conversation.standing_call_minutes = terms.standing_call_minutes if rule else None


def _answer(conversation: Conversation, outcome: ConversationOutcome, at: datetime) -> None:
    if at < conversation.at:
        raise DomainError("before_said")
    conversation.outcome, conversation.answered_at = outcome, at.astimezone(UTC)

"""Taking a step of the boundary ladder: what was said, what they answered, and the terms agreed on."""

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
    """What was proposed or agreed; None or empty: not part of it.

    A standing call needs its rule (RFC 5545), its first start and its minutes; the rate is in minor units an
    hour.
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
    """The step the ladder proposes is taken now, with the standing call proposed in it.

    DomainError `no_step` when it proposes none now.
    """
    if ladder.next is None:
        raise DomainError("no_step")
    return _said(client, ladder.next, at, at, proposed, note)


def say_earlier(
    client: Client, ladder: Ladder, at: datetime, now: datetime, proposed: Terms = NO_TERMS
) -> Conversation:
    """A step was taken before it is noted: the one the ladder proposes, or a first talk it knows no calls of.

    DomainError `no_step`, `ahead` for a time to come, or `before_last` for one before the last step.
    """
    step = step_to_note(ladder)
    if step is None:
        raise DomainError("no_step")
    if at > now:
        raise DomainError("ahead")
    if ladder.last is not None and at < ladder.last.at:
        raise DomainError("before_last")
    return _said(client, step, at, now, proposed, "")


def step_to_note(ladder: Ladder) -> BoundaryStep | None:
    """The step that can be noted as taken earlier; None: none."""
    return ladder.next or (BoundaryStep.PROPOSE if ladder.last is None else None)


def _said(
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
    """The step was taken at another time than noted.

    DomainError `ahead` for a time to come, `after_answer`, or `out_of_order` for one on the other side of
    another step.
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
    """They agreed: the terms hold from now on, and the conversation keeps what they were.

    DomainError `before_said`, or `rule` and `start` for a standing call that cannot be scheduled.
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
            client.standing_call_changes = {}  # those were of another series
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
    """They would not have it. DomainError `before_said`."""
    _answer(conversation, ConversationOutcome.PUSHED_BACK, at)
    conversation.note = note or conversation.note


def take_back_answer(conversation: Conversation) -> None:
    """As if they had not answered yet; the client's own terms stay as they are by now.

    The standing call stays with the conversation, as one that was proposed.
    """
    conversation.outcome, conversation.answered_at = ConversationOutcome.SAID, None
    conversation.call_allowance = conversation.rate = None


def proposed_call(conversations: Iterable[Conversation]) -> Conversation | None:
    """The newest conversation that names a standing call with its first start."""
    named = (each for each in conversations if each.standing_call_rule and each.standing_call_start)
    return max(named, key=lambda each: each.at, default=None)


def agreed_in(conversations: Iterable[Conversation], client: Client) -> Terms:
    """The allowance and the rate that the client agreed to, where they are still the client's."""
    agreed = [each for each in conversations if each.outcome == ConversationOutcome.AGREED]
    allowed = any(each.call_allowance == client.call_allowance for each in agreed)
    paid = any(each.rate == client.rate for each in agreed)
    return Terms(
        call_allowance=client.call_allowance if allowed else None,
        rate=client.rate if paid else None,
    )


def decide(conversation: Conversation, client: Client, decision: Decision) -> None:
    """Note what the user chose at the last step; ending the work ends it with the client.

    DomainError `step` for a conversation of another step.
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

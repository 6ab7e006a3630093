"""Text for the boundary ladder: steps, outcomes, and concerns about each way out."""

from datetime import datetime

from app.domain.codes import BoundaryStep, ConversationOutcome, Decision
from app.domain.decision import Concern
from app.domain.entities import Conversation
from app.domain.ladder import KEEP_TO_AGREEMENT, Ladder, LadderState
from app.i18n import Formatter, _, n_

LAST = int(BoundaryStep.DECIDE)


def step(value: int) -> str:
    """Return the name of a step; unknown values from a newer version are shown as they are."""
    steps: dict[int, str] = {
        BoundaryStep.FINE: _("All is well"),
        BoundaryStep.PROPOSE: _("Propose a standing call"),
        BoundaryStep.PUSH_BACK: _("Push back, kindly"),
        BoundaryStep.HOLD_THE_LINE: _("Hold the line, call by call"),
        BoundaryStep.OFFER_AVAILABILITY: _("Offer availability at a higher rate"),
        BoundaryStep.DECIDE: _("Decide how to go on"),
    }
    return steps.get(value, str(value))


def next_step(ladder: Ladder) -> str:
    """Return the name of the step to take now. Nothing is offered anew to a client who agreed."""
    if ladder.next is BoundaryStep.PUSH_BACK and ladder.script == KEEP_TO_AGREEMENT:
        return _("Remind them of what you agreed")
    return step(ladder.next) if ladder.next is not None else ""


def note(ladder: Ladder, formatter: Formatter, now: datetime, allowance: int) -> str:
    """Return what there is to say to the client now, or why there is nothing."""
    until = formatter.day_within(ladder.calm_until, now) if ladder.calm_until else ""
    return {
        LadderState.ANSWER: _("Your answer: {step}").format(step=next_step(ladder)),
        LadderState.NEXT: _("Next: {step}").format(step=next_step(ladder)),
        LadderState.OWED: _("They wait for your answer: answer them first. Then comes: {step}").format(
            step=step(ladder.owed or BoundaryStep.FINE)
        ),
        LadderState.CONFIRM: _confirm(until),
        LadderState.TELL: _("You have decided. What is left is to tell them."),
        LadderState.DECIDED: _("You have decided. Leave it at that until {day}.").format(day=until),
        LadderState.RESTING: _("{said} Give it time: nothing more before {day}.").format(
            said=talked(formatter, ladder.last.at, now) if ladder.last else "", day=until
        ),
        LadderState.AGREED: _("They agreed. Nothing is due before {day}.").format(day=until),
        LadderState.SAID: _said(ladder, until),
        LadderState.KEEPS: _("They keep to what you agreed. There is nothing to say."),
        LadderState.QUIET: n_(
            "There is nothing to say: {n} unscheduled call a week is fine.",
            "There is nothing to say: {n} unscheduled calls a week are fine.",
            allowance,
        ),
        LadderState.ENDED: _("You no longer work together. There is nothing to say."),
    }[ladder.state]


def _confirm(until: str) -> str:
    if not until:
        return _("They agreed. Confirm it in writing.")
    return _("They agreed. Confirm it in writing. Nothing else is due before {day}.").format(day=until)


def _said(ladder: Ladder, until: str) -> str:
    if ladder.calm_until is None:
        return _("You said it. Note what they answer, and see what happens.")
    return _("You said it. Note what they answer. Nothing else is due before {day}.").format(day=until)


def in_short(value: BoundaryStep) -> str:
    """Summarise a step that is still ahead."""
    return {
        BoundaryStep.FINE: "",
        BoundaryStep.PROPOSE: _("Calls at a fixed time, instead of at any time"),
        BoundaryStep.PUSH_BACK: _("If they say no or go on: why not, and the same offer again"),
        BoundaryStep.HOLD_THE_LINE: _("If that does not help: voicemail, and an e-mail later"),
        BoundaryStep.OFFER_AVAILABILITY: _("If they need you at any time: at what price"),
        BoundaryStep.DECIDE: _("If nothing helps: keep them, change the terms, or end it"),
    }[value]


def talked(formatter: Formatter, at: datetime, now: datetime) -> str:
    """Return when a step at most a week old was taken."""
    days = (formatter.local(now).date() - formatter.local(at).date()).days
    if days <= 0:
        return _("You talked about it today.")
    if days == 1:
        return _("You talked about it yesterday.")
    return _("You talked about it on {weekday}.").format(
        weekday=formatter.weekday(formatter.local(at).weekday())
    )


def hint(value: BoundaryStep, *, agreed: bool = False, standing_call: bool = False) -> str:
    """Explain how to take a step (second seed). `agreed`: the client had agreed to something."""
    if value is BoundaryStep.PUSH_BACK and agreed:
        return (
            _("You agreed on a standing call, and the other calls go on. Remind them once, kindly.")
            if standing_call
            else _("They agreed, and the calls go on all the same. Remind them once, kindly.")
        )
    if value is BoundaryStep.HOLD_THE_LINE and not standing_call:
        return _(
            "Let most calls ring, and answer in writing later in the day. "
            "One or two a week you may still take."
        )
    return {
        BoundaryStep.FINE: "",
        BoundaryStep.PROPOSE: _(
            "Talk about how best to be reached, and offer a standing call. Best said aloud."
        ),
        BoundaryStep.PUSH_BACK: _(
            "They get your expertise without the cost of staff. That is why you are not there all day. "
            "Keep the offer open."
        ),
        BoundaryStep.HOLD_THE_LINE: _(
            "Let most calls go to voicemail, and write later in the day: can it wait for the next call? "
            "One or two a week you may still take."
        ),
        BoundaryStep.OFFER_AVAILABILITY: _(
            "Being there at any time has a price. Offer it only if you would do it at that price."
        ),
        BoundaryStep.DECIDE: _("Nothing has helped so far. How far would you go with this client?"),
    }[value]


def outcome(conversation: Conversation) -> str:
    """Return the outcome of a step."""
    if conversation.decision is not None:
        return _("You decided: {decision}").format(decision=decision(conversation.decision))
    outcomes: dict[str, str] = {
        ConversationOutcome.SAID: _("You said it"),
        ConversationOutcome.AGREED: _("They agreed"),
        ConversationOutcome.PUSHED_BACK: _("They pushed back"),
    }
    return outcomes.get(conversation.outcome, conversation.outcome)


def decision(value: str) -> str:
    decisions: dict[str, str] = {
        Decision.KEEP: _("Keep them as they are"),
        Decision.CHANGE_TERMS: _("Change the terms"),
        Decision.END: _("End the work"),
    }
    return decisions.get(value, value)


def concern(way: Decision, value: Concern) -> str:
    """Return a concern to consider before choosing this way out."""
    if value is Concern.STANCE:
        return (
            _("You said you would rather leave than go on so.")
            if way is Decision.KEEP
            else _("You said you must keep them.")
        )
    return {
        Concern.INCOME: _("A large share of your income comes from them."),
        Concern.UNPAID: _("They still owe you: it is more easily paid while work goes on."),
        Concern.OPEN_JOBS: _("Work is under way: finish it or hand it over first."),
        Concern.INTERRUPTIONS: _("The calls go on as they are."),
        Concern.LOW_RATE: _("An hour for them earns less than an hour for the others."),
        Concern.MAY_LEAVE: _("They may look for somebody who is always on call."),
    }[value]

"""What the boundary ladder's page shows, and its commands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from app.domain import conversations as rules
from app.domain import reply
from app.domain.availability import AvailabilitySum, raise_share
from app.domain.calls import call_allowance, next_standing_call
from app.domain.codes import BoundaryStep, Decision, Stance
from app.domain.conversations import Terms, proposed_call, step_to_note
from app.domain.decision import Circumstances, WayOut, stance_of, ways_out
from app.domain.entities import Call, Client, Conversation, Message
from app.domain.errors import RecordNotFoundError
from app.domain.ladder import Evidence, Ladder
from app.i18n import Formatter, _, n_
from app.store import queries
from app.store.store import Change
from app.store.unit_of_work import UnitOfWork
from app.viewmodels.scripts.filling import ScriptPage, find
from app.viewmodels.services import AppServices
from app.viewmodels.standing import call_in_words

LadderCommand = Callable[[], object]
SetMinutes = Callable[[int | None], object]


@dataclass(frozen=True)
class LadderPage:
    """A client's position on the ladder, and what the next step needs."""

    client: Client
    ladder: Ladder
    allowance: int
    said: list[Conversation]  # recorded steps, newest first
    text: ScriptPage | None  # script of the next step
    follow_up: ScriptPage | None  # script that follows an agreement or decision made just now
    price: AvailabilitySum | None  # for the fourth step
    circumstances: Circumstances | None  # for the last step

    @property
    def to_note(self) -> BoundaryStep | None:
        """The step that can be recorded as taken earlier."""
        return step_to_note(self.ladder)

    @property
    def asks_price(self) -> bool:
        return self.ladder.next is BoundaryStep.OFFER_AVAILABILITY

    @property
    def asks_decision(self) -> bool:
        return self.ladder.next is BoundaryStep.DECIDE

    @property
    def stance(self) -> Stance | None:
        """How far the user is willing to go; None until they choose."""
        return next((each for each in Stance if each == stance_of(self.client)), None)

    def ways_out(self, stance: Stance | None) -> list[WayOut]:
        """The options for the last step, none recommended; empty until the user has chosen a stance."""
        return ways_out(stance, self.circumstances) if self.circumstances else []


def load(app: AppServices, client_id: str, path: str, paid_minutes: int | None) -> LadderPage | None:
    """Load the page; None if there is no such client.

    `path` is the page's address; `paid_minutes` is the user's figure for work in the last four weeks.
    """
    client = app.store.get(Client, client_id)
    ladder = queries.client_ladder(app.store, client_id, app.now)
    if client is None or ladder is None:
        return None
    price = ladder.next is BoundaryStep.OFFER_AVAILABILITY
    decision = ladder.next is BoundaryStep.DECIDE
    return LadderPage(
        client=client,
        ladder=ladder,
        allowance=call_allowance(client, app.settings),
        said=queries.conversations_for(app.store, client_id),
        text=find(app, ladder.script, path, client.language),
        follow_up=find(app, ladder.follow_up, path, client.language),
        price=queries.availability(app.store, client_id, app.now, paid_minutes) if price else None,
        circumstances=queries.circumstances(app.store, client_id, app.now) if decision else None,
    )


def counted_in_words(app: AppServices, evidence: Evidence, allowance: int) -> str:
    """The number of unscheduled calls, the day of the first, and the allowance."""
    first, total = evidence.calls[0].at, evidence.counts.unscheduled
    if app.format.local(first).date() == app.format.local(app.now).date():
        return n_(
            "{n} unscheduled call today. Up to {allowance} a week are fine.",
            "{n} unscheduled calls today. Up to {allowance} a week are fine.",
            total,
            allowance=allowance,
        )
    return n_(
        "{n} unscheduled call since {day}. Up to {allowance} a week are fine.",
        "{n} unscheduled calls since {day}. Up to {allowance} a week are fine.",
        total,
        day=app.format.day_within(first, app.now),
        allowance=allowance,
    )


def by_day(instants: Sequence[datetime], formatter: Formatter) -> list[tuple[date, list[datetime]]]:
    """Group instants by the user's local date, the latest date first."""
    ordered = sorted(instants)
    days = [
        (day, list(found)) for day, found in groupby(ordered, lambda instant: formatter.local(instant).date())
    ]
    return days[::-1]


# --- recorded steps and answers --------------------------------------------------------------------------


def said(app: AppServices, client_id: str, at: datetime | None = None) -> bool:
    """Record that the next step was taken, now or at an instant in the past."""

    def change(unit: UnitOfWork) -> None:
        client, ladder = _client_and_ladder(app, unit, client_id)
        proposed = app.proposal(client_id)
        if at is None:
            unit.add(rules.say(client, ladder, app.now, proposed))
        else:
            unit.add(rules.say_earlier(client, ladder, at, app.now, proposed))

    proposal = app.proposal(client_id)
    with app.leading_back(lambda: app.propose(client_id, proposal)):
        noted = app.write(lambda: app.store.transact(change), _("Noted: you said it"))
    if noted:
        app.drop_proposal(client_id)
    return noted


def redate(app: AppServices, conversation: Conversation, at: datetime) -> bool:
    """Correct the time of a recorded step."""

    def change(current: Conversation) -> None:
        others = queries.conversations_for(app.store, current.client_id)
        rules.redate(current, at, others, app.now)

    return app.write(lambda: app.store.update(Conversation, conversation.id, change), _("Date changed"))


def with_proposal(app: AppServices, client: Client) -> Client:
    """An unsaved copy with the standing call proposed last, if none is agreed yet."""
    proposed = proposed_call(queries.conversations_for(app.store, client.id))
    if proposed is None or client.standing_call_rule:
        return client
    return Client(
        **{
            **client.model_dump(),
            "standing_call_rule": proposed.standing_call_rule,
            "standing_call_start": proposed.standing_call_start,
            "standing_call_minutes": proposed.standing_call_minutes or client.standing_call_minutes,
        }
    )


def pushed_back(app: AppServices, conversation: Conversation) -> None:
    def change(unit: UnitOfWork) -> None:
        current = unit.get(Conversation, conversation.id)
        rules.push_back(current, app.now)
        _settle_messages(app, unit, current)

    app.write(lambda: app.store.transact(change), _("Noted: they pushed back"))


def agreed(app: AppServices, conversation: Conversation, client: Client, terms: Terms) -> bool:
    """Record the client's agreement: apply the terms and settle earlier messages and calls."""

    def change(unit: UnitOfWork) -> None:
        current = unit.get(Conversation, conversation.id)
        rules.agree(current, unit.get(Client, client.id), terms, app.now)
        _settle_messages(app, unit, current)
        _settle_calls(app, unit, client.id)

    def confirmation(_change: Change) -> str:
        known = app.store.get(Client, client.id)
        at = next_standing_call(known, app.now, app.calendar) if known else None
        if not terms.standing_call_rule or at is None:
            return _("Noted: they agreed")
        return _("Agreed. Your next call: {when}").format(when=call_in_words(app, client, at))

    return app.write(lambda: app.store.transact(change), confirmation)


def _settle_messages(app: AppServices, unit: UnitOfWork, conversation: Conversation) -> None:
    """Mark the user's messages with the text of a step as answered, so that no follow-up is proposed."""
    for message in queries.waiting(app.store):
        if message.client_id == conversation.client_id and message.boundary_step is not None:
            reply.mark_replied(unit.get(Message, message.id), max(app.now, message.at))


def _settle_calls(app: AppServices, unit: UnitOfWork, client_id: str) -> None:
    """Mark earlier calls without a stated reason as answered: the agreement covers them."""
    found = queries.unanswered_calls(app.store, client_id, app.now)
    for call in found.calls if found else ():
        if not call.said_why:
            unit.get(Call, call.id).answered_at = app.now


def snooze(app: AppServices, client: Client, until: datetime | None) -> bool:
    """Hide the next step from Today until then; None shows it at once."""

    def change(current: Client) -> None:
        current.ladder_snoozed_until = until

    confirmation = _("Back in Today")
    if until is not None:
        confirmation = _("Snoozed until {when}").format(when=app.format.when(until, app.now))
    return app.write(lambda: app.store.update(Client, client.id, change), confirmation)


def take_back_answer(app: AppServices, conversation: Conversation) -> None:
    confirmation = _("Answer taken back. The terms stay as they are.")
    app.write(lambda: app.store.update(Conversation, conversation.id, rules.take_back_answer), confirmation)


def delete(app: AppServices, conversation: Conversation) -> None:
    app.write(lambda: app.store.delete(conversation), _("Deleted"))


# --- the last two steps ----------------------------------------------------------------------------------


def use_rate(app: AppServices, client: Client, rate: int) -> None:
    """Store the computed rate (minor units an hour) as the one to offer the client."""

    def change(current: Client) -> None:
        current.availability_rate = rate

    app.write(lambda: app.store.update(Client, client.id, change), _("Rate on call saved"))


def rate_to_offer(client: Client, price: AvailabilitySum) -> int:
    """The client's availability rate if above the present rate, else the computed one, in minor units."""
    noted = client.availability_rate
    return noted if noted and noted > price.rate else price.availability_rate


def offer_in_words(app: AppServices, client: Client, rate: int) -> str:
    """The rate offered, and the percentage by which it exceeds the present one."""
    amount = app.format.round_money(rate, client.currency or app.settings.currency)
    offered = _("{amount} an hour").format(amount=amount)
    share = raise_share(client.rate or 0, rate)
    if share <= 0:
        return _("{rate} (no more than now)").format(rate=offered)
    return _("{rate} ({percent} more)").format(rate=offered, percent=app.format.percent_closely(share))


def set_stance(app: AppServices, client: Client, stance: Stance) -> bool:
    def change(current: Client) -> None:
        current.stance, current.stance_chosen = stance, True

    return app.write(lambda: app.store.update(Client, client.id, change))


def decide(app: AppServices, client_id: str, decision: Decision) -> bool:
    """Record the user's decision at the last step as a conversation."""
    done = {
        Decision.KEEP: _("Noted: you keep them as they are"),
        Decision.CHANGE_TERMS: _("Noted: you change the terms"),
        Decision.END: _("Noted: the work ends"),
    }[decision]

    def change(unit: UnitOfWork) -> None:
        client, ladder = _client_and_ladder(app, unit, client_id)
        conversation = rules.say(client, ladder, app.now)
        rules.decide(conversation, client, decision)
        unit.add(conversation)

    return app.write(lambda: app.store.transact(change), done)


def _client_and_ladder(app: AppServices, unit: UnitOfWork, client_id: str) -> tuple[Client, Ladder]:
    """The stored client and their ladder. Raises RecordNotFoundError if the client was deleted meanwhile."""
    ladder = queries.client_ladder(app.store, client_id, app.now)
    if ladder is None:
        raise RecordNotFoundError
    return unit.get(Client, client_id), ladder

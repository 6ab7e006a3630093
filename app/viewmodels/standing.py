"""What the page of a standing call shows, and its commands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain import promised_calls, standing_calls, topics
from app.domain.calls import calls_on_days_off, next_standing_call, standing_calls_between, start_by_rule
from app.domain.codes import ClientStatus, RaisedBy
from app.domain.entities import Call, Client, Entity, Message, Topic
from app.domain.errors import DomainError
from app.domain.promised_calls import ChangedCall, changed_calls
from app.domain.standing_calls import CancelledCall, cancelled_calls
from app.i18n import _
from app.store import queries
from app.store.store import Change
from app.store.unit_of_work import UnitOfWork
from app.viewmodels.scripts.filling import ScriptPage, find
from app.viewmodels.services import AppServices
from app.wording import calls as calls_words
from app.wording import words

CALL_CHANGED = "call-changed"
"""Built-in script that tells a client that a call was moved or cancelled."""

MOVES = 3  # number of days suggested for a moved call


@dataclass(frozen=True)
class StandingPage:
    """A client's next standing call and its topics."""

    client: Client
    to_note: datetime | None  # start of a call that has ended without a record
    next_call: datetime | None  # the call under way, else the next
    skipped: list[datetime]  # earlier calls that do not take place, on days off
    changed: list[ChangedCall]  # changes the client must be told about
    cancelled: list[CancelledCall]  # upcoming ones
    text: ScriptPage | None  # script about the first changed call
    open: list[Topic]
    done: list[Topic]  # latest first


def load(app: AppServices, client_id: str, path: str = "") -> StandingPage | None:
    """Load the page at the address `path`; None if there is no such client."""
    client = app.store.get(Client, client_id)
    if client is None:
        return None
    changed = changed_calls(client, app.calendar, app.now)
    return StandingPage(
        client,
        to_note(app, client),
        next_call(app, client),
        skipped(app, client),
        changed,
        cancelled_calls(client, lambda id_: app.store.get(Call, id_), app.now),
        find(app, CALL_CHANGED, path, client.language) if changed else None,
        queries.open_topics(app.store, client_id, app.now),
        queries.done_topics(app.store, client_id),
    )


def skipped(app: AppServices, client: Client) -> list[datetime]:
    """The calls before the next one that do not take place, on days off."""
    following = next_call(app, client)
    if following is None:
        return []
    return calls_on_days_off(client, app.now, following, app.calendar)


def call_in_words(app: AppServices, client: Client, at: datetime) -> str:
    """The next call at `at`, and why there is none before: "Fri, Jan 8 at 10 AM. No call on …"."""
    when = app.format.when(at, app.now)
    left_out = calls_words.no_call_on(
        calls_on_days_off(client, app.now, at, app.calendar), app.calendar, app.settings, app.format, app.now
    )
    return _("{when}. {note}").format(when=when, note=left_out) if left_out else when


def next_call(app: AppServices, client: Client) -> datetime | None:
    """The standing call under way, else the next; None without one or if the client is not active."""
    if client.status != ClientStatus.ACTIVE:
        return None
    return next_standing_call(client, app.now - standing_calls.length(client), app.calendar)


def to_note(app: AppServices, client: Client) -> datetime | None:
    """The start of the ended call to ask about, as in Today; None if there is none."""
    if client.status != ClientStatus.ACTIVE:
        return None
    since = app.now - standing_calls.length(client) - 2 * standing_calls.TO_NOTE
    calls = queries.calls_of(app.store, client.id, since)
    noted = [call.at for call in calls if call.scheduled]
    return standing_calls.to_note(client, noted, app.now, app.calendar)


def suggested_moves(app: AppServices, client: Client, at: datetime) -> list[datetime]:
    """The same local time on the next working days, without those that already have a standing call then."""
    local = app.calendar.local(max(at, app.now))
    day, found = local.date(), list[datetime]()
    clock = app.calendar.local(at).time()
    while len(found) < MOVES:
        day = app.calendar.next_working_day(day)
        to = datetime.combine(day, clock, app.calendar.zone)
        if start_by_rule(client, to, app.calendar) is None:
            found.append(to)
    return found


# --- the call --------------------------------------------------------------------------------------------


def held(app: AppServices, client: Client, at: datetime) -> bool:
    """Record that the call took place. Open topics stay for the next one."""
    return _record_outcome(app, client, at, standing_calls.hold, _("Call held."))


def did_not_take_place(app: AppServices, client: Client, at: datetime) -> bool:
    return _record_outcome(app, client, at, standing_calls.call_off, _("Noted: no call this time."))


def _record_outcome(
    app: AppServices,
    client: Client,
    at: datetime,
    note: Callable[[Client, datetime, datetime], Call],
    confirmation: str,
) -> bool:
    """Record the call's outcome. A second tap right after would hit the next call's button: it is ignored."""
    if app.is_repeated(f"standing-call/{client.id}"):
        return False

    def change(unit: UnitOfWork) -> None:
        current = unit.get(Client, client.id)
        if not standing_calls_between(current, at, at + timedelta.resolution, app.calendar):
            raise DomainError("no_call")
        unit.add(note(current, at, app.now))

    def with_next_call(_change: Change) -> str:
        stored = app.store.get(Client, client.id)
        following = next_call(app, stored) if stored else None
        if stored is None or following is None:
            return confirmation
        return _("{said} The next one: {when}").format(
            said=confirmation, when=call_in_words(app, stored, following)
        )

    return app.write(lambda: app.store.transact(change), with_next_call)


def cancelled(app: AppServices, call: Call) -> CancelledCall | None:
    """The cancelled call that `call` is the record of, while it can still take place."""
    client = app.store.get(Client, call.client_id)
    found = cancelled_calls(client, lambda id_: app.store.get(Call, id_), app.now) if client else []
    return next((each for each in found if each.record and each.record.id == call.id), None)


def restore(app: AppServices, client_id: str, call: CancelledCall) -> bool:
    """Reinstate a cancelled call and delete its record."""

    def change(unit: UnitOfWork) -> None:
        standing_calls.restore(unit.get(Client, client_id), call, app.calendar, app.now)
        record = unit.find(Call, call.record.id) if call.record else None
        if record:
            unit.delete(record)

    confirmation = _("Your call takes place: {when}").format(when=app.format.when(call.at, app.now))
    return app.write(lambda: app.store.transact(change), confirmation)


def move(app: AppServices, client: Client, at: datetime, to: datetime) -> bool:
    """Move one call. It may be one that falls on a day off."""

    def change(current: Client) -> None:
        standing_calls.move(current, at, to, app.calendar, app.now)

    confirmation = _("Call moved: {when}").format(when=app.format.when(to, app.now))
    return app.write(lambda: app.store.update(Client, client.id, change), confirmation)


def keep_on_day_off(app: AppServices, client: Client, at: datetime) -> bool:
    """Let the call take place on a day off."""

    def change(current: Client) -> None:
        standing_calls.keep_on_day_off(current, at, app.calendar, app.now)

    confirmation = _("Your call takes place: {when}").format(when=app.format.when(at, app.now))
    return app.write(lambda: app.store.update(Client, client.id, change), confirmation)


# --- what the client knows -------------------------------------------------------------------------------


def promise(app: AppServices, client: Client, at: datetime) -> bool:
    """Record that the client knows the time of the call, so that they are told about changes."""

    def change(current: Client) -> None:
        promised_calls.promise(current, at, app.calendar)

    confirmation = _("Noted: they know of the call")
    return app.write(lambda: app.store.update(Client, client.id, change), confirmation)


def told_of_change(app: AppServices, client: Client, changed: ChangedCall) -> bool:
    return _settle(app, client, changed, _("Noted: you told them"))


def settle_without_telling(app: AppServices, client: Client, changed: ChangedCall) -> bool:
    """Settle the change without telling the client."""
    return _settle(app, client, changed, _("Noted: they need not be told"))


def _settle(app: AppServices, client: Client, changed: ChangedCall, confirmation: str) -> bool:
    def change(current: Client) -> None:
        promised_calls.settle(current, changed.start, app.calendar)

    return app.write(lambda: app.store.update(Client, client.id, change), confirmation)


# --- topics ----------------------------------------------------------------------------------------------


def add(app: AppServices, client_id: str, text: str, raised_by: str = RaisedBy.ME) -> bool:
    topic = Topic(client_id=client_id, text=text.strip(), raised_by=raised_by, created_at=app.now)
    if app.is_repeated(f"add-topic/{client_id}/{raised_by}/{topic.text}"):
        return False
    return bool(topic.text) and app.write(lambda: app.store.add(topic), _("Topic added"))


def tick_off(app: AppServices, topic: Topic, done: bool) -> bool:
    def change(unit: UnitOfWork) -> None:
        current = unit.get(Topic, topic.id)
        _set_answered(unit, current, app.now if done else None)
        topics.tick_off(current, app.now if done else None)

    confirmation = _("Noted: you talked about it") if done else _("Open again, for the next call")
    return app.write(lambda: app.store.transact(change), confirmation)


def _set_answered(unit: UnitOfWork, topic: Topic, at: datetime | None) -> None:
    """Set when the call that the topic was created from was answered; None reopens it."""
    call = unit.find(Call, topic.call_id)
    if call is not None and call.answered_at in (None, topic.done_at):
        call.answered_at = at


def edit(app: AppServices, topic: Topic, text: str) -> bool:
    def change(current: Topic) -> None:
        topics.edit(current, text)

    return app.write(lambda: app.store.update(Topic, topic.id, change), _("Topic changed"))


def delete(app: AppServices, topic: Topic) -> bool:
    """Delete a topic. The call it was created from no longer waits for an answer."""

    def change(unit: UnitOfWork) -> None:
        call = unit.find(Call, unit.get(Topic, topic.id).call_id)
        if call is not None and call.deferred_to is not None:
            call.deferred_to = None
            call.answered_at = call.answered_at or app.now
        unit.delete(topic)

    return app.write(lambda: app.store.transact(change), _("Topic deleted"))


def make_message(app: AppServices, topic: Topic) -> bool:
    """Turn a topic into a message to answer in writing."""
    return _convert(
        app,
        topic,
        lambda current: topics.become_message(current, app.now),
        _("Noted as a message to answer"),
    )


def make_job(app: AppServices, topic: Topic) -> bool:
    return _convert(app, topic, lambda current: topics.become_job(current, app.now), _("Noted as a job"))


def make_update(app: AppServices, topic: Topic, text: str) -> bool:
    """Turn a topic into an update that can answer a later check-in."""
    return _convert(
        app,
        topic,
        lambda current: topics.become_update(current, text, app.now),
        _("Kept as an update"),
        answers=True,
    )


def _convert(
    app: AppServices,
    topic: Topic,
    make: Callable[[Topic], Entity],
    confirmation: str,
    *,
    answers: bool = False,
) -> bool:
    """Turn a topic into another record. `answers` marks the call it was created from as answered."""

    def change(unit: UnitOfWork) -> None:
        current = unit.get(Topic, topic.id)
        if answers:
            _set_answered(unit, current, app.now)
        unit.add(make(current))

    return app.write(lambda: app.store.transact(change), confirmation)


def keep_call(app: AppServices, call: Call) -> bool:
    """Keep the subject of a call as a topic for the next call. The client does not know yet."""

    def change(unit: UnitOfWork) -> None:
        _add_or_reopen(unit, _topic_of_call(app, unit.get(Call, call.id)))

    def confirmation(_change: Change) -> str:
        client = app.store.get(Client, call.client_id)
        if client is None or next_call(app, client) is None:
            return _("Kept as a topic. They do not know yet: tell them.")
        return _("{kept}. They do not know yet: tell them.").format(kept=kept_until(app, client.id))

    return app.write(lambda: app.store.transact(change), confirmation)


def told(app: AppServices, call: Call, others: Sequence[str]) -> bool:
    """Record that the client knows the subject waits for the next call; answers all their open calls.

    `others` are the ids of the client's other calls that need an answer.
    """

    def change(unit: UnitOfWork) -> None:
        current = unit.get(Call, call.id)
        client = unit.find(Client, current.client_id)
        unit.add(queries.topic_from(app.store, current, app.now) or _topic_of_call(app, current))
        current.deferred_to = next_standing_call(client, app.now, app.calendar) if client else None
        if client and current.deferred_to:
            promised_calls.promise(client, current.deferred_to, app.calendar)
        for each in (current, *(unit.get(Call, id_) for id_ in others)):
            each.answered_at = each.answered_at or app.now

    return app.write(lambda: app.store.transact(change), lambda _change: kept_until(app, call.client_id))


def _topic_of_call(app: AppServices, call: Call) -> Topic:
    text = call.note.strip()[:2000] or _("What they called about ({when})").format(
        when=app.format.dated(call.at, app.now)
    )
    return topics.topic_of_call(call, text, app.now)


def keep_message(app: AppServices, message: Message) -> bool:
    """Keep the subject of a message as a topic for the next call. The message still needs a reply."""

    def change(unit: UnitOfWork) -> None:
        current = unit.get(Message, message.id)
        text = words.message_title(current.summary, current.kind)
        _add_or_reopen(unit, topics.topic_of_message(current, text, app.now))

    return app.write(lambda: app.store.transact(change), lambda _change: kept_until(app, message.client_id))


def _add_or_reopen(unit: UnitOfWork, topic: Topic) -> None:
    """Add the topic, or reopen the one already created from the same message or call."""
    if known := unit.find(Topic, topic.id):
        topics.tick_off(known, None)
    else:
        unit.add(topic)


def kept_until(app: AppServices, client_id: str) -> str:
    """The confirmation for a confirmation topic, with the date of the next call."""
    client = app.store.get(Client, client_id)
    at = next_call(app, client) if client else None
    if client is None or at is None:
        return _("Kept as a topic. There is no standing call yet.")
    return _("Kept for your call: {when}").format(when=call_in_words(app, client, at))

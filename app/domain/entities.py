"""Entities as SQLModel tables: one class per record kind, shared by rules, store and screens.

Conventions: identifiers are random hexadecimal text; instants are timezone-aware UTC; money is in whole minor
units of its currency (yen, cents); durations are in whole minutes; clock times and dates inside JSON columns
are ISO 8601 text. Lists and mappings are replaced, never changed in place, so that the store sees every
change.
"""

import uuid
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from .codes import (
    BoundaryStep,
    CallOutcome,
    ChannelKind,
    ClientStatus,
    ConversationOutcome,
    Direction,
    FeeBasis,
    JobStatus,
    MessageKind,
    RaisedBy,
    ReplyBasis,
    Stance,
    Theme,
)
from .column_types import (
    CallChanges,
    CallTimes,
    Channel,
    ChecklistItem,
    DayOff,
    Question,
    UtcDateTime,
    WeeklyHours,
)
from .languages import ENGLISH


def new_id() -> str:
    return uuid.uuid4().hex


def utc_now() -> datetime:
    return datetime.now(UTC)


class Entity(SQLModel):
    """Fields of every record. Ids starting with `SAMPLE_PREFIX` mark the removable sample data."""

    id: str = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


SAMPLE_PREFIX = "sample-"


class Client(Entity, table=True):
    """A client. In targets and allowances, None means: as in Settings.

    `name` is the person's name, or the organisation's if no person is known.
    """

    name: str = Field(default="", index=True)
    party: str = ""  # a `Party`: what `name` refers to; empty: not set (records of older versions)
    organisation: str = ""  # the person's organisation; empty if `name` is the organisation's
    reading: str = ""  # of the name, used for sorting and searching (よみ)
    honorific: str = ""
    language: str = ENGLISH
    channels: list[Channel] = Field(default_factory=list, sa_type=JSON)
    time_zone: str = ""  # IANA name; empty: the user's
    working_hours: WeeklyHours = Field(default_factory=dict, sa_type=JSON)  # empty: unknown
    reply_minutes: int | None = None
    reply_basis: str | None = None
    call_allowance: int | None = None  # unscheduled calls a week
    standing_call_rule: str = ""  # RFC 5545 RRULE without DTSTART; empty: none agreed
    standing_call_start: datetime | None = Field(default=None, sa_type=UtcDateTime)  # first occurrence
    standing_call_minutes: int = 30
    standing_call_changes: CallChanges = Field(default_factory=dict, sa_type=JSON)
    standing_call_told: CallTimes = Field(default_factory=dict, sa_type=JSON)  # when the client expects calls
    unpaid_limit: int | None = None  # minor units of `currency`
    payment_days: int | None = None  # from invoice or delivery to payment; None: as in Settings
    rate: int | None = None  # minor units an hour
    availability_rate: int | None = None  # minor units an hour
    currency: str = ""  # ISO 4217; empty: as in Settings
    stance: str = Stance.COULD_LOSE  # see `decision.stance_of`
    stance_chosen: bool = False  # the user has set the stance; False with the default value: never asked
    notes: str = ""
    status: str = Field(default=ClientStatus.ACTIVE, index=True)
    # Today hides the next step of the boundary ladder until then.
    ladder_snoozed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Message(Entity, table=True):
    """A message from a client (`in`), or the user's own that awaits an answer (`out`).

    `replied_at` is when it was answered: by the user for `in`, by the client for `out`.
    """

    client_id: str = Field(default="", index=True)
    job_id: str | None = Field(default=None, index=True)
    channel: str = ChannelKind.EMAIL
    direction: str = Direction.IN
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)  # received or sent
    summary: str = ""
    body: str = ""
    kind: str = MessageKind.OTHER
    needs_reply: bool = True
    # Set by hand; None: computed from the reply target.
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    promised_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    replied_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    snoozed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    followed_up_at: list[str] = Field(default_factory=list, sa_type=JSON)  # ISO instants, oldest first
    questions: list[Question] = Field(default_factory=list, sa_type=JSON)
    # Checklist id → ids of its ticked items.
    checklists: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON)
    boundary_step: int | None = None  # the step of the boundary ladder that this message takes


class Call(Entity, table=True):
    """A telephone or video call, taken or not: the evidence for the boundary ladder (second seed)."""

    client_id: str = Field(default="", index=True)
    job_id: str | None = None
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
    minutes: int = 0
    scheduled: bool = False
    outcome: str = CallOutcome.TAKEN
    said_why: bool | None = None  # whether the voicemail gives a reason
    answered_by_update_id: str | None = None
    # The standing call it is deferred to. A `Topic` keeps the subject.
    deferred_to: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # When the user got back to the client about a call not taken.
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    note: str = ""


class Topic(Entity, table=True):
    """A subject for the client's next standing call, open until ticked off.

    `message_id` and `call_id` name its source; the `became_…` fields name the records created from it.
    """

    client_id: str = Field(default="", index=True)
    text: str = ""
    raised_by: str = RaisedBy.ME
    message_id: str | None = None
    call_id: str | None = None
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    became_message_id: str | None = None
    became_update_id: str | None = None
    became_job_id: str | None = None


class StatusUpdate(Entity, table=True):
    """A status sent unasked, so that a later check-in can be answered with it."""

    __tablename__ = "update"

    client_id: str = Field(default="", index=True)
    job_id: str | None = None
    channel: str = ChannelKind.EMAIL
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
    text: str = ""


class Conversation(Entity, table=True):
    """A step of the boundary ladder taken with a client, and its outcome (second seed).

    Keeps the terms as proposed or agreed; the client record holds the current terms.
    """

    client_id: str = Field(default="", index=True)
    step: int = BoundaryStep.PROPOSE
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
    outcome: str = ConversationOutcome.SAID
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when they agreed or pushed back
    # As in Client: the standing call proposed or, once agreed, the agreed one.
    standing_call_rule: str = ""
    standing_call_start: datetime | None = Field(default=None, sa_type=UtcDateTime)
    standing_call_minutes: int | None = None
    call_allowance: int | None = None  # unscheduled calls a week
    rate: int | None = None  # minor units an hour
    decision: str | None = None  # a `Decision`, at the last step
    note: str = ""


class Job(Entity, table=True):
    """A job for a client. The fee covers the whole job; parts hold separate due dates and payments.

    A job without parts is delivered, invoiced and paid as a whole, at its own timestamps.
    """

    client_id: str = Field(default="", index=True)
    title: str = ""
    platform: str = ""
    status: str = Field(default=JobStatus.IN_PROGRESS, index=True)
    started_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    deadline: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)  # the client's
    fee: int | None = None  # minor units; for bases other than fixed: the unit price, see `pricing`
    unit_price: int | None = None  # thousandths of the currency's main unit; for bases other than fixed
    quantity: int | None = None  # thousandths of a character, hour, piece, …
    platform_fee: int | None = None  # hundredths of a percent of the payment; None: unknown
    withholding: bool = False  # the client withholds income tax at source (Japan)
    currency: str = ""  # ISO 4217; empty: as in Settings
    basis: str = FeeBasis.FIXED
    estimate_minutes: int | None = None
    spent_minutes: int = 0
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    invoiced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: list[str] = Field(default_factory=list, sa_type=JSON)  # payment reminders: ISO instants
    followed_up_at: list[str] = Field(default_factory=list, sa_type=JSON)  # an application: ISO instants
    rating: int | None = None  # 1–5
    rating_comment: str = ""
    continued_from_id: str | None = None
    notes: str = ""
    snoozed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    questions: list[Question] = Field(default_factory=list, sa_type=JSON)
    checklists: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON)


class Part(Entity, table=True):
    """A delivery of a job, with its own due date, delivery and payment."""

    job_id: str = Field(default="", index=True)
    position: int = 0
    title: str = ""
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    amount: int | None = None  # minor units of the job's currency
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    invoiced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: list[str] = Field(default_factory=list, sa_type=JSON)  # payment reminders: ISO instants


class Script(Entity, table=True):
    """The user's own script, or their copy of a built-in one (`builtin_id`), in one language."""

    builtin_id: str = Field(default="", index=True)
    language: str = ENGLISH
    title: str = ""
    moment: str = ""
    tone: str = ""
    body: str = ""


class Checklist(Entity, table=True):
    """The user's own checklist, or their copy of a built-in one (`builtin_id`), in one language."""

    builtin_id: str = Field(default="", index=True)
    language: str = ENGLISH
    title: str = ""
    moment: str = ""
    items: list[ChecklistItem] = Field(default_factory=list, sa_type=JSON)


SETTINGS_ID = "settings"

OFFICE_HOURS: WeeklyHours = {str(day): [["09:00", "18:00"]] for day in range(5)}


class Settings(Entity, table=True):
    """The user's preferences: a single row, synced like any record."""

    id: str = Field(default=SETTINGS_ID, primary_key=True)
    name: str = ""
    language: str = ENGLISH
    currency: str = "USD"  # ISO 4217
    time_zone: str = "UTC"  # IANA name
    working_hours: WeeklyHours = Field(default_factory=lambda: dict(OFFICE_HOURS), sa_type=JSON)
    days_off: list[DayOff] = Field(default_factory=list, sa_type=JSON)
    holiday_country: str = ""  # ISO 3166-1 alpha-2, whose public holidays are days off; empty: none
    worked_holidays: list[str] = Field(default_factory=list, sa_type=JSON)  # keys of those not kept
    quiet_hours: list[str] = Field(default_factory=lambda: ["20:00", "08:00"], sa_type=JSON)  # empty: none
    reply_minutes: int = 24 * 60
    reply_basis: str = ReplyBasis.CLOCK
    buffer_percent: int = 20  # of the span from start to deadline
    buffer_days: int = 1  # minimum in working days
    call_allowance: int = 2  # unscheduled calls per week and client
    follow_up_days: int = 3  # business days of silence before a follow-up
    payment_days: int = 30  # from invoice or delivery to payment
    unpaid_limit: int | None = None  # per client, in minor units of `currency`; None: no limit
    first_weekday: int = 0  # of the weeks in which calls are counted; 0: Monday
    reminder_minutes: list[int] = Field(default_factory=lambda: [60], sa_type=JSON)  # lead times in minutes
    # Which kinds of reminders notify, and whether they do so on days off.
    ring_replies: bool = True
    ring_deadlines: bool = True
    ring_follow_ups: bool = True
    ring_calls: bool = True
    ring_on_days_off: bool = False
    theme: str = Theme.SYSTEM
    introduced: bool = False  # the first run was completed or skipped


KINDS: dict[str, type[Entity]] = {
    "client": Client,
    "message": Message,
    "call": Call,
    "topic": Topic,
    "update": StatusUpdate,
    "conversation": Conversation,
    "job": Job,
    "part": Part,
    "script": Script,
    "checklist": Checklist,
    "settings": Settings,
}


EntityT = TypeVar("EntityT", bound=Entity)


def kind_of(entity: Entity | type[Entity]) -> str:
    """Return the record kind of an entity or class, as written in backups and sealed records."""
    return str(entity.__tablename__)


def fields_of(entity: Entity) -> dict[str, Any]:
    """Return the entity's fields except its id, as Python values."""
    return {name: getattr(entity, name) for name in type(entity).model_fields if name != "id"}


def edited(entity: EntityT, **changes: Any) -> EntityT:
    """Return a detached copy of the entity with some fields changed, not validated."""
    return type(entity)(**{**entity.model_dump(), **changes})

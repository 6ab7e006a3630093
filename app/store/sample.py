"""Sample data for trying the app: a few clients as described by the seeds, removable in one step."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from app import locales
from app.domain.calls import next_standing_call
from app.domain.column_types import Question
from app.domain.entities import (
    KINDS,
    SAMPLE_PREFIX,
    Call,
    Client,
    Conversation,
    Entity,
    Job,
    Message,
    Part,
    StatusUpdate,
    Topic,
)
from app.domain.hours import WorkCalendar, work_calendar
from app.store.changes import Change
from app.store.records import Record, deleted
from app.store.store import Store

DUE = time(18)  # deadlines are at the end of a day
STANDING_SINCE = timedelta(days=14)
MORNING, EVENING = (
    9,
    19,
)  # hours: sample events are at most one hour before or after


def load_sample(store: Store, language: str, now: datetime) -> Change:
    """Add the sample of one language, with everything in it dated from `now`."""
    data = locales.table(language, "sample.json")
    sample = _Sample(data, language, now, work_calendar(store.settings()))
    return store.save(*sample.entities())


def has_sample(store: Store) -> bool:
    """Whether any sample record still exists."""
    left = select(col(Record.id)).where(col(Record.id).startswith(SAMPLE_PREFIX), ~deleted())
    with store.session() as session:
        return session.scalar(left.limit(1)) is not None


def remove_sample(store: Store) -> Change:
    """Delete the sample data, with everything recorded for its clients and jobs."""
    with store.session() as session:
        left = [
            entity
            for model in KINDS.values()
            for entity in session.scalars(select(model).where(col(model.id).startswith(SAMPLE_PREFIX)))
        ]
    return store.delete(*left)


class _Sample:
    """Converts the sample file's relative times and keys into entities."""

    def __init__(self, data: dict[str, Any], language: str, now: datetime, calendar: WorkCalendar) -> None:
        self._data = data
        self._language = language
        self._now = now.astimezone(UTC).replace(microsecond=0)
        self._calendar = calendar

    def entities(self) -> Iterator[Entity]:
        for data in self._data["clients"]:
            yield self._client(data)
        for data in self._data["jobs"]:
            yield self._job(data)
            for number, part in enumerate(data["parts"]):
                yield self._part(data["key"], number, part)
        for number, data in enumerate(self._data["updates"]):
            yield self._update(number, data)
        for number, data in enumerate(self._data["messages"]):
            yield self._message(number, data)
        for number, data in enumerate(self._data["calls"]):
            yield self._call(number, data)
        for number, data in enumerate(self._data["topics"]):
            yield self._topic(number, data)
        for number, data in enumerate(self._data["conversations"]):
            yield self._conversation(number, data)

    def _client(self, data: dict[str, Any]) -> Client:
        client = Client(
            id=_id("client", data["key"]),
            created_at=self._now,
            name=data["name"],
            honorific=data["honorific"],
            language=self._language,
            channels=data["channels"],
            reply_minutes=round(data["reply_hours"] * 60),
            call_allowance=data["call_allowance"],
            unpaid_limit=data["unpaid_limit"],
            payment_days=data["payment_days"],
            rate=data["rate"],
            currency=self._data["currency"],
            stance=data["stance"],
            stance_chosen=True,
            notes=data["notes"],
        )
        if standing := data["standing_call"]:
            since = self._clock(self._now - STANDING_SINCE, time.fromisoformat(standing["time"]))
            client.standing_call_rule = standing["rrule"]
            client.standing_call_minutes = standing["minutes"]
            client.standing_call_start = since
            client.standing_call_start = next_standing_call(client, since, self._calendar)
        return client

    def _job(self, data: dict[str, Any]) -> Job:
        started = self._ago(days=data["started_days_ago"])
        return Job(
            id=_id("job", data["key"]),
            created_at=started,
            client_id=_id("client", data["client"]),
            title=data["title"],
            platform=data["platform"],
            status=data["status"],
            started_at=started,
            deadline=self._due(data["deadline_in_days"]),
            fee=data["fee"],
            currency=self._data["currency"],
            basis=data["basis"],
            estimate_minutes=round(data["estimate_hours"] * 60),
            spent_minutes=round(data["spent_hours"] * 60),
            rating=data["rating"],
            rating_comment=data["rating_comment"] or "",
        )

    def _part(self, job: str, number: int, data: dict[str, Any]) -> Part:
        delivered, paid = data["delivered_days_ago"], data["paid_days_ago"]
        return Part(
            id=_id("part", f"{job}-{number}"),
            created_at=self._now,
            job_id=_id("job", job),
            position=number,
            title=data["title"],
            due_at=self._due(data["due_in_days"]),
            amount=data["amount"],
            delivered_at=None if delivered is None else self._ago(days=delivered),
            invoiced_at=None if delivered is None else self._ago(days=delivered),
            paid_at=None if paid is None else self._ago(days=paid),
        )

    def _update(self, number: int, data: dict[str, Any]) -> StatusUpdate:
        at = self._ago(hours=data["hours_ago"])
        return StatusUpdate(
            id=_id("update", number),
            created_at=at,
            client_id=_id("client", data["client"]),
            job_id=_id("job", data["job"]) if data["job"] else None,
            at=at,
            text=data["text"],
        )

    def _message(self, number: int, data: dict[str, Any]) -> Message:
        at, after = self._ago(hours=data["hours_ago"]), data["replied_after_hours"]
        return Message(
            id=_id("message", number),
            created_at=at,
            client_id=_id("client", data["client"]),
            job_id=_id("job", data["job"]) if data["job"] else None,
            channel=data["channel"],
            direction=data["direction"],
            at=at,
            summary=data["summary"],
            body=data["body"],
            kind=data["kind"],
            needs_reply=data["needs_reply"],
            replied_at=None if after is None else self._ago(hours=data["hours_ago"] - after),
            questions=[
                Question(id=f"{number}-{place}", text=text, asked_at=None, answered_at=None)
                for place, text in enumerate(data["questions"])
            ],
        )

    def _call(self, number: int, data: dict[str, Any]) -> Call:
        at = self._ago(hours=data["hours_ago"])
        return Call(
            id=_id("call", number),
            created_at=at,
            client_id=_id("client", data["client"]),
            at=at,
            minutes=data["minutes"],
            scheduled=data["scheduled"],
            outcome=data["outcome"],
            said_why=data["said_why"],
            note=data["note"],
        )

    def _topic(self, number: int, data: dict[str, Any]) -> Topic:
        done = data["done_days_ago"]
        return Topic(
            id=_id("topic", number),
            created_at=self._ago(days=data["days_ago"]),
            client_id=_id("client", data["client"]),
            text=data["text"],
            raised_by=data["raised_by"],
            done_at=None if done is None else self._ago(days=done),
        )

    def _conversation(self, number: int, data: dict[str, Any]) -> Conversation:
        """Copies the client's current standing call and allowance as the agreed terms."""
        at = self._ago(days=data["days_ago"])
        client = next(each for each in self._data["clients"] if each["key"] == data["client"])
        standing = client["standing_call"]
        return Conversation(
            id=_id("conversation", number),
            created_at=at,
            client_id=_id("client", data["client"]),
            step=data["step"],
            at=at,
            outcome=data["outcome"],
            answered_at=self._ago(days=data["answered_days_ago"]),
            standing_call_rule=standing["rrule"],
            standing_call_minutes=standing["minutes"],
            call_allowance=client["call_allowance"],
            note=data["note"],
        )

    def _ago(self, days: float = 0, hours: float = 0) -> datetime:
        return self._by_day(self._now - timedelta(days=days, hours=hours))

    def _by_day(self, at: datetime) -> datetime:
        """Move an event to an hour at which people write and call; keep the order, and stay in the past.

        Times after EVENING move to the half hour after it, times before MORNING to the hour before it. Before
        this morning's hour has come, they move to the second half hour of the previous evening.
        """
        zone = self._calendar.zone
        local, now = at.astimezone(zone), self._now.astimezone(zone)
        hours = local.hour + local.minute / 60 + local.second / 3600
        day, early = local.date(), now.hour < MORNING
        if hours >= EVENING:
            hours = EVENING + (hours - EVENING) / (24 - EVENING) / 2
        elif hours < MORNING and day == now.date() and early:
            day, hours = day - timedelta(days=1), EVENING + 0.5 + hours / MORNING / 2
        elif hours < MORNING:
            hours = MORNING - 1 + hours / MORNING
        minutes = int(hours * 60)
        second = 0 if hours < MORNING or hours >= EVENING else local.second
        return datetime.combine(day, time(minutes // 60, minutes % 60, second), zone).astimezone(UTC)

    def _due(self, days: int | None) -> datetime | None:
        return None if days is None else self._clock(self._now + timedelta(days=days), DUE)

    def _clock(self, day: datetime, at: time) -> datetime:
        zone: ZoneInfo = self._calendar.zone
        return datetime.combine(day.astimezone(zone).date(), at, zone).astimezone(UTC)


def _id(kind: str, key: str | int) -> str:
    return f"{SAMPLE_PREFIX}{kind}-{key}"

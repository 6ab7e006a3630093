"""Topics: what waits for a client's next standing call, and what becomes of it.

Second seed (fr-client-boundaries): "can it wait for Friday's call?" needs a place to wait in.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from .codes import RaisedBy
from .entities import Call, Job, Message, StatusUpdate, Topic
from .errors import DomainError

LEGACY = timedelta(days=28)
"""How long a call that was let wait by a version without topics counts as one."""


def topic_id(source_id: str) -> str:
    """The id of the topic made of a message or a call: the same on every device."""
    return uuid5(NAMESPACE_URL, f"topic:{source_id}").hex


def topic_of_call(call: Call, text: str, at: datetime) -> Topic:
    """What a call was about is talked about in the next standing call."""
    return Topic(
        id=topic_id(call.id),
        created_at=at.astimezone(UTC),
        client_id=call.client_id,
        text=text,
        raised_by=RaisedBy.CLIENT,
        call_id=call.id,
    )


def topic_of_message(message: Message, text: str, at: datetime) -> Topic:
    """What a message is about is talked about in the next standing call."""
    raised_by = RaisedBy.CLIENT if message.direction == "in" else RaisedBy.ME
    return Topic(
        id=topic_id(message.id),
        created_at=at.astimezone(UTC),
        client_id=message.client_id,
        text=text,
        raised_by=raised_by,
        message_id=message.id,
    )


def in_order(topics: Iterable[Topic]) -> list[Topic]:
    """As they were raised."""
    return sorted(topics, key=lambda topic: (topic.created_at, topic.id))


def raised_by_client(topics: Iterable[Topic]) -> list[Topic]:
    """Those the client waits to hear about, in the order given."""
    return [topic for topic in topics if topic.raised_by == RaisedBy.CLIENT]


def tick_off(topic: Topic, at: datetime | None) -> None:
    """It was talked about; None: it is open again, for the next call."""
    topic.done_at = None if at is None else at.astimezone(UTC)


def edit(topic: Topic, text: str) -> None:
    """DomainError `required` for an empty one."""
    if not text.strip():
        raise DomainError("required")
    topic.text = text.strip()


def become_message(topic: Topic, at: datetime) -> Message:
    """It is answered in writing: a message of the client's, whose reply is due from now on."""
    message = Message(client_id=topic.client_id, at=at, created_at=at, summary=topic.text)
    tick_off(topic, at)
    topic.became_message_id = message.id
    return message


def become_update(topic: Topic, text: str, at: datetime) -> StatusUpdate:
    """What was said in the call is kept, for when they check in."""
    update = StatusUpdate(client_id=topic.client_id, at=at, created_at=at, text=text)
    tick_off(topic, at)
    topic.became_update_id = update.id
    return update


def become_job(topic: Topic, at: datetime) -> Job:
    """There is work to do."""
    job = Job(client_id=topic.client_id, started_at=at, created_at=at, title=topic.text[:200])
    tick_off(topic, at)
    topic.became_job_id = job.id
    return job

"""Topics for a client's next standing call, and the records created from them.

Second seed (fr-client-boundaries): "can it wait for Friday's call?" needs a place to wait in.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from .codes import RaisedBy
from .entities import Call, Job, Message, StatusUpdate, Topic
from .errors import DomainError

LEGACY = timedelta(days=28)
"""How long a call deferred by a version without topics counts as a topic."""


def topic_id(source_id: str) -> str:
    """Return the id of the topic created from a message or call: the same on every device."""
    return uuid5(NAMESPACE_URL, f"topic:{source_id}").hex


def topic_of_call(call: Call, text: str, at: datetime) -> Topic:
    """Create a topic from a call, for the next standing call."""
    return Topic(
        id=topic_id(call.id),
        created_at=at.astimezone(UTC),
        client_id=call.client_id,
        text=text,
        raised_by=RaisedBy.CLIENT,
        call_id=call.id,
    )


def topic_of_message(message: Message, text: str, at: datetime) -> Topic:
    """Create a topic from a message, for the next standing call."""
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
    """Return the topics oldest first."""
    return sorted(topics, key=lambda topic: (topic.created_at, topic.id))


def raised_by_client(topics: Iterable[Topic]) -> list[Topic]:
    """Return the topics that the client raised, in the given order."""
    return [topic for topic in topics if topic.raised_by == RaisedBy.CLIENT]


def tick_off(topic: Topic, at: datetime | None) -> None:
    """Mark the topic as discussed; None reopens it for the next call."""
    topic.done_at = None if at is None else at.astimezone(UTC)


def edit(topic: Topic, text: str) -> None:
    """Replace the text. Raises DomainError `required` if it is empty."""
    if not text.strip():
        raise DomainError("required")
    topic.text = text.strip()


def become_message(topic: Topic, at: datetime) -> Message:
    """Turn the topic into a message from the client to answer in writing; its reply window starts at `at`."""
    message = Message(client_id=topic.client_id, at=at, created_at=at, summary=topic.text)
    tick_off(topic, at)
    topic.became_message_id = message.id
    return message


def become_update(topic: Topic, text: str, at: datetime) -> StatusUpdate:
    """Keep what was said in the call as a status update, which can answer later check-ins."""
    update = StatusUpdate(client_id=topic.client_id, at=at, created_at=at, text=text)
    tick_off(topic, at)
    topic.became_update_id = update.id
    return update


def become_job(topic: Topic, at: datetime) -> Job:
    """Create a job from the topic."""
    job = Job(client_id=topic.client_id, started_at=at, created_at=at, title=topic.text[:200])
    tick_off(topic, at)
    topic.became_job_id = job.id
    return job

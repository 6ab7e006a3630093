"""An entry of a client's timeline."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.entities import Entity, Job


@dataclass(frozen=True)
class TimelineEntry:
    """An entry of the timeline.

    `kind`: message, call, update, conversation, topic_done, job_started, part_delivered or part_paid.
    """

    at: datetime
    kind: str
    entity: Entity
    job: Job | None = None  # the job of a part

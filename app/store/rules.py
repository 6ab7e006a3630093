"""Rules for stored records: ownership, links, and what makes a record unusable."""

from app.domain.entities import Entity
from app.domain.validation import check

PARENTS = {
    **dict.fromkeys(("message", "call", "topic", "update", "conversation", "job"), "client"),
    "part": "job",
}
"""Child kind → parent kind, linked by `<kind>_id`. Children are deleted with their parent."""

LINKS = (
    ("message", "job_id", "job"),
    ("call", "job_id", "job"),
    ("update", "job_id", "job"),
    ("job", "continued_from_id", "job"),
    ("call", "answered_by_update_id", "update"),
    ("topic", "message_id", "message"),
    ("topic", "call_id", "call"),
    ("topic", "became_message_id", "message"),
    ("topic", "became_update_id", "update"),
    ("topic", "became_job_id", "job"),
)
"""(kind, field, linked kind): fields that are cleared when the linked record is deleted."""

LARGEST = 2**53
"""Larger integers are not exact in all JSON implementations."""

UNFINISHED = frozenset({"required", "too_long", "order"})
"""Problem codes that forms report but the rules tolerate; records with any other are not stored."""


def unusable(entity: Entity) -> str | None:
    """Why an entity must not be stored, as `field: code`; None if it may be stored.

    Writing and restoring both apply this check, so everything stored can be backed up and restored.
    """
    problems = (problem for problem in check(entity) if problem.code not in UNFINISHED)
    return next((f"{problem.field}: {problem.code}" for problem in problems), None)

"""What holds for stored records as a whole: who belongs to whom, and what makes one unusable."""

from app.domain.entities import Entity
from app.domain.validation import check

PARENTS = {
    **dict.fromkeys(("message", "call", "topic", "update", "conversation", "job"), "client"),
    "part": "job",
}
"""A kind → the kind it belongs to, by `<kind>_id`, and is deleted with."""

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
"""(kind, field, kind linked to): what is emptied when the other end is deleted."""

LARGEST = 2**53
"""Whole numbers beyond are not exact everywhere."""

UNFINISHED = frozenset({"required", "too_long", "order"})
"""Problems a form points out but the rules can live with; any other would break them."""


def unusable(entity: Entity) -> str | None:
    """Why an entity must not be stored, as `field: code`; None when it may.

    What is stored can always be backed up and restored, because both sides ask this.
    """
    problems = (problem for problem in check(entity) if problem.code not in UNFINISHED)
    return next((f"{problem.field}: {problem.code}" for problem in problems), None)

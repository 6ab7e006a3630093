"""Checklists before a reply or a delivery: they wait for open questions too."""

from collections.abc import Collection, Sequence

from .column_types import ChecklistItem
from .entities import Job, Message
from .reply import open_questions


def checklist_progress(ticked: Collection[str], items: Sequence[ChecklistItem]) -> tuple[int, int]:
    """How many of the items are ticked, and how many there are; ticks of items since removed do not count."""
    return sum(item["id"] in ticked for item in items), len(items)


def reply_checklist_green(
    asked_about: Message | Job, items: Sequence[ChecklistItem], ticked: Collection[str]
) -> bool:
    """Whether the answer, or the work, can go: every item ticked and no question open.

    First seed: ask, do not guess.
    """
    done, total = checklist_progress(ticked, items)
    return done == total and not open_questions(asked_about)

"""Checklists before a reply or a delivery; the reply one also waits for open questions."""

from collections.abc import Collection, Sequence

from .entities import ChecklistItem, Message
from .reply import open_questions


def checklist_progress(ticked: Collection[str], items: Sequence[ChecklistItem]) -> tuple[int, int]:
    """How many of the items are ticked, and how many there are; ticks of items since removed do not count."""
    return sum(item["id"] in ticked for item in items), len(items)


def reply_checklist_green(message: Message, items: Sequence[ChecklistItem], ticked: Collection[str]) -> bool:
    """Whether the answer can go: every item ticked and no question open (first seed: ask, do not guess)."""
    done, total = checklist_progress(ticked, items)
    return done == total and not open_questions(message)

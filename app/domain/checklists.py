"""Checklists before a reply or a delivery; open questions block them too."""

from collections.abc import Collection, Sequence

from .column_types import ChecklistItem
from .entities import Job, Message
from .reply import open_questions


def checklist_progress(ticked: Collection[str], items: Sequence[ChecklistItem]) -> tuple[int, int]:
    """Return (ticked, total); ticks of items that no longer exist do not count."""
    return sum(item["id"] in ticked for item in items), len(items)


def reply_checklist_green(
    asked_about: Message | Job, items: Sequence[ChecklistItem], ticked: Collection[str]
) -> bool:
    """Return whether the reply or delivery can go out: every item is ticked and no question is open.

    First seed: ask, do not guess.
    """
    done, total = checklist_progress(ticked, items)
    return done == total and not open_questions(asked_about)

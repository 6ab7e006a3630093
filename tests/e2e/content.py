"""Built-in texts from locales/, for tests that walk through them."""

from app.store import content


def checklist_items(language: str, checklist_id: str) -> list[str]:
    found = next(view for view in content.builtin_checklists(language) if view.id == checklist_id)
    return [item["text"] for item in found.items]


def script_title(language: str, script_id: str) -> str:
    return next(view for view in content.builtin_scripts(language) if view.id == script_id).title

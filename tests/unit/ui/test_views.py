"""Screens get their records from the view models."""

import ast
from pathlib import Path

import app.ui

VIEWS = Path(app.ui.__file__).parent
# The state connects the store to the screens; links and the snapshot need it before there is a screen.
WITH_STORE = {"app.py", "links.py", "state.py", "warm.py"}
WITHOUT_RECORDS = {"drafts", "now", "subscribe"}


def test_no_view_reads_or_writes_records_in_the_store() -> None:
    """Screens use the store only for form drafts, the time, and subscriptions."""
    found = [
        f"{path.relative_to(VIEWS)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted(VIEWS.rglob("*.py"))
        if str(path.relative_to(VIEWS)) not in WITH_STORE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "store"
        and node.attr not in WITHOUT_RECORDS
    ]
    assert found == []

"""Effects of deletions on related records, as specified by docs/protocol.md under Deletions."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tests.server.document.merging import ZERO, Pair, Version, delete, restore_fields

PARENTS = {
    **dict.fromkeys(("message", "call", "topic", "update", "conversation", "job"), ("client", "client_id")),
    "part": ("job", "job_id"),
}
LINKS = {
    "message": {"job_id": "job"},
    "call": {"job_id": "job", "answered_by_update_id": "update"},
    "topic": {
        "message_id": "message",
        "call_id": "call",
        "became_message_id": "message",
        "became_update_id": "update",
        "became_job_id": "job",
    },
    "update": {"job_id": "job"},
    "job": {"continued_from_id": "job"},
}
NAMES = {"client": "name", "job": "title"}


class Relations:
    """Applies deletions to a client's records, in place."""

    def __init__(self, records: dict[str, Version]) -> None:
        self._records = records

    def parent(self, record: Version) -> str | None:
        """The id of the record that this one belongs to, if it exists."""
        kind, field = PARENTS.get(record.kind, ("", ""))
        id_ = record.value(field)
        if not (record.living and isinstance(id_, str)):
            return None
        found = self._records.get(id_)
        return id_ if found is not None and found.kind == kind else None

    def descendants(self, id_: str) -> Iterator[str]:
        """The ids of all living records below this one, recursively."""
        for child, record in list(self._records.items()):
            if self.parent(record) == id_:
                yield child
                yield from self.descendants(child)

    def delete(self, id_: str, clock: str) -> None:
        """Delete a record and its descendants."""
        for each in [id_, *self.descendants(id_)]:
            self._records[each] = delete(self._records[each], clock)
        self.apply_deletions({})

    def apply_deletions(self, lost: dict[str, dict[str, Pair]]) -> None:
        """Delete or restore related records, and clear links to deleted ones.

        `lost`: the former fields of deleted records, by id."""
        while self._apply_one_deletion(lost):
            pass
        for record in self._records.values():
            for field, kind in LINKS.get(record.kind, {}).items():
                value, clock = record.fields.get(field, (None, ZERO))
                target = self._records.get(value) if isinstance(value, str) else None
                if target is not None and target.kind == kind and not target.living and target.gone:
                    record.fields[field] = (None, clock)

    def _apply_one_deletion(self, lost: dict[str, dict[str, Pair]]) -> bool:
        """Handle one deleted parent, jobs before clients. Returns False if there is none."""
        for record in sorted(self._records.values(), key=lambda record: record.kind != "part"):
            id_ = self.parent(record)
            if id_ is None or self._records[id_].living or not self._records[id_].gone:
                continue
            gone, descendants = self._records[id_].gone, list(self.descendants(id_))
            newest = max(self._records[each].newest for each in descendants)
            if newest > gone:
                self._restore(id_, newest, lost.get(id_))
            else:
                for each in descendants:
                    self._records[each] = delete(self._records[each], gone)
            return True
        return False

    def _restore(self, id_: str, newest: str, lost: dict[str, Pair] | None) -> None:
        deleted = self._records[id_]
        at = datetime.fromtimestamp(int(newest[:13]) / 1000, UTC).isoformat()
        placeholder: dict[str, Pair] = {"created_at": (at, ZERO), NAMES[deleted.kind]: (f"? {id_[:4]}", ZERO)}
        self._records[id_] = restore_fields(deleted, lost or placeholder)

"""One command's changes: records are read within a transaction, changed in memory, written together."""

from typing import Any, Protocol, TypeVar

from app.domain.entities import Entity, Settings, fields_of, kind_of
from app.domain.errors import DomainError, RecordNotFoundError
from app.store.records import Fields, Key, encode
from app.store.rules import unusable
from app.store.writing import RecordWriter

E = TypeVar("E", bound=Entity)


class Reader(Protocol):
    """Reads records within the command's transaction."""

    def get(self, kind: type[E], id_: str) -> E | None: ...


class UnitOfWork:
    """Hands out records within a transaction; changes to them are written when the command ends."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._stored: dict[Key, Any] = {}
        self._added: dict[Key, Entity] = {}
        self._deleted: dict[Key, None] = {}

    def find(self, kind: type[E], id_: str | None) -> E | None:
        """The stored record, or None. Repeated calls return the same object."""
        key = Key(kind_of(kind), id_ or "")
        if key not in self._stored:
            self._stored[key] = self._read(kind, key.id)
        found: E | None = self._stored[key]
        return found

    def get(self, kind: type[E], id_: str | None) -> E:
        """Like `find`, but raises RecordNotFoundError if there is no such record."""
        found = self.find(kind, id_)
        if found is None:
            raise RecordNotFoundError
        return found

    def merge(self, initial: E, edited: E) -> E:
        """Apply a form's changes to a record: the fields in which `edited` differs from `initial`.

        `initial` is the record as the form was opened. All other fields keep their stored values.
        Raises RecordNotFoundError.
        """
        stored, before = self.get(type(initial), initial.id), fields_of(initial)
        for name, value in fields_of(edited).items():
            if value != before[name]:
                setattr(stored, name, value)
        return stored

    def add(self, *entities: Entity) -> None:
        """Insert new records. A record whose id is already stored is skipped."""
        self._added |= {Key(kind_of(entity), entity.id): entity for entity in entities}

    def delete(self, *entities: Entity) -> None:
        """Delete records with their children. Raises RecordNotFoundError."""
        for entity in entities:
            self.get(type(entity), entity.id)
            self._deleted[Key(kind_of(entity), entity.id)] = None

    def write(self, writer: RecordWriter) -> None:
        """Write all changes. Raises DomainError for a record that must not be stored."""
        stored = {key: entity for key, entity in self._stored.items() if entity is not None}
        added = {key: entity for key, entity in self._added.items() if not writer.exists(key)}
        wanted = {
            key: checked(entity) for key, entity in (stored | added).items() if key not in self._deleted
        }
        # A new record must not belong to a record that has been deleted.
        if writer.orphans({key: fields for key, fields in wanted.items() if key in added}):
            raise RecordNotFoundError
        writer.put(wanted)
        writer.remove(self._deleted)

    def _read(self, kind: type[E], id_: str) -> Any:
        found = self._reader.get(kind, id_)
        return Settings() if found is None and kind is Settings else found


def checked(entity: Entity) -> Fields:
    """An entity's fields, encoded. Raises DomainError for a value that the rules cannot handle."""
    if problem := unusable(entity):
        raise DomainError(f"{kind_of(entity)}.{problem}")
    return encode(entity)

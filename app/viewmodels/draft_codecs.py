"""Codecs for form drafts, stored as JSON of the fields that differ from the form's initial values."""

from typing import Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter

from app.domain.entities import Entity

T = TypeVar("T")


class DraftCodec(Protocol[T]):
    """Converts a form's draft to JSON and back; an empty value means that nothing was changed."""

    def pack(self, value: T) -> Any: ...

    def unpack(self, packed: Any) -> T:
        """Raises ValueError for a draft of another version that this one cannot use."""


class Changes(Generic[T]):
    """Codec for a form that edits a copy of an entity or dataclass; `opened` is its initial state.

    Stores only the fields that differ from `opened`. Drafts and `opened` are None for a deleted record.
    """

    def __init__(self, opened: T) -> None:
        self.opened = opened

    def pack(self, value: T) -> Any:
        if value is None or self.opened is None:
            return {}
        before = _fields(self.opened)
        return {name: each for name, each in _fields(value).items() if each != before[name]}

    def unpack(self, packed: Any) -> T:
        opened = _fields(self.opened)
        known = {name: each for name, each in dict(packed).items() if name in opened}
        if isinstance(self.opened, Entity):
            return type(self.opened).model_validate({**opened, **known})
        return TypeAdapter(type(self.opened)).validate_python({**opened, **known})


def _fields(value: Any) -> dict[str, Any]:
    """The fields as JSON values."""
    if isinstance(value, Entity):
        return value.model_dump(mode="json")
    fields: dict[str, Any] = TypeAdapter(type(value)).dump_python(value, mode="json")
    return fields


class PlainText:
    """Codec for a form that is a single text field."""

    def pack(self, value: str) -> Any:
        return value

    def unpack(self, packed: Any) -> str:
        return str(packed)

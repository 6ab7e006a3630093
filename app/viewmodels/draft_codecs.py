"""How drafts of forms are kept: as JSON of what differs from what the form started from."""

from typing import Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter

from app.domain.entities import Entity

T = TypeVar("T")


class DraftCodec(Protocol[T]):
    """How a form's draft is kept: as JSON of what differs from what is stored; empty for nothing."""

    def pack(self, value: T) -> Any: ...

    def unpack(self, packed: Any) -> T:
        """Raises ValueError for what an older or newer version kept and this one cannot use."""


class Changes(Generic[T]):
    """Of a form that edits a copy of an entity or a dataclass; `opened` is the copy it starts from.

    Only the fields that differ from `opened` are kept; both are None for a deleted record.
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
    """Of a field that is a form by itself."""

    def pack(self, value: str) -> Any:
        return value

    def unpack(self, packed: Any) -> str:
        return str(packed)

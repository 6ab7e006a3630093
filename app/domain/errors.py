"""Errors raised by domain rules."""


class DomainError(Exception):
    """A rule rejects the request; the user sees the reason and nothing is changed.

    `code` identifies the reason, and the UI has a sentence for it. A ValueError, by contrast, is a bug.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RecordNotFoundError(DomainError):
    """The record to change does not exist or was deleted."""

    def __init__(self) -> None:
        super().__init__("not_found")

"""The exception of a rule that refuses what was asked."""


class DomainError(Exception):
    """A rule refuses what was asked: the person is told why, and nothing is changed.

    `code` is one word for the reason; the UI has a sentence for it. A ValueError, by contrast, is a bug.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RecordNotFoundError(DomainError):
    """The record to be changed does not exist, or was deleted meanwhile."""

    def __init__(self) -> None:
        super().__init__("not_found")

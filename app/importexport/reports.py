"""The result of reading a file: proposals to be accepted, and everything that was not understood."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Proposal = TypeVar("Proposal")

LARGEST = 10_000_000  # bytes; larger files are of another kind


@dataclass(frozen=True)
class RowProblem:
    """Something that was not understood, and skipped.

    `row` is counted from 1 (in a CSV file the header is row 1; events are numbered in order); 0 is the whole
    file. `field` is the name of a column or property, `text` its content.

    Codes: `format`, `required`, `range`, `currency`, `choice`, `ambiguous_date`, `past`, `repeats`, `zone`,
    `unknown_column`, `extra_cells`, and of the file `encoding`, `format`, `not_ical`, `no_header`, `empty`,
    `cut_off`, `too_large`, `too_many`, `too_wide`.
    """

    row: int
    field: str
    text: str
    code: str


@dataclass(frozen=True)
class Report(Generic[Proposal]):
    found: list[Proposal]
    troubles: list[RowProblem]

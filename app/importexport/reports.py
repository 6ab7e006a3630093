"""What reading a file came to: proposals nobody has accepted yet, and everything that was not understood."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Proposal = TypeVar("Proposal")

LARGEST = 10_000_000  # bytes of a file; more is another kind of file


@dataclass(frozen=True)
class RowProblem:
    """Something that was not understood, and left out.

    `row` counts from 1 as a person does (in a CSV file the header is row 1; events are numbered as they
    come); 0 is the file as a whole. `field` is a column's or property's name, `text` what stands there.

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

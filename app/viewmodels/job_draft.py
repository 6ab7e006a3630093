"""A job as typed into its form. Fields stay text until they are read, so no input is lost."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from app.domain.codes import FeeBasis
from app.domain.entities import Client, Job, Part, new_id
from app.domain.errors import DomainError
from app.domain.pricing import fee_of_unit, unit_price
from app.domain.validation import MISTAKEN, Problem, check
from app.i18n import Formatter
from app.importexport.local_dates import parse_hours
from app.store import queries
from app.viewmodels.amounts import (
    amount_text,
    percent_text,
    read_amount,
    read_percent,
    read_quantity,
    read_thousandths,
    thousandths_text,
)
from app.viewmodels.draft_codecs import Changes
from app.viewmodels.services import AppServices
from app.wording import words


@dataclass(frozen=True)
class PartDraft:
    """One row of the parts editor; `id` is the id of the stored part, or of the part to be created."""

    id: str
    title: str = ""
    due_at: datetime | None = None
    amount: str = ""
    delivered_at: datetime | None = None
    invoiced_at: datetime | None = None
    paid_at: datetime | None = None

    @property
    def empty(self) -> bool:
        typed = self.title.strip() or self.amount.strip()
        return not typed and not any((self.due_at, self.delivered_at, self.invoiced_at, self.paid_at))


@dataclass(frozen=True)
class JobDraft:
    """What the form shows. Field names match the entity's."""

    client_id: str
    title: str
    platform: str
    status: str
    started_at: datetime
    deadline: datetime | None
    fee: str
    currency: str
    basis: str
    quantity: str
    platform_fee: str
    withholding: bool
    estimate_minutes: str
    spent_minutes: str
    delivered_at: datetime | None  # these three apply to a job that is paid as a whole
    invoiced_at: datetime | None
    paid_at: datetime | None
    notes: str
    parts: tuple[PartDraft, ...]

    @property
    def is_paid_by_part(self) -> bool:
        return any(part.amount.strip() for part in self.parts)

    def with_part(self, id_: str, **fields: Any) -> "JobDraft":
        """A copy with these fields of one part changed."""
        return replace(
            self, parts=tuple(replace(part, **fields) if part.id == id_ else part for part in self.parts)
        )

    def with_new_part(self) -> "JobDraft":
        return replace(self, parts=(*self.parts, PartDraft(new_id())))

    def without_part(self, id_: str) -> "JobDraft":
        return replace(self, parts=tuple(part for part in self.parts if part.id != id_))


class JobChanges(Changes[JobDraft | None]):
    """Draft codec that keeps the stored value of part fields missing from an older version's draft."""

    def unpack(self, packed: Any) -> JobDraft | None:
        opened = {part.id: asdict(part) for part in self.opened.parts} if self.opened else {}
        rows = [{**opened.get(row["id"], {}), **row} for row in packed.get("parts", ())]
        return super().unpack({**packed, **({"parts": rows} if "parts" in packed else {})})


@dataclass(frozen=True)
class Read:
    """The job and parts that a draft describes, and error messages by field.

    A part's fields are named `<part id>.<field>`. Save only if `errors` is empty.
    """

    job: Job
    parts: list[Part]
    errors: dict[str, str]


def draft_of(job: Job, parts: Sequence[Part], currency: str, formatter: Formatter) -> JobDraft:
    """The draft of a stored job; `currency` applies if the job has none."""
    currency = job.currency or currency
    return JobDraft(
        client_id=job.client_id,
        title=job.title,
        platform=job.platform,
        status=job.status,
        started_at=job.started_at,
        deadline=job.deadline,
        fee=amount_text(job.fee, currency, formatter)
        if job.basis == FeeBasis.FIXED
        else thousandths_text(unit_price(job, currency), formatter),
        currency=currency,
        basis=job.basis,
        quantity=thousandths_text(job.quantity, formatter),
        platform_fee=percent_text(job.platform_fee, formatter),
        withholding=job.withholding,
        estimate_minutes=hours_text(job.estimate_minutes),
        spent_minutes=hours_text(job.spent_minutes),
        delivered_at=job.delivered_at,
        invoiced_at=job.invoiced_at,
        paid_at=job.paid_at,
        notes=job.notes,
        parts=tuple(
            PartDraft(
                part.id,
                part.title,
                part.due_at,
                amount_text(part.amount, currency, formatter),
                part.delivered_at,
                part.invoiced_at,
                part.paid_at,
            )
            for part in parts
        ),
    )


@dataclass(frozen=True)
class PriceFields:
    """The fee fields that could be parsed, and error messages by field."""

    fee: int | None
    unit_price: int | None
    quantity: int | None
    platform_fee: int | None
    errors: dict[str, str]


def read_terms(draft: JobDraft) -> PriceFields:
    errors: dict[str, str] = {}
    fee = price = quantity = None
    if draft.basis == FeeBasis.FIXED:
        fee, errors["fee"] = read_amount(draft.fee, draft.currency)
    else:
        price, errors["fee"] = read_thousandths(draft.fee, draft.currency, draft.basis)
        fee = fee_of_unit(price, draft.basis, draft.currency)
        quantity, errors["quantity"] = read_quantity(draft.quantity, draft.basis)
    share, errors["platform_fee"] = read_percent(draft.platform_fee)
    return PriceFields(fee, price, quantity, share, errors)


def read(draft: JobDraft, stored: Job, stored_parts: Sequence[Part], now: datetime) -> Read:
    errors: dict[str, str] = {}
    terms = read_terms(draft)
    errors |= terms.errors
    estimate, errors["estimate_minutes"] = read_hours(draft.estimate_minutes)
    spent, errors["spent_minutes"] = read_hours(draft.spent_minutes)
    job = Job(
        **{
            **stored.model_dump(),
            "client_id": draft.client_id,
            "title": draft.title.strip(),
            "platform": draft.platform.strip(),
            "status": draft.status,
            "started_at": draft.started_at,
            "deadline": draft.deadline,
            "fee": terms.fee,
            "unit_price": terms.unit_price,
            "quantity": terms.quantity,
            "platform_fee": terms.platform_fee,
            "withholding": draft.withholding,
            "currency": draft.currency,
            "basis": draft.basis,
            "estimate_minutes": estimate,
            "spent_minutes": spent or 0,
            "delivered_at": draft.delivered_at,
            "invoiced_at": draft.invoiced_at,
            "paid_at": draft.paid_at,
            "notes": draft.notes.strip(),
        }
    )
    parts, part_errors = _read_parts(draft, stored_parts, job.id, now)
    errors |= part_errors
    errors |= _future_errors(draft, stored, now)
    for found in check(job):
        errors[found.field] = errors.get(found.field) or words.problem(found)
    return Read(job, parts, {field: text for field, text in errors.items() if text})


def _read_parts(
    draft: JobDraft, stored: Sequence[Part], job_id: str, now: datetime
) -> tuple[list[Part], dict[str, str]]:
    """The parts and their errors; empty rows are skipped."""
    known = {part.id: part for part in stored}
    parts: list[Part] = []
    errors: dict[str, str] = {}
    for position, row in enumerate(row for row in draft.parts if not row.empty):
        amount, errors[f"{row.id}.amount"] = read_amount(row.amount, draft.currency)
        base = known.get(row.id) or Part(id=row.id, job_id=job_id, created_at=now)
        fields = {
            "position": position,
            "title": row.title.strip(),
            "due_at": row.due_at,
            "amount": amount,
            "delivered_at": row.delivered_at,
            "invoiced_at": row.invoiced_at,
            "paid_at": row.paid_at,
        }
        part = Part(**{**base.model_dump(), **fields})
        errors |= {f"{row.id}.{name}": text for name, text in _future_errors(row, base, now).items()}
        for found in check(part):
            field = f"{row.id}.{found.field}"
            errors[field] = errors.get(field) or words.problem(found)
        if row.due_at is not None and row.due_at < draft.started_at:
            errors[f"{row.id}.due_at"] = words.problem(Problem("due_at", "order"))
        parts.append(part)
    return parts, errors


def _future_errors(typed: JobDraft | PartDraft, stored: Job | Part, now: datetime) -> dict[str, str]:
    """Errors for delivery and payment times in the future; stored values are accepted."""
    times = {name: getattr(typed, name) for name in ("delivered_at", "paid_at")}
    return {
        name: words.problem(Problem(name, "ahead"))
        for name, at in times.items()
        if at is not None and at != getattr(stored, name) and at > now + MISTAKEN
    }


def hours_text(minutes: int | None) -> str:
    """Minutes as hours for a field: "1.5", "1:20"; empty for None or 0."""
    if not minutes:
        return ""
    return f"{minutes / 60:g}" if minutes % 15 == 0 else f"{minutes // 60}:{minutes % 60:02}"


def read_hours(text: str) -> tuple[int | None, str]:
    """Parse "8", "1,5", "1h30" or "1時間30分" into minutes (None if empty); then an error message."""
    if not text.strip():
        return None, ""
    try:
        return parse_hours(text), ""
    except DomainError:
        return None, words.problem(Problem("hours", "worked"))


@dataclass(frozen=True)
class JobFormStart:
    """Initial values of the job form, and the platforms it offers."""

    job: Job
    parts: list[Part]
    draft: JobDraft
    platforms: list[str]
    platform_fees: dict[str, int]  # last noted fee by platform, in hundredths of a percent


def load_form(app: AppServices, job_id: str) -> JobFormStart | None:
    job = app.store.get(Job, job_id)
    if job is None:
        return None
    parts = queries.parts_of(app.store, [job_id])[job_id]
    own = app.store.get(Client, job.client_id)
    currency = (own.currency if own else "") or app.settings.currency
    draft = draft_of(job, parts, currency, app.format)
    return JobFormStart(
        job, parts, draft, queries.recent_platforms(app.store), queries.platform_fees(app.store)
    )

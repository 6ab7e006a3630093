"""A client as typed into the form. Fields stay text until they are read, so no input is lost."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.domain import calls
from app.domain.addressing import (
    HONORIFICS,
    SplitName,
    client_named,
    honorific_of,
    party_of,
    split_name,
)
from app.domain.codes import Party
from app.domain.column_types import Channel, WeeklyHours
from app.domain.decision import stance_of
from app.domain.entities import Client, Settings
from app.domain.hours import WorkCalendar, parse_clock, zone_of
from app.domain.validation import check
from app.i18n import Formatter, _
from app.viewmodels.amounts import amount_text, read_amount
from app.wording import words

AS_IN_SETTINGS = ""
USUAL_CALL_TIME = "10:00"
LONGEST_TARGET = 60 * 24 * 60  # minutes


@dataclass(frozen=True)
class ClientDraft:
    """What the form shows. Field names match the entity's where the meaning is the same."""

    person: str
    organisation: str
    reading: str
    honorific: str
    language: str
    channels: tuple[Channel, ...]
    time_zone: str
    hours_known: bool
    working_hours: WeeklyHours  # kept while `hours_known` is false
    reply_basis: str  # AS_IN_SETTINGS, or the basis of the client's own target
    reply_hours: str
    call_allowance: str
    call_days: tuple[int, ...]  # weekdays of the standing call; empty: no standing call
    call_weeks: int  # interval in weeks
    call_time: str  # HH:MM in the client's time zone
    call_minutes: str
    other_rule: str  # a recurrence rule this form cannot show as weekdays; kept until replaced
    currency: str
    unpaid_limit: str
    payment_days: str
    rate: str
    availability_rate: str
    stance: str  # empty: not chosen
    notes: str
    status: str


def draft_of(client: Client, settings: Settings, calendar: WorkCalendar, formatter: Formatter) -> ClientDraft:
    currency = client.currency or settings.currency
    rule = client.standing_call_rule
    weeks, days = (calls.weekly_rhythm(rule) if rule else None) or (1, [])
    zone = zone_of(client.time_zone, calendar.zone)
    start = client.standing_call_start
    own_target = client.reply_minutes is not None or client.reply_basis is not None
    minutes = settings.reply_minutes if client.reply_minutes is None else client.reply_minutes
    organisation = party_of(client) is Party.ORGANISATION
    return ClientDraft(
        person="" if organisation else client.name,
        organisation=client.name if organisation else client.organisation,
        reading=client.reading,
        honorific=client.honorific,
        language=client.language,
        channels=tuple(Channel(kind=each["kind"], handle=each["handle"]) for each in client.channels),
        time_zone=client.time_zone,
        hours_known=bool(client.working_hours),
        # Most clients work about the same hours as the user: quicker to correct than seven empty days.
        working_hours=client.working_hours or settings.working_hours,
        reply_basis=(client.reply_basis or settings.reply_basis) if own_target else AS_IN_SETTINGS,
        reply_hours=f"{minutes / 60:g}",
        call_allowance="" if client.call_allowance is None else str(client.call_allowance),
        call_days=tuple(days),
        call_weeks=weeks,
        call_time=f"{start.astimezone(zone):%H:%M}" if start else USUAL_CALL_TIME,
        call_minutes=str(client.standing_call_minutes),
        other_rule="" if days else rule,
        currency=client.currency,
        unpaid_limit=amount_text(client.unpaid_limit, currency, formatter),
        payment_days="" if client.payment_days is None else str(client.payment_days),
        rate=amount_text(client.rate, currency, formatter),
        availability_rate=amount_text(client.availability_rate, currency, formatter),
        stance=stance_of(client),
        notes=client.notes,
        status=client.status,
    )


def read(
    draft: ClientDraft, stored: Client, settings: Settings, calendar: WorkCalendar, now: datetime
) -> tuple[Client, dict[str, str]]:
    """The client that the draft describes, and error messages by field."""
    errors: dict[str, str] = {}

    def checked(field: str, value: tuple[Any, str]) -> Any:
        if value[1]:
            errors[field] = value[1]
        return value[0]

    currency = draft.currency or settings.currency
    own_target = draft.reply_basis != AS_IN_SETTINGS
    fields = {
        **_naming_fields(draft, stored),
        "language": draft.language,
        "channels": [Channel(kind=each["kind"], handle=each["handle"].strip()) for each in draft.channels],
        "time_zone": draft.time_zone,
        "working_hours": draft.working_hours if draft.hours_known else {},
        "reply_basis": draft.reply_basis if own_target else None,
        "reply_minutes": checked("reply_minutes", read_hours(draft.reply_hours)) if own_target else None,
        "call_allowance": checked("call_allowance", read_count(draft.call_allowance)),
        "currency": draft.currency,
        "unpaid_limit": checked("unpaid_limit", read_amount(draft.unpaid_limit, currency)),
        "payment_days": checked("payment_days", read_count(draft.payment_days)),
        "rate": checked("rate", read_amount(draft.rate, currency)),
        "availability_rate": checked("availability_rate", read_amount(draft.availability_rate, currency)),
        "stance": draft.stance or stored.stance,
        "stance_chosen": stored.stance_chosen or draft.stance != stance_of(stored),
        "notes": draft.notes.strip(),
        "status": draft.status,
    }
    rule, start = standing_call(draft, stored, calendar, now)
    fields |= {"standing_call_rule": rule, "standing_call_start": start}
    if (rule, start) != (stored.standing_call_rule, stored.standing_call_start):
        fields["standing_call_changes"] = {}  # they belong to the old series
    if rule:
        minutes = checked("standing_call_minutes", read_count(draft.call_minutes, required=True))
        fields["standing_call_minutes"] = stored.standing_call_minutes if minutes is None else minutes
    client = Client(**{**stored.model_dump(), **fields})
    for found in check(client):
        errors.setdefault(found.field.partition(".")[0], words.problem(found))
    return client, errors


def addressee(draft: ClientDraft) -> Client:
    """A client with only the fields needed to address them."""
    person, organisation = draft.person.strip(), draft.organisation.strip()
    return Client(
        name=person or organisation,
        party=Party.PERSON if person else Party.ORGANISATION if organisation else "",
        organisation=organisation if person else "",
        honorific=draft.honorific.strip(),
        language=draft.language,
    )


def split_proposed(draft: ClientDraft) -> SplitName | None:
    """Split a person and organisation typed into one field; None unless exactly one field is filled in."""
    person, organisation = draft.person.strip(), draft.organisation.strip()
    if bool(person) == bool(organisation):
        return None
    return split_name(person or organisation, draft.language)


def readdressed(draft: ClientDraft, **fields: Any) -> dict[str, Any]:
    """The changed name, organisation or language fields, with an honorific that fits them."""
    after = replace(draft, **fields)
    usual = {word for words in HONORIFICS.values() for each in words.values() for word in each}
    if after.language != draft.language and after.honorific.strip() in usual:
        after = replace(after, honorific="")
    return {**fields, "honorific": honorific_of(addressee(after))}


def _naming_fields(draft: ClientDraft, stored: Client) -> dict[str, str]:
    """The naming fields. An older record without a `party` keeps none while its names are unchanged."""
    to = addressee(draft)
    same = (to.name, to.organisation) == (stored.name, stored.organisation)
    return {
        "name": to.name,
        "party": stored.party if same and not stored.party else to.party,
        "organisation": to.organisation,
        "reading": draft.reading.strip(),
        "honorific": to.honorific if same else honorific_of(to),
    }


def standing_call(
    draft: ClientDraft, stored: Client, calendar: WorkCalendar, now: datetime
) -> tuple[str, datetime | None]:
    """Recurrence rule and first occurrence; an unchanged rhythm keeps its start."""
    if draft.other_rule:
        return draft.other_rule, stored.standing_call_start
    if not draft.call_days:
        return "", None
    zone = zone_of(draft.time_zone, calendar.zone)
    clock = parse_clock(draft.call_time)
    rule = calls.weekly_rule(draft.call_days, draft.call_weeks)
    start = stored.standing_call_start
    same_rhythm = calls.weekly_rhythm(stored.standing_call_rule) == (draft.call_weeks, list(draft.call_days))
    if start is not None and same_rhythm and start.astimezone(zone).time() == clock:
        return stored.standing_call_rule, start
    return rule, calls.first_standing_call(draft.call_days, clock, now, zone)


def read_hours(text: str) -> tuple[int | None, str]:
    """Parse hours ("8", "1.5", "1,5") into minutes; the second value is an error message."""
    try:
        minutes = round(float(_plain(text).replace(",", ".")) * 60)
    except (ValueError, OverflowError):
        return None, _("Enter hours, such as 8 or 24.")
    if not 1 <= minutes <= LONGEST_TARGET:
        return None, _("Enter between 1 minute and 60 days, in hours.")
    return minutes, ""


def read_count(text: str, *, required: bool = False) -> tuple[int | None, str]:
    """Parse a whole number (None if empty); the second value is an error message."""
    plain = _plain(text)
    if not plain and not required:
        return None, ""
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 6:
        return None, _("Enter a whole number, such as 2.")
    return int(plain), ""


def _plain(text: str) -> str:
    """Strip the text and convert full-width digits, as Japanese keyboards produce, to ASCII."""
    return unicodedata.normalize("NFKC", text).strip()


def new_client(settings: Settings, now: datetime) -> Client:
    """A client without a name, with the usual values for the user's language."""
    return client_named("", settings.language, now)

"""Display names of stored codes: channels, kinds, statuses, window states, problems."""

from collections.abc import Mapping
from datetime import timedelta

from app.domain.addressing import for_greeting, honorific_of, is_group, name_parts, party_of
from app.domain.codes import (
    CallOutcome,
    ChannelKind,
    ClientStatus,
    FeeBasis,
    JobStatus,
    MessageKind,
    Party,
    ReplyBasis,
    Stance,
)
from app.domain.entities import Client, Job, Part, Topic
from app.domain.languages import FRENCH, JAPANESE
from app.domain.pricing import unit_price
from app.domain.validation import Problem
from app.i18n import Formatter, _, n_, p_


def _named(code: str, names: Mapping[str, str]) -> str:
    """Return the name of a code; unknown codes from a newer version are shown as they are."""
    return names.get(code, code)


def channel(kind: str) -> str:
    return _named(
        kind,
        {
            ChannelKind.EMAIL: _("E-mail"),
            ChannelKind.CHAT: _("Chat"),
            ChannelKind.CHATWORK: "Chatwork",
            ChannelKind.SLACK: "Slack",
            ChannelKind.LINE: "LINE",
            ChannelKind.SKYPE: "Skype",
            ChannelKind.PHONE: _("Phone"),
            ChannelKind.WHATSAPP: "WhatsApp",
            ChannelKind.TEAMS: "Teams",
            ChannelKind.MESSENGER: "Messenger",
            ChannelKind.ZOOM: "Zoom",
            ChannelKind.GOOGLE_CHAT: "Google Chat",
            ChannelKind.CROWDWORKS: _("CrowdWorks"),
            ChannelKind.LANCERS: _("Lancers"),
            ChannelKind.OTHER: p_("channel", "Other"),
        },
    )


def message_kind(kind: str) -> str:
    return _named(
        kind,
        {
            MessageKind.QUESTION: _("Question"),
            MessageKind.REQUEST: _("Request"),
            MessageKind.OFFER: _("Offer"),
            MessageKind.CHANGE: p_("message kind", "Change"),
            MessageKind.PROBLEM: _("Problem"),
            MessageKind.CHECK_IN: _("Check-in"),
            MessageKind.OTHER: p_("message kind", "Other"),
        },
    )


def call_outcome(outcome: str) -> str:
    return _named(
        outcome,
        {
            CallOutcome.TAKEN: _("Taken"),
            CallOutcome.MISSED: _("Missed"),
            CallOutcome.VOICEMAIL: _("Voicemail"),
        },
    )


def calls_by_outcome(outcome: CallOutcome, n: int) -> str:
    """Return the number of calls with an outcome: "Missed: 9"."""
    return {
        CallOutcome.TAKEN: n_("Taken: {n}", "Taken: {n}", n),
        CallOutcome.MISSED: n_("Missed: {n}", "Missed: {n}", n),
        CallOutcome.VOICEMAIL: n_("Voicemail: {n}", "Voicemails: {n}", n),
    }[outcome]


def topic_text(topic: Topic) -> str:
    return topic.text or _("What they called about")


def topic_became(topic: Topic) -> str:
    """Return what the topic became; empty if nothing."""
    if topic.became_job_id:
        return _("became a job")
    if topic.became_message_id:
        return _("became a message")
    return _("became an update") if topic.became_update_id else ""


def topic_links(topic: Topic) -> list[tuple[str, str]]:
    """Return the screens of the topic's source and of what it became, as kind and key."""
    links = (
        ("call", topic.call_id),
        ("message", topic.message_id or topic.became_message_id),
        ("job", topic.became_job_id),
        ("update", topic.became_update_id),
    )
    return [(kind, key) for kind, key in links if key]


def topic_link(kind: str) -> str:
    return {
        "call": _("Open the call"),
        "message": _("Open the message"),
        "job": _("Open the job"),
        "update": _("Open the update"),
    }[kind]


def job_status(status: str) -> str:
    return _named(
        status,
        {
            JobStatus.APPLIED: _("Applied"),
            JobStatus.OFFERED: _("Offered"),
            JobStatus.IN_PROGRESS: _("In progress"),
            JobStatus.DELIVERED: _("Delivered"),
            JobStatus.ACCEPTED: _("Accepted"),
            JobStatus.PAID: _("Paid"),
            JobStatus.CLOSED: p_("job status", "Closed"),
            JobStatus.DECLINED: _("Declined"),
            JobStatus.LOST: _("Lost"),
        },
    )


def job_step(before: str, status: str) -> str:
    """Return the label of a button that changes a job's status."""
    if status == JobStatus.IN_PROGRESS and before not in (JobStatus.APPLIED, JobStatus.OFFERED):
        return _("Back to work")
    return {
        JobStatus.APPLIED: _("I applied"),
        JobStatus.OFFERED: _("I got an offer"),
        JobStatus.IN_PROGRESS: _("Start work"),
        JobStatus.DELIVERED: _("Mark as delivered"),
        JobStatus.ACCEPTED: _("Mark as accepted"),
        JobStatus.PAID: _("Mark as paid"),
        JobStatus.CLOSED: _("Close the job"),
        JobStatus.DECLINED: _("Decline it"),
        JobStatus.LOST: _("I was not chosen"),
    }[JobStatus(status)]


def job_title(job: Job) -> str:
    return job.title or _("Untitled job")


def work_title(job: Job, part: Part | None) -> str:
    """Return the job's title, with that of the part if it has one."""
    title = job_title(job)
    return f"{title} · {part.title}" if part and part.title else title


def part_title(part: Part, number: int) -> str:
    """Return the part's title, or its number (from 1) if it has none."""
    return part.title or _("Part {number}").format(number=number)


def fee(job: Job, currency: str, formatter: Formatter) -> str:
    """Return a fixed fee or unit price: "€1,200", "€75 per hour", "¥1.2 per character"; empty if not set."""
    if job.basis == FeeBasis.FIXED:
        return "" if job.fee is None else formatter.money(job.fee, currency)
    price = unit_price(job, currency)
    if price is None:
        return ""
    sentences: dict[str, str] = {
        FeeBasis.PER_PIECE: _("{money} per piece"),
        FeeBasis.PER_HOUR: _("{money} per hour"),
        FeeBasis.PER_CHARACTER: _("{money} per character"),
        FeeBasis.PER_WORD: _("{money} per word"),
        FeeBasis.PER_PAGE: _("{money} per page"),
        FeeBasis.PER_DAY: _("{money} per day"),
    }
    return sentences.get(job.basis, "{money}").format(money=formatter.unit_money(price, currency))


def quantity(job: Job, formatter: Formatter) -> str:
    """Return the quantity with its unit: "3,000 characters", "1.5 hours"; empty if not set."""
    if job.quantity is None or job.basis == FeeBasis.FIXED:
        return ""
    number = formatter.thousandths(job.quantity)
    one = job.quantity < 2000 if formatter.language == FRENCH else job.quantity == 1000  # « 1,5 heure »
    n = 1 if one else 2
    return {
        FeeBasis.PER_PIECE: n_("{number} piece", "{number} pieces", n, number=number),
        FeeBasis.PER_HOUR: n_("{number} hour", "{number} hours", n, number=number),
        FeeBasis.PER_CHARACTER: n_("{number} character", "{number} characters", n, number=number),
        FeeBasis.PER_WORD: n_("{number} word", "{number} words", n, number=number),
        FeeBasis.PER_PAGE: n_("{number} page", "{number} pages", n, number=number),
        FeeBasis.PER_DAY: n_("{number} day", "{number} days", n, number=number),
    }.get(FeeBasis(job.basis) if job.basis in set(FeeBasis) else FeeBasis.FIXED, number)


def quantity_label(basis: str) -> str:
    """Return the label of the quantity field."""
    return _named(
        basis,
        {
            FeeBasis.PER_PIECE: _("How many pieces"),
            FeeBasis.PER_HOUR: _("How many hours"),
            FeeBasis.PER_CHARACTER: _("How many characters"),
            FeeBasis.PER_WORD: _("How many words"),
            FeeBasis.PER_PAGE: _("How many pages"),
            FeeBasis.PER_DAY: _("How many days"),
        },
    )


def fee_basis(basis: str) -> str:
    return _named(
        basis,
        {
            FeeBasis.FIXED: _("Fixed price"),
            FeeBasis.PER_PIECE: _("Per piece"),
            FeeBasis.PER_HOUR: _("Per hour"),
            FeeBasis.PER_CHARACTER: _("Per character"),
            FeeBasis.PER_WORD: _("Per word"),
            FeeBasis.PER_PAGE: _("Per page"),
            FeeBasis.PER_DAY: _("Per day"),
        },
    )


def client_status(status: str) -> str:
    return _named(
        status,
        {
            ClientStatus.ACTIVE: p_("client status", "Active"),
            ClientStatus.PAUSED: p_("client status", "Paused"),
            ClientStatus.ENDED: p_("client status", "Ended"),
        },
    )


def stance(value: str) -> str:
    return _named(
        value,
        {
            Stance.MUST_KEEP: _("Must keep"),
            Stance.COULD_LOSE: _("Could lose"),
            Stance.READY_TO_LEAVE: _("Ready to leave"),
        },
    )


def reply_basis(basis: str) -> str:
    return _("in business days") if basis == ReplyBasis.BUSINESS else _("on the clock")


def reply_target(minutes: int, basis: str, formatter: Formatter) -> str:
    """Return the reply target: "within 24 hours, on the clock", "within 2 working days"."""
    business = basis == ReplyBasis.BUSINESS
    if business and minutes % (24 * 60) == 0:
        return n_("within {n} working day", "within {n} working days", minutes // (24 * 60))
    if minutes % 60 == 0 and minutes <= 72 * 60:
        duration = n_("{n} hour", "{n} hours", minutes // 60)
    else:
        duration = formatter.duration(timedelta(minutes=minutes))
    text = _("within {duration}, in working time") if business else _("within {duration}, on the clock")
    return text.format(duration=duration)


def client_name(client: Client | None) -> str:
    """Return the name as shown in a list."""
    return client.name if client and client.name else _("No client")


def client_and_firm(client: Client) -> str:
    """Return the name with the organisation, to distinguish people of the same name."""
    if not client.organisation:
        return client_name(client)
    return _("{name} ({organisation})").format(name=client.name, organisation=client.organisation)


def message_title(summary: str, kind: str) -> str:
    return summary or message_kind(kind)


def addressed(client: Client) -> str:
    """Return the name with its honorific: 山田様, 株式会社青空 御中, M. Durand, Ana."""
    client = for_greeting(client)
    honorific = honorific_of(client)
    if not honorific or not client.name:
        return client.name
    if client.language != JAPANESE:
        return f"{honorific} {client.name}"
    space = " " if is_group(client) else ""
    return f"{client.name}{space}{honorific}"


# Titles written in full before a name in French: "Bonjour Monsieur Lefèvre".
_IN_FULL = {"m": "Monsieur", "mr": "Monsieur", "mme": "Madame", "mlle": "Mademoiselle", "me": "Maître"}


def greeted(client: Client) -> str:
    """Return the name for a greeting. In Japanese: the organisation and the full name.

    In the other languages a title, written in full in French, is followed by the family name, and without a
    title the given name stands alone: "Monsieur Vasseur", "Dr Cole", "Bertrand". Empty for an organisation or
    department, which is greeted without a name.
    """
    client = for_greeting(client)
    if client.language == JAPANESE:
        return " ".join(filter(None, (client.organisation.strip(), addressed(client))))
    if is_group(client):
        return ""
    title = honorific_of(client)
    given, family = name_parts(client.name)
    if not title:  # no part of a possible firm name is used alone
        alone = party_of(client) is Party.PERSON and len(given.rstrip(".")) > 1
        return given if alone else client.name
    if client.language == FRENCH:
        title = _IN_FULL.get(title.removesuffix(".").casefold(), title)
    return f"{title} {family}".strip()


def in_sentence(client: Client) -> str:
    """As one speaks of the client inside a text: 山田様, 貴社; else as in a greeting."""
    if client.language == JAPANESE:
        return "貴社" if is_group(client) else addressed(client)
    return greeted(client)


def refusal(code: str) -> str:
    """Return the reason why a rule rejected a request."""
    return {
        "not_found": _("This was deleted meanwhile. Nothing was changed."),
        "call_then": _("You have a call with them at that time already. Choose another time."),
        "promise_past": _("This time has passed. Choose one that is still to come."),
        "before_received": _("This is before the message came in. Check when you received it."),
        "before_sent": _("This is before the message went out. Check when you sent it."),
        "answered": _("This is answered already."),
        "no_step": _("There is no next step to take now. Nothing was changed."),
        "no_call": _("There is no such call any more. Nothing was changed."),
        "call_ahead": _("This call is still to come. Note it once its time has come."),
        "ahead": _("This time is still to come. Choose one that has passed."),
        "before_last": _("This is before the step noted last. Check when it was."),
        "after_answer": _("This is after their answer. Check when you said it."),
        "out_of_order": _("Another step lies between these times. Check when it was."),
    }.get(code, _("This does not fit what is noted already. Nothing was changed."))


def problem(found: Problem) -> str:
    """Return a validation problem as a sentence to show under its field."""
    return {
        "required": _("Please fill this in."),
        "too_long": _("This is too long."),
        "range": _("This number is out of range."),
        "order": _("This is before the start."),
        "ahead": _("This lies in the future."),
        "rule": _("This rhythm is not understood."),
        "zone": _("This time zone is not known."),
        "currency": _("This currency is not known."),
        "hours": _("Check these hours: they overlap, or begin and end at the same time."),
        "worked": _("These hours are not understood. Write them like 1.5 or 1:30."),
    }.get(found.code, _("Please check this."))

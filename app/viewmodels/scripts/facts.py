"""Values of a script's blanks from the stored records, in the script's language.

Unknown values are left out for the user to fill in; nothing is guessed.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import get_timezone_name

from app.domain.calls import calls_on_days_off, next_standing_call, rule_weekdays
from app.domain.codes import Direction, JobStatus, ReplyBasis
from app.domain.conversations import proposed_call
from app.domain.entities import Call, Client, Conversation, Job, Message, Part, Settings, StatusUpdate
from app.domain.exposure import PAYMENT_SCRIPTS, Payment, PaymentStep, amount_of, to_invoice
from app.domain.facts import CallFacts
from app.domain.hours import DAY_MINUTES, WorkCalendar, zone_of
from app.domain.jobs import (
    Delay,
    delay_of,
    delivered_now,
    exposure,
    is_paid_by_part,
    is_under_way,
    remaining,
)
from app.domain.ladder import QUIET, agreed_since
from app.domain.languages import ENGLISH, FRENCH, JAPANESE
from app.domain.promised_calls import changed_calls, new_time
from app.domain.reply import (
    open_questions,
    reply_target,
    reply_window,
)
from app.domain.scripts import placeholders_in
from app.domain.silence import update_answering
from app.i18n import Formatter, _, n_, speaking
from app.viewmodels.scripts import sentences
from app.wording import words
from app.wording.calls import no_call_for_client

# Which parts count as done depends on the moment: paid parts in payment scripts (first seed: send what is
# paid for), parts delivered now in delivery scripts, and delivered parts in all others.
PAYMENT = "payment"
DELIVERY = "delivery"
INVOICE = "invoice"
QUOTE = "quote"
APPLICATION = "apply-follow-up"
FOLLOW_UPS = frozenset({"follow-up-1", "follow-up-2", "silent", APPLICATION})


@dataclass(frozen=True)
class Situation:
    """The recipient and subject of a text, as far as known."""

    now: datetime
    settings: Settings
    calendar: WorkCalendar
    language: str  # of the text
    moment: str = ""
    client: Client | None = None
    message: Message | None = None
    call: Call | None = None
    job: Job | None = None
    parts: Sequence[Part] = ()
    updates: Sequence[StatusUpdate] = ()  # sent to the client, newest first
    awaited: Message | None = None  # the user's message that the client has not answered
    honest: datetime | None = None  # the date that can be promised for a job that no longer fits
    overloaded: frozenset[str] = frozenset()  # ids of what no longer fits, as in `delay_of`
    script: str = ""  # id of the built-in script
    calls: Sequence[CallFacts] = ()  # the client's, at least of the last `QUIET`
    conversations: Sequence[Conversation] = ()  # with the client
    payments: Sequence[Payment] = ()  # expected for the job
    several_clients: bool = False  # whether the user works for other clients too
    running: frozenset[str] = frozenset()  # ids of the client's open jobs
    under_way: Sequence[Job] = ()  # the client's, with work left

    @property
    def format(self) -> Formatter:
        """Formatter in the text's language and the user's time zone."""
        return Formatter(self.language, self.calendar.zone)

    @property
    def currency(self) -> str:
        of_job = self.job.currency if self.job else ""
        return of_job or (self.client.currency if self.client else "") or self.settings.currency


def values(situation: Situation) -> dict[str, str]:
    """The known values by placeholder name."""
    with speaking(situation.language):
        known = {**_about_client(situation), **_about_matter(situation), **_about_job(situation)}
    known |= {name: worded(situation, name, at) for name, at in instants(situation).items()}
    return {name: text for name, text in known.items() if text.strip()}


def instants(situation: Situation) -> dict[str, datetime]:
    """The known dates and times by placeholder name."""
    known = {
        "due": _due(situation),
        "deadline": _deadline(situation),
        "sent_on": _sent_on(situation),
        "next_call": _next_call(situation),
        **_changed_call(situation),
        "new_date": situation.honest,
    }
    return {name: at for name, at in known.items() if at is not None}


def worded(situation: Situation, name: str, at: datetime) -> str:
    """Format a date, or a date and time, in full.

    Times are in the client's time zone, which is named if its offset differs from the user's.
    """
    mine = situation.format
    if name not in {"due", "deadline", "next_call", "told_call", "new_call"}:
        return _plain(_day(mine, at, situation.now))
    zone = zone_of(situation.client.time_zone if situation.client else "", mine.zone)
    theirs = Formatter(situation.language, zone)
    with speaking(situation.language):
        text = _("{day} at {time}").format(day=_day(theirs, at, situation.now), time=theirs.clock(at))
        if theirs.local(at).utcoffset() != mine.local(at).utcoffset():
            clock = get_timezone_name(theirs.local(at), locale=theirs.locale)
            text = _("{time} ({zone})").format(time=text, zone=clock)
        if name == "next_call" and (note := _no_call_before(situation, at)):
            text = _("{when} ({note})").format(when=text, note=note)
    return _plain(text)


def _no_call_before(situation: Situation, at: datetime) -> str:
    """A note for the client on calls before the next one that fall on the user's days off."""
    client = situation.client
    if client is None or at != _next_call(situation):
        return ""
    skipped = calls_on_days_off(client, situation.now, at, situation.calendar)
    return no_call_for_client(skipped, situation.calendar, situation.format)


def pieces(body: str, filled: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Split the text at its blanks for display: (text, placeholder or "", whether it is filled in)."""
    names = {f"{{{name}}}": name for name in placeholders_in(body)}
    if not names:
        return [(body, "", True)]
    cut = re.split("({})".format("|".join(map(re.escape, names))), body)
    found = []
    for text in filter(None, cut):
        name = names.get(text, "")
        value = filled.get(name, "")
        found.append((value if value.strip() else text, name, not name or bool(value.strip())))
    return found


# --- the client ------------------------------------------------------------------------------------------


def _about_client(situation: Situation) -> dict[str, str]:
    known = {"me": situation.settings.name, "reply_time": _reply_time(situation, situation.client)}
    client = situation.client
    if client is None:
        return known
    known["client"] = words.greeted(_in_language(client, situation.language))
    agreed = rhythm(situation, client.standing_call_rule, client.standing_call_start)
    known["standing_call"] = agreed
    proposed = proposed_call(situation.conversations)
    known["proposed_call"] = agreed or (
        rhythm(situation, proposed.standing_call_rule, proposed.standing_call_start) if proposed else ""
    )
    known["call_counts"] = _call_counts(situation)
    titles = [_quotable(words.job_title(job), situation.language) for job in situation.under_way]
    known["handover"] = sentences.handover(situation.format, titles)
    currency = client.currency or situation.settings.currency
    # An availability rate equal to the present rate is already agreed.
    dearer = client.availability_rate if client.availability_rate != client.rate else None
    for name, rate in (("rate", client.rate), ("availability_rate", dearer)):
        if rate is not None:
            amount = _plain(situation.format.round_money(rate, currency))
            known[name] = _("{amount} an hour").format(amount=amount)
    return known


def _in_language(client: Client, language: str) -> Client:
    """The client for addressing in `language`: Japanese texts add an honorific to every name."""
    if language != JAPANESE or client.language == language:
        return client
    return Client(
        name=client.name,
        organisation=client.organisation,
        party=client.party,
        honorific=client.honorific,
        language=language,
    )


EVERY_OTHER = ";INTERVAL=2"


def rhythm(situation: Situation, rule: str, start: datetime | None) -> str:
    """A standing call in words; empty unless it is weekly or every other week."""
    days = rule_weekdays(rule.replace(EVERY_OTHER, "")) if rule else None
    if not days or start is None:
        return ""
    # The recurrence rule is in the client's time zone.
    zone = situation.client.time_zone if situation.client else ""
    theirs = Formatter(situation.language, zone_of(zone, situation.calendar.zone))
    names = theirs.listed(theirs.weekday(day) for day in days)
    time = _plain(theirs.clock(start))
    every = (
        _("a call every other {days} at {time}")
        if EVERY_OTHER in rule
        else _("a call every {days} at {time}")
    )
    return every.format(days=names, time=time)


def counted_calls(situation: Situation) -> list[CallFacts]:
    """The unscheduled calls of the last QUIET and since the last agreement, oldest first."""
    client = situation.client
    agreed = agreed_since(client, situation.conversations) if client else None
    since = max(situation.now - QUIET, agreed or situation.now - QUIET)
    counted = (call for call in situation.calls if not call.scheduled and since < call.at <= situation.now)
    return sorted(counted, key=lambda call: call.at)


def _call_counts(situation: Situation) -> str:
    """The number of unscheduled calls as a noun phrase, with the busiest day if it had several."""
    calls = counted_calls(situation)
    if not calls:
        return ""
    fmt = situation.format
    by_day = Counter(fmt.local(call.at).date() for call in calls)
    day_of = {fmt.local(call.at).date(): _plain(_day(fmt, call.at, situation.now)) for call in calls}
    first = min(by_day)
    if len(by_day) == 1:
        return n_(
            "{n} call without an appointment on {day}",
            "{n} calls without an appointment on {day}",
            len(calls),
            day=day_of[first],
        )
    whole = n_(
        "{n} call without an appointment since {day}",
        "{n} calls without an appointment since {day}",
        len(calls),
        day=day_of[first],
    )
    busiest, most = max(by_day.items(), key=lambda entry: (entry[1], entry[0]))
    if most < 2:
        return whole
    return _("{calls} ({n} of them on {day})").format(calls=whole, n=most, day=day_of[busiest])


def _reply_time(situation: Situation, client: Client | None) -> str:
    """The reply time for this client, or the general one."""
    minutes, basis = reply_target(client, situation.settings)
    days, rest = divmod(minutes, DAY_MINUTES)
    if basis == ReplyBasis.BUSINESS and not rest:
        return n_("within {n} working day", "within {n} working days", days)
    hours, rest = divmod(minutes, 60)
    length = n_("{n} minute", "{n} minutes", minutes) if rest else n_("{n} hour", "{n} hours", hours)
    sentence = _("within {length} of working time") if basis == ReplyBasis.BUSINESS else _("within {length}")
    return sentence.format(length=length)


def _next_call(situation: Situation) -> datetime | None:
    if situation.client is None:
        return None
    return next_standing_call(situation.client, situation.now, situation.calendar)


def _changed_call(situation: Situation) -> dict[str, datetime | None]:
    """The first changed call to announce: the time the client expects, and the new time."""
    client, calendar, now = situation.client, situation.calendar, situation.now
    changed = next(iter(changed_calls(client, calendar, now)), None) if client else None
    if client is None or changed is None:
        return {}
    return {"told_call": changed.told, "new_call": new_time(client, changed, calendar, now)}


# --- the matter ------------------------------------------------------------------------------------------


def _about_matter(situation: Situation) -> dict[str, str]:
    update = _update(situation)
    return {
        "matter": _matter(situation),
        "question": _questions(situation),
        "last_update": update.text if update else "",
    }


def _matter(situation: Situation) -> str:
    message = _message(situation)
    if message and message.summary:
        return _quotable(message.summary, situation.language)
    return _quotable(situation.job.title, situation.language) if situation.job else ""


_INNER_QUOTES = {
    ENGLISH: str.maketrans("“”", "‘’"),
    FRENCH: str.maketrans("«»", "“”"),
    JAPANESE: str.maketrans("「」", "『』"),
}


def _quotable(text: str, language: str) -> str:
    """Prepare text for quotation marks: one line, with inner quotation marks of the other kind."""
    line = " ".join(text.split()).translate(_INNER_QUOTES.get(language, {}))
    if language == FRENCH:
        line = re.sub(r"“[\s\u00a0\u202f]+", "“", re.sub(r"[\s\u00a0\u202f]+”", "”", line))
    return line.removesuffix("。") if language == JAPANESE else line


def _message(situation: Situation) -> Message | None:
    """The message it was opened from; follow-ups fall back to the message awaiting an answer."""
    if situation.message or situation.moment not in FOLLOW_UPS:
        return situation.message
    return situation.awaited


def _questions(situation: Situation) -> str:
    """The open questions, those not asked yet if any; several as a numbered list."""
    source = situation.message or situation.job
    questions = open_questions(source) if source else []
    texts = [question["text"] for question in questions if not question["asked_at"]]
    texts = texts or [question["text"] for question in questions]
    if len(texts) < 2:
        return "".join(texts)
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))


def _update(situation: Situation) -> StatusUpdate | None:
    """The update chosen for the call, else the one that answers the check-in, else the newest.

    Updates about another job are excluded. If several jobs are open and none is chosen, there is no update.
    """
    call, job, running = situation.call, situation.job, situation.running
    chosen = next(
        (each for each in situation.updates if call and each.id == call.answered_by_update_id), None
    )
    if chosen and (job is None or chosen.job_id in (None, job.id)):
        return chosen
    if job is None:
        about = [] if len(running) > 1 else list(situation.updates)
    else:
        only = running <= {job.id}
        about = [each for each in situation.updates if each.job_id == job.id or (only and not each.job_id)]
    asked = call or situation.message
    answering = update_answering(asked, about) if asked else None
    return answering or next(iter(about), None)


def _sent_on(situation: Situation) -> datetime | None:
    message = _message(situation)
    if situation.moment == APPLICATION:
        job = situation.job
        return job.started_at if job and job.status == JobStatus.APPLIED else None
    if message and message.direction == Direction.OUT:
        return message.at
    if situation.moment in FOLLOW_UPS:
        return None
    update = _update(situation)
    return update.at if update else None


def _due(situation: Situation) -> datetime | None:
    """The promised time, else the end of the reply window; None once it has passed."""
    message = situation.message
    if message is None:
        return None
    window = reply_window(message, situation.client, situation.settings, situation.calendar)
    return window.due if window and window.due > situation.now else None


# --- the job ---------------------------------------------------------------------------------------------


def _about_job(situation: Situation) -> dict[str, str]:
    job = situation.job
    if job is None:
        return {}
    numbered = list(enumerate(situation.parts, start=1))
    done = [row for row in numbered if _counts_as_done(situation, row[1])]
    left = [row for row in numbered if not row[1].delivered_at and not row[1].paid_at]
    return {
        "job": _quotable(job.title, situation.language),
        "work": _work(situation, job),
        "parts_done": _part_titles(situation, done),
        "parts_left": _part_titles(situation, left),
        "amount": _amount(situation, job),
        "invoice_date": _invoiced(situation),
        "consequence": _consequence(situation, job),
    }


def delay(situation: Situation) -> Delay | None:
    """The parts and due date that a text about a delay refers to."""
    if situation.job is None:
        return None
    return delay_of(situation.job, situation.parts, situation.overloaded, situation.now)


def _work(situation: Situation, job: Job) -> str:
    """The job's title, with the parts that the text is about if it is not about all of them."""
    title, ids = _quotable(job.title, situation.language), _ids_of_parts_meant(situation, job)
    named = [row for row in enumerate(situation.parts, start=1) if row[1].id in ids]
    if not title or not named or len(named) == len(situation.parts):
        return title
    return _("{job} ({parts})").format(
        job=title, parts=_quotable(_part_titles(situation, named), situation.language)
    )


def _ids_of_parts_meant(situation: Situation, job: Job) -> set[str]:
    """The parts that are asked to be paid for, invoiced or late."""
    if situation.moment == PAYMENT:
        return {payment.part.id for payment in asked_for(situation) if payment.part}
    if situation.moment == INVOICE:
        return {item.id for item in to_invoice(job, situation.parts)}
    late = delay(situation)
    return {part.id for part in late.parts} if late else set()


def _counts_as_done(situation: Situation, part: Part) -> bool:
    if situation.moment == PAYMENT:
        return part.paid_at is not None
    if situation.moment != DELIVERY:
        return part.delivered_at is not None
    now = delivered_now(situation.parts, situation.now, situation.calendar)
    return any(part.id == each.id for each in now)


LAST_NOTICE = PAYMENT_SCRIPTS[PaymentStep.DECIDE]


def _consequence(situation: Situation, job: Job) -> str:
    """What the user does until the client pays. Only undelivered, unpaid work can be withheld.

    Empty for a job that was not started.
    """
    if situation.moment != PAYMENT or job.status in _NOT_STARTED:
        return ""
    numbered = list(enumerate(situation.parts, start=1))
    ahead = [row for row in numbered if row[1].delivered_at is None]
    held = [row for row in ahead if row[1].paid_at is None]
    if held or (not numbered and is_under_way(job, ())):
        return sentences.holding(_part_titles(situation, held), last=situation.script == LAST_NOTICE)
    return sentences.nothing_new(paid_ahead=bool(ahead))


_NOT_STARTED = frozenset({JobStatus.APPLIED, JobStatus.OFFERED, JobStatus.DECLINED, JobStatus.LOST})


def asked_for(situation: Situation) -> list[Payment]:
    """The payments that a text is about: those due for this reminder, else all expected ones.

    A reminder that is due for no payment covers the late ones, if any.
    """
    calendar, now = situation.calendar, situation.now
    due = [each for each in situation.payments if each.reminder(calendar, now) == situation.script]
    if not due and situation.script in PAYMENT_SCRIPTS.values():
        due = [each for each in situation.payments if each.is_late(situation.calendar, situation.now)]
    return due or list(situation.payments)


def _amount(situation: Situation, job: Job) -> str:
    """The amount of a reminder, invoice or quote; in other texts the delivered, unpaid amount, else the
    remaining amount.
    """
    payments = asked_for(situation) if situation.moment == PAYMENT else []
    if payments:
        minor = sum(payment.amount for payment in payments)
        return _plain(situation.format.money(minor, payments[0].currency)) if minor else ""
    default = situation.settings.currency
    if situation.moment in (INVOICE, QUOTE):
        items = to_invoice(job, situation.parts) if situation.moment == INVOICE else _priced(situation, job)
        minor = sum(amount_of(item) for item in items)
        return _plain(situation.format.money(minor, job.currency or default)) if minor else ""
    owed = exposure([(job, situation.parts)], default) or {
        job.currency or default: remaining(situation.parts)
    }
    sums = [_plain(situation.format.money(minor, currency)) for currency, minor in owed.items() if minor]
    return situation.format.listed(sums)


def _priced(situation: Situation, job: Job) -> Sequence[Job | Part]:
    return situation.parts if is_paid_by_part(situation.parts) else [job]


def _invoiced(situation: Situation) -> str:
    """The invoice dates of the unpaid items; empty if one of them is unknown."""
    unpaid: list[Job | Part] = [payment.part or payment.job for payment in asked_for(situation)]
    if not unpaid:
        unpaid = [part for part in situation.parts if part.delivered_at and not part.paid_at]
    if not unpaid and situation.job:
        unpaid = [situation.job]
    invoiced = [thing.invoiced_at for thing in unpaid]
    known = [at for at in invoiced if at is not None]
    if len(known) < len(invoiced):
        return ""
    fmt = situation.format
    days = {fmt.local(at).date(): _plain(_day(fmt, at, situation.now)) for at in sorted(known)}
    return fmt.listed(days.values())


def _part_titles(situation: Situation, parts: Sequence[tuple[int, Part]]) -> str:
    return situation.format.listed(part.title or _("part {n}").format(n=number) for number, part in parts)


def _deadline(situation: Situation) -> datetime | None:
    late = delay(situation)
    return late.due if late else None


# --- wording ---------------------------------------------------------------------------------------------


def _day(fmt: Formatter, at: datetime, now: datetime) -> str:
    """Weekday and date, with the year if it differs. Japanese uses full-width brackets: （月）."""
    text = fmt.day_in_full(at, now)
    return text.replace("(", "（").replace(")", "）") if fmt.language == JAPANESE else text


def _plain(text: str) -> str:
    """Replace narrow no-break spaces, which some mail programs show as boxes, by ordinary ones."""
    return text.replace("\u202f", "\u00a0")

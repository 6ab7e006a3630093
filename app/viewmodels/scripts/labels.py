"""Display names of moments, forms, tones and blanks, with an example for each blank."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.amounts import minor_digits
from app.i18n import Formatter, _, p_, speaking
from app.store.content import ScriptView
from app.viewmodels.scripts import sentences


def groups() -> dict[str, tuple[str, ...]]:
    """Moments by the heading under which the library lists them."""
    return {
        _("A message came in"): ("received", "answer", "late", "question", "negotiate"),
        _("Something goes wrong"): ("problem",),
        _("Before they ask"): ("update", "check-in", "delivery"),
        _("Waiting for them"): ("follow-up-1", "follow-up-2", "silent", "apply-follow-up"),
        _("Money"): ("quote", "invoice", "payment"),
        _("The next job"): ("thanks", "apply"),
        _("Calls"): ("voicemail", "call-changed", "machine"),
        _("Boundaries"): ("boundary-1", "boundary-2", "boundary-4", "boundary-5"),
    }


def moments() -> dict[str, str]:
    """The display name of every moment, in the order of `groups`."""
    return {
        "received": _("Received, answer to come"),
        "answer": _("Answering"),
        "late": _("Answering late"),
        "question": _("Asking instead of guessing"),
        "negotiate": _("Negotiating, or saying no"),
        "problem": _("Raising a problem or a delay"),
        "update": _("Telling where things stand"),
        "check-in": _("They check in on something sent"),
        "delivery": _("Delivering"),
        "follow-up-1": _("First follow-up"),
        "follow-up-2": _("Second follow-up"),
        "silent": _("The client is silent"),
        "apply-follow-up": _("Asking about an application"),
        "quote": _("Quote and deposit"),
        "invoice": _("Invoice"),
        "payment": _("Payment"),
        "thanks": _("Thanking"),
        "apply": _("Applying for a job"),
        "boundary-1": _("Proposing a standing call"),
        "boundary-2": _("Pushing back"),
        "voicemail": _("After a call you let ring"),
        "call-changed": _("Moving or cancelling a call"),
        "machine": _("Your voicemail greeting"),
        "boundary-4": _("More availability at a higher rate"),
        "boundary-5": _("New terms, or ending the work"),
    }


def checklist_moments() -> dict[str, str]:
    """The display name of every moment for a checklist."""
    return {
        "reply": _("Before a reply"),
        "delivery": _("Before a delivery"),
        "take-job": _("Before taking a job"),
        "problem": _("Before raising a problem"),
        "week": _("Once a week"),
    }


def form(script: ScriptView) -> str:
    """The display name of a script's form: e-mail, chat or spoken."""
    return {"chat": _("Short, for a chat"), "spoken": _("Said aloud")}.get(script.channel, _("For an e-mail"))


def tones() -> dict[str, str]:
    return {
        "warm": p_("tone", "Warm"),
        "polite": p_("tone", "Polite"),
        "firm": p_("tone", "Firm"),
    }


class BlankKind(StrEnum):
    """The kind of input for a blank."""

    LINE = "line"
    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"  # a day and a time
    RHYTHM = "rhythm"  # weekdays and a time, or words


@dataclass(frozen=True)
class Blank:
    """A placeholder as shown to the user."""

    name: str
    label: str
    kind: BlankKind = BlankKind.LINE
    example: str = ""


_KINDS = {
    "proposed_call": BlankKind.RHYTHM,
    **dict.fromkeys(("due", "deadline", "next_call", "told_call", "new_call"), BlankKind.MOMENT),
    **dict.fromkeys(
        ("new_date", "invoice_date", "sent_on", "end_date", "from_date", "to_date", "start_date"),
        BlankKind.DAY,
    ),
    **dict.fromkeys(("question", "answer", "proposal", "reason", "progress", "last_update"), BlankKind.TEXT),
    **dict.fromkeys(("handover", "consequence"), BlankKind.TEXT),
}


def kind(name: str) -> BlankKind:
    return _KINDS.get(name, BlankKind.LINE)


def blank(name: str, fmt: Formatter, currency: str) -> Blank:
    """The blank of a placeholder. The example is in the language of `fmt`; custom placeholders have none."""
    label = names().get(name, name.replace("_", " "))
    with speaking(fmt.language):
        example = _examples(fmt, currency).get(name, "")
    return Blank(name, label, kind(name), example)


def names() -> dict[str, str]:
    """The display name of every known placeholder, the most used first."""
    return {
        "client": _("Client's name"),
        "me": _("Your name"),
        "matter": _("What it is about"),
        "job": _("Job"),
        "work": _("Job, or part of it"),
        "due": _("When you answer"),
        "deadline": _("Deadline"),
        "new_date": _("New date"),
        "next_step": _("Next step"),
        "question": _("What you need to know"),
        "answer": _("Your answer"),
        "proposal": _("What you propose"),
        "reason": _("The reason"),
        "progress": _("Done so far"),
        "parts_done": _("What is included"),
        "parts_left": _("What is still to come"),
        "amount": _("Amount"),
        "deposit": _("Deposit"),
        "invoice_date": _("Date of the invoice"),
        "sent_on": _("Sent on"),
        "last_update": _("What you sent"),
        "next_call": _("Next call"),
        "told_call": _("The call they expect"),
        "new_call": _("When you talk instead"),
        "proposed_call": _("The standing call you propose"),
        "standing_call": _("Standing call"),
        "call_counts": _("How often they called"),
        "reply_time": _("How soon you answer"),
        "expertise": _("Your expertise"),
        "rate": _("Your rate"),
        "availability_rate": _("Your rate with availability"),
        "end_date": _("Last day"),
        "from_date": _("First day"),
        "to_date": _("Last day away"),
        "start_date": _("From which day"),
        "handover": _("What you finish or hand over"),
        "consequence": _("What follows until they pay"),
    }


def _examples(fmt: Formatter, currency: str) -> dict[str, str]:
    """Examples for typed blanks, worded as in the text."""
    digits = minor_digits(currency)
    price, dearer, sum_owed = (
        fmt.money(major * 10**digits, currency)
        for major in ((60, 90, 450) if digits else (6000, 9000, 45000))
    )
    return {
        "client": _("Alex"),
        "me": _("Robin"),
        "matter": _("the spring leaflet"),
        "job": _("Texts for the home page"),
        "work": _("Texts for the home page"),
        "next_step": _("I send you a first draft on Thursday."),
        "question": _("Should the prices include tax?"),
        "answer": _("Yes, the second photo works better at the top."),
        "proposal": _("I could deliver the first half on Friday."),
        "reason": _("The photos have not arrived yet."),
        "progress": _("The first three pages are written."),
        "parts_done": _("pages 1 to 3"),
        "parts_left": _("pages 4 and 5"),
        "amount": sum_owed,
        "deposit": sum_owed,
        "last_update": _("The draft is finished; I am waiting for your photos."),
        "standing_call": _("a call every Friday at 10"),
        "proposed_call": _("a call every Friday at 10"),
        "call_counts": _("six calls without an appointment last week"),
        "reply_time": _("within 24 hours"),
        "expertise": _("translation"),
        "handover": sentences.handover(fmt, [_("Texts for the home page")]),
        "consequence": sentences.holding(_("pages 4 and 5"), last=False),
        "rate": _("{amount} an hour").format(amount=price),
        "availability_rate": _("{amount} an hour").format(amount=dearer),
    }

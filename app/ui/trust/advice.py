"""The most effective improvement of trust, in words, with the built-in script for it."""

from app.domain.trust_advice import Improvement, Lever
from app.i18n import Formatter, _, n_


def title(lever: Lever) -> str:
    return {
        Lever.ANSWER_SOONER: _("Answer a little sooner"),
        Lever.DELIVER_EARLIER: _("Leave more room before deadlines"),
        Lever.RAISE_PROBLEMS_EARLY: _("Raise problems early"),
        Lever.ASK_FOR_RATINGS: _("Ask for ratings"),
        Lever.OFFER_NEXT_JOB: _("Offer the next job"),
        Lever.SHIELD_TIME: _("Shield your working time"),
    }[lever]


def text(advice: Improvement, fmt: Formatter) -> str:
    """Why this improvement has the largest effect, based on the user's numbers."""
    count, total = advice.count, advice.total
    if advice.lever is Lever.ANSWER_SOONER:
        return n_(
            "{n} of {total} answers came too late. Two lines, “received, I answer by tomorrow”, are enough.",
            "{n} of {total} answers came too late. Two lines, “received, I answer by tomorrow”, are enough.",
            count,
            total=total,
        )
    if advice.lever is Lever.DELIVER_EARLIER:
        return n_(
            "{n} of {total} deliveries came after its date. Say so early, with a date you can keep.",
            "{n} of {total} deliveries came after their date. Say so early, with a date you can keep.",
            count,
            total=total,
        )
    if advice.lever is Lever.RAISE_PROBLEMS_EARLY:
        return _(
            "You answer and deliver on time, yet some ratings are low. Ask when something is unclear, "
            "and tell them the moment something comes in the way."
        )
    if advice.lever is Lever.ASK_FOR_RATINGS:
        return n_(
            "{n} of {total} finished jobs has no rating. A friendly word is often all it takes.",
            "{n} of {total} finished jobs have no rating. A friendly word is often all it takes.",
            count,
            total=total,
        )
    if advice.lever is Lever.OFFER_NEXT_JOB:
        return n_(
            "{n} of {total} finished jobs was not followed by another. Offer one with your thanks.",
            "{n} of {total} finished jobs were not followed by another. Offer one with your thanks.",
            count,
            total=total,
        )
    return _("Unscheduled calls took {hours} that nobody paid for. Propose a standing call.").format(
        hours=fmt.hours(count)
    )


SCRIPTS = {
    Lever.ANSWER_SOONER: "quick-acknowledgement",
    Lever.DELIVER_EARLIER: "raise-delay-early",
    Lever.RAISE_PROBLEMS_EARLY: "raise-problem-early",
    Lever.ASK_FOR_RATINGS: "ask-for-rating",
    Lever.OFFER_NEXT_JOB: "thanks-next-job",
    Lever.SHIELD_TIME: "direct-conversation",
}
"""The built-in script for each improvement."""

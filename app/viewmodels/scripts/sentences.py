"""Sentences that depend on the state of the work, so that scripts state only what is true."""

from collections.abc import Sequence

from app.i18n import Formatter, _, n_

NAMED_JOBS = 3
"""If more jobs are under way, they are counted instead of named."""


def handover(formatter: Formatter, titles: Sequence[str]) -> str:
    """Say what the user does before the work ends: finish the jobs under way (`titles`), if any."""
    if not titles:
        return _(
            "If any file is missing on your side, tell me and I’ll send it. "
            "Until then, I’ll gladly answer the questions of whoever takes over."
        )
    jobs = formatter.listed(_("“{title}”").format(title=title) for title in titles)
    if len(titles) > NAMED_JOBS:
        jobs = n_("the {n} job under way", "the {n} jobs under way", len(titles))
    return _(
        "Until then, I’ll finish {jobs}, send you all the files "
        "and answer the questions of whoever takes over."
    ).format(jobs=jobs)


def holding(parts: str, *, last: bool) -> str:
    """Say that undelivered, unpaid work is withheld until payment.

    `parts` names the withheld parts, if any; `last` selects the wording of the last notice.
    """
    what = _("what is still to be delivered")
    if parts:
        what = _("what is still to be delivered ({parts})").format(parts=parts)
    if last:
        return _(
            "As of today, I am therefore stopping work on {what}. "
            "Deliveries will go on as soon as the payment has arrived."
        ).format(what=what)
    return _("Until it arrives, I’m holding {what}.").format(what=what)


def nothing_new(*, paid_ahead: bool) -> str:
    """Say that the user takes on nothing new, for when no work can be withheld.

    `paid_ahead`: all undelivered work is already paid for.
    """
    if paid_ahead:
        return _(
            "What is already paid for will be delivered as agreed. "
            "Until this payment arrives, I won’t take on anything new."
        )
    return _("All of the work has been delivered. Until it is paid for, I won’t take on anything new.")

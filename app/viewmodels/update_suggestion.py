"""Which clients to update before they ask, and why."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from app.domain.entities import Client
from app.domain.proactive import LOOK_BACK, UpdateSuggestion
from app.domain.trust import ENOUGH
from app.i18n import Formatter, _, n_
from app.viewmodels.services import AppServices
from app.wording import words

SCRIPT = "progress-update"


def due(app: AppServices, found: Iterable[UpdateSuggestion]) -> list[UpdateSuggestion]:
    """The suggestions due by the end of today."""
    tomorrow = app.calendar.local(app.now).date() + timedelta(days=1)
    end = datetime.combine(tomorrow, time(), app.calendar.zone)
    return [each for each in found if each.due < end]


def lines(suggestion: UpdateSuggestion, client: Client | None, formatter: Formatter) -> tuple[str, str]:
    """Whom to write to, and the reason."""
    return (
        _("Tell {name} how “{job}” is going").format(
            name=words.client_name(client), job=words.job_title(suggestion.job)
        ),
        _why(suggestion, formatter),
    )


def _why(suggestion: UpdateSuggestion, formatter: Formatter) -> str:
    """How often they asked, and their usual interval once there are enough cases."""
    span, counts = _span(suggestion.days), formatter.listed(_counts(suggestion))
    if suggestion.gaps < ENOUGH:
        return _("{span}: {counts}.").format(span=span, counts=counts)
    return _("{span}: {counts}, usually {gap} after your last word.").format(
        span=span, counts=counts, gap=formatter.elapsed(suggestion.usual_gap)
    )


def _span(days: int) -> str:
    """The observed period, shorter for recent clients."""
    if days >= LOOK_BACK.days:
        return _("In three months")
    weeks = -(-days // 7)
    return n_("In {n} week", "In {n} weeks", weeks)


def _counts(suggestion: UpdateSuggestion) -> list[str]:
    """How often they were in touch. Marked check-ins are counted separately from other unscheduled calls."""
    counts = []
    if suggestion.check_ins:
        counts.append(n_("{n} check-in", "{n} check-ins", suggestion.check_ins))
    if suggestion.calls:
        counts.append(n_("{n} unscheduled call", "{n} unscheduled calls", suggestion.calls))
    return counts

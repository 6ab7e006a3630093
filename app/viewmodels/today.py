"""What Today shows: one agenda, next due first, divided into days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.agenda import AgendaItem, Stage
from app.domain.entities import Client
from app.domain.exposure import LatePayments
from app.domain.hours import WorkCalendar
from app.domain.proactive import UpdateSuggestion
from app.domain.reply import WindowState
from app.domain.workload import Overload
from app.i18n import Formatter, _, n_
from app.store import queries
from app.viewmodels import update_suggestion as suggestion
from app.viewmodels.services import AppServices
from app.viewmodels.workload import task_title

PAGE = 60  # rows built at once
MAX_NAMED_JOBS = 3


@dataclass(frozen=True)
class TodaySection:
    """Items due on one day; `title` names the day."""

    title: str
    items: list[AgendaItem]
    later: bool  # due tomorrow or later


@dataclass(frozen=True)
class Today:
    sections: list[TodaySection]
    snoozed: list[AgendaItem]
    clients: dict[str, Client]
    has_clients: bool
    late: list[Overload]  # work that no longer fits before its deadline
    updates: list[UpdateSuggestion]  # due today, before the clients ask
    late_payments: LatePayments


def load(app: AppServices) -> Today:
    view = queries.today(app.store, app.now)
    near = (_("Late"), app.format.day(app.now, app.now))
    sections: dict[str, list[AgendaItem]] = {title: [] for title in near}
    for item in view.agenda.items:
        late = item.state is WindowState.OVERDUE
        # A follow-up that became due on an earlier day belongs to today.
        day = app.format.day(max(item.due, app.now), app.now)
        sections.setdefault(near[0] if late else day, []).append(item)
    return Today(
        [TodaySection(title, items, title not in near) for title, items in sections.items() if items],
        view.agenda.snoozed,
        view.clients,
        view.has_clients,
        view.late,
        suggestion.due(app, view.updates),
        view.late_payments,
    )


def late_lines(late: Sequence[Overload], formatter: Formatter) -> tuple[str, str]:
    """Title and text of the notice about work that no longer fits."""
    named = formatter.listed(dict.fromkeys(task_title(each.task) for each in late[:MAX_NAMED_JOBS]))
    return (
        n_("{n} thing no longer fits", "{n} things no longer fit", len(late)),
        _("Say so today: {jobs}").format(jobs=named),
    )


def nothing(has_clients: bool) -> tuple[str, str]:
    """Title and text of an empty Today, independent of the time of day."""
    if has_clients:
        return (
            _("Nothing waits for you today"),
            _(
                "You owe no answer, you have nothing to deliver within two weeks, and nobody is to be "
                "reminded today."
            ),
        )
    return (
        _("Your replies and deadlines gather here"),
        _("When a client writes, note it with +. Kaeru starts the clock and shows what is due first."),
    )


def wish(calendar: WorkCalendar, now: datetime) -> str:
    """A line for an empty Today, by the time of day; empty before work begins."""
    today = calendar.local(now).date()
    if calendar.is_working_time(now):
        return _("Go home on time.")
    if not calendar.is_working_day(today):
        return _("Enjoy your day off.")
    return _("Work is over for today. Rest well.") if now >= calendar.closing(today) else ""


def outlook(
    app: AppServices, now: datetime, until: datetime, limit: int
) -> tuple[queries.TodayView, list[list[Stage]]]:
    """Today as of `now`, and the stages that up to `limit` items reach before `until`."""
    return queries.outlook(app.store, now, until, limit)

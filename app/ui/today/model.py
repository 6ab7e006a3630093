"""What Today shows: one list in order of what is due first, cut into days."""

from dataclasses import dataclass

from app.domain.agenda import AgendaItem
from app.domain.entities import Client
from app.domain.proactive import UpdateSuggestion
from app.domain.reply import WindowState
from app.domain.workload import Overload
from app.store import queries
from app.ui.i18n import _
from app.ui.state import AppState
from app.ui.update import suggestion
from app.ui.workload import model as workload


@dataclass(frozen=True)
class Section:
    """Rows that fall due on one day, under its name."""

    title: str
    items: list[AgendaItem]
    later: bool  # not before tomorrow


@dataclass(frozen=True)
class Today:
    sections: list[Section]
    snoozed: list[AgendaItem]
    clients: dict[str, Client]
    late: list[Overload]  # what no longer fits
    updates: list[UpdateSuggestion]  # to send before anybody asks


def load(app: AppState) -> Today:
    agenda = queries.agenda(app.store, app.now)
    near = (_("Late"), app.format.day(app.now, app.now))
    sections: dict[str, list[AgendaItem]] = {title: [] for title in near}
    for item in agenda.items:
        late = item.state is WindowState.OVERDUE
        # A follow-up is due since some day, but it is for today.
        day = app.format.day(max(item.due, app.now), app.now)
        sections.setdefault(near[0] if late else day, []).append(item)
    return Today(
        [Section(title, items, title not in near) for title, items in sections.items() if items],
        agenda.snoozed,
        queries.clients_by_id(app.store),
        workload.late(app),
        suggestion.due(app),
    )


def nothing(has_clients: bool) -> tuple[str, str]:
    """What an empty Today says: a title and a text."""
    if has_clients:
        return (
            _("Nothing waits for you"),
            _("Every message has its answer and no deadline is near. Go home on time."),
        )
    return (
        _("Your replies and deadlines gather here"),
        _("When a client writes, note it with +. Kaeru starts the clock and shows what is due first."),
    )

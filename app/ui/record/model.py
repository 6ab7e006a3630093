"""Recording what just happened: the time is now, the likely client comes first, details can wait."""

from collections.abc import Callable, Sequence

from app.domain.codes import CallOutcome, Direction
from app.domain.entities import Call, Client, Job, Message
from app.store import queries
from app.ui.i18n import _
from app.ui.state import AppState

WHAT = ("message", "call", "job")


def likely_clients(app: AppState, query: str) -> Sequence[Client]:
    """Most recent dealings first; with a query, every client whose name holds it."""
    if not query.strip():
        return queries.likely_clients(app.store, limit=12)
    wanted = query.strip().casefold()
    return [client for client in queries.clients(app.store) if wanted in client.name.casefold()][:20]


def new_client(app: AppState, name: str) -> Client | None:
    client = Client(name=name.strip(), language=app.settings.language)
    return client if app.write(lambda: app.store.save(client)) else None


def usual_channel(client: Client, default: str) -> str:
    return client.channels[0]["kind"] if client.channels else default


Show = Callable[[str, str], None]  # a kind of screen and its key


def record(
    app: AppState,
    what: str,
    client: Client,
    outcome: str = CallOutcome.MISSED,
    show: Show | None = None,
) -> bool:
    """Keep it at once, then show it (in place of this screen, unless told how).

    Undo takes it back and leads back to where it was recorded. The second of two quick taps does nothing.
    """
    if app.is_repeated(f"record/{what}/{client.id}/{outcome}"):
        return False
    before = app.page.route
    with app.leading_back(lambda: app.go(before)):
        return _record(app, what, client, outcome, show or app.replace)


def _record(app: AppState, what: str, client: Client, outcome: str, show: Show) -> bool:
    if what == "message":
        message = Message(
            client_id=client.id,
            channel=usual_channel(client, "email"),
            direction=Direction.IN,
            at=app.now,
            created_at=app.now,
        )
        if app.write(lambda: app.store.save(message), _("Message noted: the clock is running")):
            show("edit-message", message.id)
            return True
    elif what == "call":
        call = Call(client_id=client.id, at=app.now, created_at=app.now, outcome=outcome)
        if app.write(lambda: app.store.save(call), _("Call noted")):
            show("call", call.id)
            return True
    else:
        job = Job(client_id=client.id, started_at=app.now, created_at=app.now)
        if app.write(lambda: app.store.save(job), _("Job noted")):
            show("edit-job", job.id)
            return True
    return False

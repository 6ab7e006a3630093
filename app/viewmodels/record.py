"""Quick recording of messages, calls and jobs: dated now, likely clients first, details later."""

from collections.abc import Callable, Iterable, Sequence

from app.domain import reply
from app.domain.addressing import SplitName, client_named, client_split, read_name, spellings, split_name
from app.domain.codes import CallOutcome, ChannelKind, Direction
from app.domain.entities import Call, Client, Job, Message
from app.domain.normalisation import normalise
from app.i18n import _
from app.store import queries
from app.viewmodels.services import AppServices
from app.wording import words

PLATFORMS = (ChannelKind.CROWDWORKS, ChannelKind.LANCERS)
"""Channels that are also platforms for finding work."""

WHAT = ("message", "sent", "call", "job")


def likely_clients(app: AppServices, query: str) -> Sequence[Client]:
    """Clients by last contact; with a query, those whose name, organisation or reading contains it."""
    wanted = normalise(read_name(query, app.settings.language).name).split()
    if not wanted:
        return queries.likely_clients(app.store, limit=12)
    return [client for client in queries.clients(app.store) if is_named(client, wanted)][:20]


def is_named(client: Client, wanted: Sequence[str]) -> bool:
    """Whether the name, organisation or reading contains every (normalised) word."""
    text = normalise(f"{client.name} {client.organisation} {client.reading}")
    return all(word in text for word in wanted)


def is_known(clients: Iterable[Client], typed: str) -> bool:
    """Whether a client has this name, with or without the honorific."""
    wanted = normalise(typed)
    return any(wanted == normalise(name) for client in clients for name in spellings(client))


def new_client(app: AppServices, name: str) -> Client | None:
    """Store a client with the same fields as the full form derives from such a name."""
    client = client_named(name, app.settings.language, app.now)
    return client if app.write(lambda: app.store.add(client)) else None


def split_of(app: AppServices, typed: str) -> SplitName | None:
    """The person and organisation that a typed name seems to combine, for the user to confirm."""
    return split_name(typed, app.settings.language)


def new_client_split(app: AppServices, found: SplitName) -> Client | None:
    client = client_split(found, app.settings.language, app.now)
    return client if app.write(lambda: app.store.add(client)) else None


def split_label(found: SplitName) -> str:
    return _("New client: {person} of {organisation}").format(
        person=found.person, organisation=found.organisation
    )


def usual_channel(app: AppServices, client: Client, default: str = ChannelKind.EMAIL) -> str:
    """The channel last used with a client, else the first noted, else their platform, else `default`."""
    noted = client.channels[0]["kind"] if client.channels else ""
    return queries.last_channel(app.store, client.id) or noted or _platform_channel(app, client) or default


def _platform_channel(app: AppServices, client: Client) -> str:
    platform = normalise(queries.last_platform(app.store, client.id))
    names = {normalise(name): kind for kind in PLATFORMS for name in (kind.value, words.channel(kind))}
    return names.get(platform, "") if platform else ""


def usual_platform(app: AppServices, client: Client) -> str:
    """The platform of the client's last job; without jobs, a platform among their channels."""
    if queries.jobs_of(app.store, client.id):
        return queries.last_platform(app.store, client.id)
    noted = [channel["kind"] for channel in client.channels]
    kinds = noted or [queries.last_channel(app.store, client.id) or ""]
    return next((words.channel(kind) for kind in kinds if kind in PLATFORMS), "")


Show = Callable[[str, str], None]  # arguments: kind of screen, key


def record(
    app: AppServices,
    what: str,
    client: Client,
    outcome: str = CallOutcome.MISSED,
    show: Show | None = None,
) -> bool:
    """Store a new record, then open it with `show` (default: replacing this screen); see `delete_unsaved`.

    Undo deletes it and returns to the screen where it was recorded. The second of two quick taps is ignored.
    """
    if app.is_repeated(f"record/{what}/{client.id}/{outcome}"):
        return False
    before = app.route
    with app.leading_back(lambda: app.go(before)):
        return _record(app, what, client, outcome, show or app.replace)


def delete_unsaved(app: AppServices, record: Message | Job) -> None:
    """Delete a new record whose first form, opened by "+", was closed without saving."""
    if record.id in app.just_made:
        app.just_made.discard(record.id)
        app.write(
            lambda: app.store.transact(lambda unit: unit.delete(record)), _("Closed: nothing was noted")
        )


def _received(app: AppServices, message: Message, client: Client) -> str:
    """The confirmation for a received message, with its reply deadline."""
    due = reply.first_due(message, client, app.settings, app.calendar)
    return _("Message noted: reply by {when}").format(when=app.format.when(due, app.now))


def _record(app: AppServices, what: str, client: Client, outcome: str, show: Show) -> bool:
    if what in ("message", "sent"):
        sent = what == "sent"
        message = Message(
            client_id=client.id,
            channel=usual_channel(app, client),
            direction=Direction.OUT if sent else Direction.IN,
            at=app.now,
            created_at=app.now,
        )
        if app.write(
            lambda: app.store.add(message),
            _("Sent message noted") if sent else _received(app, message, client),
        ):
            app.just_made.add(message.id)
            show("edit-message", message.id)
            return True
    elif what == "call":
        call = Call(client_id=client.id, at=app.now, created_at=app.now, outcome=outcome)
        if app.write(lambda: app.store.add(call), _("Call noted")):
            show("call", call.id)
            return True
    else:
        job = Job(
            client_id=client.id,
            platform=usual_platform(app, client),
            started_at=app.now,
            created_at=app.now,
        )
        if app.write(lambda: app.store.add(job), _("Job noted")):
            app.just_made.add(job.id)
            show("edit-job", job.id)
            return True
    return False


def client(app: AppServices, id_: str) -> Client | None:
    """The client; None if there is no such id."""
    return app.store.get(Client, id_)


def all_clients(app: AppServices) -> list[Client]:
    return queries.clients(app.store)

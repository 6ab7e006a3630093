"""Recording what just happened: the time is now, the likely client comes first, details can wait."""

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
"""Channels that are also where work is found."""

WHAT = ("message", "sent", "call", "job")


def likely_clients(app: AppServices, query: str) -> Sequence[Client]:
    """Most recent dealings first; with a query, every client whose name, firm or reading holds it."""
    wanted = normalise(read_name(query, app.settings.language).name).split()
    if not wanted:
        return queries.likely_clients(app.store, limit=12)
    return [client for client in queries.clients(app.store) if is_named(client, wanted)][:20]


def is_named(client: Client, wanted: Sequence[str]) -> bool:
    """Whether every (normalised) word is in the name, the organisation or the reading."""
    text = normalise(f"{client.name} {client.organisation} {client.reading}")
    return all(word in text for word in wanted)


def is_known(clients: Iterable[Client], typed: str) -> bool:
    """Whether one of the clients is called so, with or without the honorific."""
    wanted = normalise(typed)
    return any(wanted == normalise(name) for client in clients for name in spellings(client))


def new_client(app: AppServices, name: str) -> Client | None:
    """The same client as the long form makes of such a name."""
    client = client_named(name, app.settings.language, app.now)
    return client if app.write(lambda: app.store.add(client)) else None


def split_of(app: AppServices, typed: str) -> SplitName | None:
    """The person and the organisation that a typed name seems to hold, to be confirmed by the user."""
    return split_name(typed, app.settings.language)


def new_client_split(app: AppServices, found: SplitName) -> Client | None:
    client = client_split(found, app.settings.language, app.now)
    return client if app.write(lambda: app.store.add(client)) else None


def split_label(found: SplitName) -> str:
    return _("New client: {person} of {organisation}").format(
        person=found.person, organisation=found.organisation
    )


def usual_channel(app: AppServices, client: Client, default: str = ChannelKind.EMAIL) -> str:
    """The channel last used with a client, else the first noted, else the platform they were found on."""
    noted = client.channels[0]["kind"] if client.channels else ""
    return queries.last_channel(app.store, client.id) or noted or _platform_channel(app, client) or default


def _platform_channel(app: AppServices, client: Client) -> str:
    platform = normalise(queries.last_platform(app.store, client.id))
    names = {normalise(name): kind for kind in PLATFORMS for name in (kind.value, words.channel(kind))}
    return names.get(platform, "") if platform else ""


def usual_platform(app: AppServices, client: Client) -> str:
    """Where the client was found: the platform of their last job, else one that is a channel to them."""
    if queries.jobs_of(app.store, client.id):
        return queries.last_platform(app.store, client.id)
    noted = [channel["kind"] for channel in client.channels]
    kinds = noted or [queries.last_channel(app.store, client.id) or ""]
    return next((words.channel(kind) for kind in kinds if kind in PLATFORMS), "")


Show = Callable[[str, str], None]  # a kind of screen and its key


def record(
    app: AppServices,
    what: str,
    client: Client,
    outcome: str = CallOutcome.MISSED,
    show: Show | None = None,
) -> bool:
    """Keep it at once, then show it (in place of this screen, unless told how); see `unmake`.

    Undo takes it back and leads back to where it was recorded. The second of two quick taps does nothing.
    """
    if app.is_repeated(f"record/{what}/{client.id}/{outcome}"):
        return False
    before = app.route
    with app.leading_back(lambda: app.go(before)):
        return _record(app, what, client, outcome, show or app.replace)


def unmake(app: AppServices, record: Message | Job) -> None:
    """The form that "+" opened was closed without saving: what it was about is not left behind, empty."""
    if record.id in app.just_made:
        app.just_made.discard(record.id)
        app.write(
            lambda: app.store.transact(lambda unit: unit.delete(record)), _("Closed: nothing was noted")
        )


def _received(app: AppServices, message: Message, client: Client) -> str:
    """What holds from now on: by when it is to be answered."""
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
    """The client; None when there is none of that id."""
    return app.store.get(Client, id_)


def all_clients(app: AppServices) -> list[Client]:
    return queries.clients(app.store)

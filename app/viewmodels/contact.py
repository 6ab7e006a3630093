"""The channel for answering a client."""

from app import locales
from app.domain.codes import ChannelKind
from app.domain.column_types import Channel
from app.domain.entities import Client
from app.store import queries
from app.viewmodels.defaults import FILE
from app.viewmodels.services import AppServices


def channel_of(app: AppServices, client: Client, kind: str = "") -> Channel | None:
    """The client's channel of a kind; without a kind, the one last used, else the first noted."""
    kind = kind or queries.last_channel(app.store, client.id) or ""
    noted = next((channel for channel in client.channels if not kind or channel["kind"] == kind), None)
    return noted or (Channel(kind=kind, handle="") if kind else None)


def usual_kinds(app: AppServices) -> list[str]:
    """All channel kinds: the most used first, then those usual for the user's language, then the rest."""
    usual = locales.own_table(app.settings.language, FILE).get("channels", ())
    every = [kind.value for kind in ChannelKind]
    used = [kind for kind in queries.channels_by_use(app.store) if kind in every]
    return list(dict.fromkeys([*used, *usual, *every]))

"""The choice of a channel: those the user works with stand first."""

from collections.abc import Callable, Sequence

import flet as ft

from app import locales
from app.domain.codes import ChannelKind
from app.domain.entities import Client
from app.i18n import _
from app.store import queries
from app.ui.components.fields import dropdown
from app.ui.settings.defaults import FILE
from app.ui.state import AppState
from app.wording import words


def usual_kinds(app: AppState) -> list[str]:
    """Every kind of channel: the most used first, then those usual where the user's language is read."""
    usual = locales.own_table(app.settings.language, FILE).get("channels", ())
    every = [kind.value for kind in ChannelKind]
    used = [kind for kind in queries.channels_by_use(app.store) if kind in every]
    return list(dict.fromkeys([*used, *usual, *every]))


def channel_choice(
    kinds: Sequence[str], client: Client | None, selected: str, on_select: Callable[[str], None]
) -> ft.Control:
    """The client's own channels first; every other one of `usual_kinds` behind them."""
    own = [channel["kind"] for channel in client.channels] if client else []
    options = {kind: words.channel(kind) for kind in dict.fromkeys([*own, *kinds])}
    return dropdown(_("Channel"), options, selected, on_select)

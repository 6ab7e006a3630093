"""The choice of a channel; the user's own channels come first."""

from collections.abc import Callable, Sequence

import flet as ft

from app.domain.entities import Client
from app.i18n import _
from app.ui.components.fields import dropdown
from app.wording import words


def channel_choice(
    kinds: Sequence[str], client: Client | None, selected: str, on_select: Callable[[str], None]
) -> ft.Control:
    """Chips for the client's own channels, followed by the other `kinds`."""
    own = [channel["kind"] for channel in client.channels] if client else []
    options = {kind: words.channel(kind) for kind in dict.fromkeys([*own, *kinds])}
    return dropdown(_("Channel"), options, selected, on_select)

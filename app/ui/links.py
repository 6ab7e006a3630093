"""Links from outside: kaeru://message/<id>, and kaeru://pair?server=<address>#<pairing secret>.

Flet passes an app only the path, query and fragment of a link. The kind ("message") is the URL's host and is
lost, so it is determined from the id.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flet as ft

from app.domain.entities import Client, Job, Message
from app.store.store import Store
from app.store.transactions import StorageError
from app.sync.pairing_secret import without_key
from app.ui.state import AppState

SCHEME = "kaeru"
KINDS: dict[str, type[Message] | type[Job] | type[Client]] = {
    "message": Message,
    "job": Job,
    "client": Client,
}


@dataclass(frozen=True)
class DeepLink:
    """The target of a link: an address inside the app, or the text of a pairing link, without a sync key."""

    address: str = ""
    pairing: str = ""


def read(route: str, store: Store) -> DeepLink | None:
    """Parse a new address as a link from outside; None for one of the app's own."""
    parts = urlsplit(route)
    path = f"/{parts.netloc}{parts.path}" if parts.scheme == SCHEME else parts.path
    if parts.fragment and path.rstrip("/") in {"", "/pair"}:
        server = parse_qs(parts.query).get("server", [""])[0]
        return DeepLink(pairing=f"{server}/pair#{without_key(parts.fragment)}")
    words = path.strip("/").split("/")
    if len(words) == 1 and (kind := _kind(words[0], store)):
        return DeepLink(address=f"/{kind}/{words[0]}")
    return DeepLink(address=path) if parts.scheme == SCHEME else None


def _kind(key: str, store: Store) -> str:
    """Return the kind of the record with this id; empty if there is none."""
    try:
        return next((word for word, entity in KINDS.items() if store.get(entity, key) is not None), "")
    except StorageError:
        return ""


class OpenedLinks:
    """Intercepts address changes between Flet's connection and a session.

    A link opened while the app runs arrives as an address that no screen has; it is replaced by its target.
    """

    def __init__(self, page: ft.Page, app: AppState) -> None:
        self._page = page
        self._app = app
        self._dispatch = page.session.dispatch_event
        page.session.dispatch_event = self.dispatch  # type: ignore[method-assign]
        if page.route and (link := read(page.route, app.store)):
            self._follow(link)

    async def dispatch(self, control_id: int, event_name: str, event_data: Any) -> None:
        if event_name == "route_change" and (link := read(str(event_data["route"]), self._app.store)):
            self._follow(link)
            return
        await self._dispatch(control_id, event_name, event_data)

    def _follow(self, link: DeepLink) -> None:
        if link.pairing:
            self._app.pairing_text = link.pairing
        # `navigate`, as for a link in a browser, so that a form with unsaved changes asks first.
        self._page.navigate(link.address or "/")

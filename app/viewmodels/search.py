"""What the search page finds, and the screen that opens each result."""

from dataclasses import dataclass

from app.domain.entities import Checklist, Client, Conversation, Job, Part, Script
from app.i18n import _
from app.store import queries
from app.store.queries import Hit, search
from app.viewmodels import search_places as places
from app.viewmodels.scripts.keys import key_of
from app.viewmodels.scripts.texts import ranked_scripts
from app.viewmodels.services import AppServices
from app.wording import words

# Kinds with a screen of their own. Other kinds open the record they belong to.
_SCREENS = {each: each for each in ("client", "message", "call", "job", "update", "script", "checklist")}

_TEXTS: dict[str, type[Script | Checklist]] = {"script": Script, "checklist": Checklist}

BUILT_IN = 5
"""Maximum number of built-in texts, and of places, listed after the user's own records."""


@dataclass(frozen=True)
class SearchRow:
    hit: Hit
    title: str
    kind: str  # localised
    client: str  # name; empty if the record belongs to no client
    kind_of_screen: str
    key: str
    at: str = ""  # id of the record to scroll to


def find(app: AppServices, query: str, limit: int) -> list[SearchRow]:
    """The first `limit` results containing every word: records (clients by name first), places, texts."""
    clients = queries.clients_by_id(app.store)
    rows = [
        row
        for hit in search(app.store, query, limit=limit)
        if (row := _row(app, hit, clients.get(hit.client_id)))
    ]
    if len(rows) < limit and query.strip():
        rows += _places(query)
        rows += _built_in(app, query, {row.key for row in rows if row.kind_of_screen == "script"})
    return rows[:limit]


def _built_in(app: AppServices, query: str, listed: set[str]) -> list[SearchRow]:
    """Built-in scripts in the user's language, ranked as in the script library."""
    found = ranked_scripts(app, app.settings.language, query)
    return [
        SearchRow(
            hit=Hit("script", script.id, script.title, script.when, ""),
            title=script.title,
            kind=kind_name("script"),
            client="",
            kind_of_screen="script",
            key=script.id,
        )
        for script in found
        if not script.own and script.id not in listed
    ][:BUILT_IN]


def _places(query: str) -> list[SearchRow]:
    """Settings and forms that match the query."""
    return [
        SearchRow(
            hit=Hit("place", place.id, place.title, "", ""),
            title=place.title,
            kind=place.where,
            client="",
            kind_of_screen=place.kind,
            key=place.key,
        )
        for place in places.found(query)
    ][:BUILT_IN]


def _row(app: AppServices, hit: Hit, client: Client | None) -> SearchRow | None:
    kind, key = _SCREENS.get(hit.kind, ""), hit.id
    if hit.kind == "part":
        part = app.store.get(Part, hit.id)
        job = app.store.get(Job, part.job_id) if part else None
        if job is None:
            return None
        kind, key = "job", job.id
    elif hit.kind == "conversation":
        conversation = app.store.get(Conversation, hit.id)
        if conversation is None:
            return None
        kind, key = "ladder", conversation.client_id
    elif hit.kind in _TEXTS:
        text = app.store.get(_TEXTS[hit.kind], hit.id)
        if text is None:
            return None
        key = key_of(app, text.builtin_id or text.id, text.language)
    return SearchRow(
        hit=hit,
        title=hit.title or kind_name(hit.kind),
        kind=kind_name(hit.kind),
        client=words.client_name(client) if client and hit.kind != "client" else "",
        kind_of_screen=kind,
        key=key,
        at=hit.id if hit.kind == "part" else "",
    )


def kind_name(kind: str) -> str:
    return {
        "client": _("Client"),
        "message": _("Message"),
        "call": _("Call"),
        "conversation": _("Boundaries"),
        "job": _("Job"),
        "part": _("Part"),
        "update": _("Update"),
        "script": _("Script"),
        "checklist": _("Checklist"),
    }.get(kind, kind)

"""Settings and forms that the search finds by title or synonym."""

from dataclasses import dataclass

from app.i18n import _
from app.store import content
from app.store.text_ranking import rank, ranked_text


@dataclass(frozen=True)
class Place:
    """A setting or form field; `id` is the key of its synonyms, `kind` and `key` name its screen."""

    id: str
    title: str
    where: str
    kind: str
    key: str


def places() -> list[Place]:
    replies, you, data = _("Replies and deadlines"), _("You"), _("Your data")
    of_a_job = _("In the form of a job")
    return [
        Place("payment-days", _("Days clients have to pay"), replies, "settings", "replies"),
        Place("unpaid-limit", _("Unpaid limit"), replies, "settings", "replies"),
        Place("reply-time", _("How soon you answer"), replies, "settings", "replies"),
        Place("withholding", _("Income tax is withheld at source"), of_a_job, "new", "job"),
        Place("platform-fee", _("Platform fee (%)"), of_a_job, "new", "job"),
        Place("currency", _("Currency"), you, "settings", "you"),
        Place("language", _("Language"), you, "settings", "you"),
        Place("working-time", _("Working time"), _("Settings"), "settings", "time"),
        Place("notifications", _("Notifications"), _("Settings"), "settings", "notifications"),
        Place("appearance", _("Appearance"), _("Settings"), "settings", "appearance"),
        Place("sync", _("Sync"), _("Settings"), "settings", "sync"),
        Place("backup", data, _("Settings"), "settings", "data"),
    ]


def found(query: str) -> list[Place]:
    """The places that match the query, best first."""
    every, synonyms_by_key = places(), content.synonyms()
    texts = [
        ranked_text(([place.title], 4.0), ([synonyms_by_key.get(f"place:{place.id}", "")], 3.0))
        for place in every
    ]
    return [every[index] for index in rank(texts, query, content.stop_words())] if query.strip() else []

"""The script that acknowledges a message."""

from app.domain.entities import Client, Message
from app.store import content
from app.store.content import ScriptView
from app.viewmodels import items
from app.viewmodels.services import AppServices

SCRIPT = "quick-acknowledgement"


def forms_for(app: AppServices, client: Client | None, message: Message) -> list[ScriptView]:
    """The script's forms in the client's language; the one for the message's channel comes first."""
    language = client.language if client else app.settings.language
    script = content.script(app.store, language, SCRIPT)
    if script is None:
        return []
    fitting = items.in_form(content.scripts(app.store, language), message.channel)
    first = next((each.id for each in fitting if each.base == SCRIPT), SCRIPT)
    return sorted(content.forms(app.store, script), key=lambda each: each.id != first)

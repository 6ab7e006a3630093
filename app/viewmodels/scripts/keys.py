"""Keys of texts in addresses, and the address of a text that is filled in for a screen."""

from app.domain.languages import LANGUAGES
from app.i18n import _
from app.store.content import ChecklistView, ScriptView
from app.viewmodels import paths
from app.viewmodels.services import AppServices


def key_of(app: AppServices, id_: str, language: str) -> str:
    """A script's or checklist's key in an address: its id, with its language unless that is the app's."""
    return id_ if language == app.settings.language else f"{id_}.{language}"


def id_and_language(app: AppServices, key: str) -> tuple[str, str]:
    """What `key_of` made a key of."""
    id_, _dot, language = key.partition(".")
    return id_, language if language in LANGUAGES else app.settings.language


def origin(view: ScriptView | ChecklistView) -> str:
    """Whose text it is; nothing for one as it came with the app."""
    return _("Yours") if view.own else _("Edited") if view.edited else ""


def say(app: AppServices, script: str, kind: str = "", key: str = "") -> None:
    """Open a built-in text, filled in for what is on screen, or for a thing of that kind that it is about."""
    below = paths.stacked(app.route, kind, key) if kind else app.route
    app.go(paths.stacked(below, "script", script))

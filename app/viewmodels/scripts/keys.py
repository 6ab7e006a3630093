"""Keys of scripts and checklists in addresses, and opening a script for a screen."""

from app.domain.languages import LANGUAGES
from app.i18n import _
from app.store.content import ChecklistView, ScriptView
from app.viewmodels import paths
from app.viewmodels.services import AppServices


def key_of(app: AppServices, id_: str, language: str) -> str:
    """The key of a script or checklist in an address: its id, plus its language unless that is the app's."""
    return id_ if language == app.settings.language else f"{id_}.{language}"


def id_and_language(app: AppServices, key: str) -> tuple[str, str]:
    """Split a key made by `key_of`."""
    id_, _dot, language = key.partition(".")
    return id_, language if language in LANGUAGES else app.settings.language


def origin(view: ScriptView | ChecklistView) -> str:
    """A label for the user's own and edited texts; empty for unchanged built-in ones."""
    return _("Yours") if view.own else _("Edited") if view.edited else ""


def say(app: AppServices, script: str, kind: str = "", key: str = "") -> None:
    """Open a built-in script for the current screen, or for the record given by `kind` and `key`."""
    below = paths.stacked(app.route, kind, key) if kind else app.route
    app.go(paths.stacked(below, "script", script))

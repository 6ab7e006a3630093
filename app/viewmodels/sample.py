"""Sample data: adding and removing it."""

from app.i18n import _
from app.store import sample
from app.viewmodels.services import AppServices


def add_sample(app: AppServices) -> None:
    app.write(lambda: sample.load_sample(app.store, app.settings.language, app.now), _("Sample data added"))


def remove_sample(app: AppServices) -> None:
    """Remove the sample data and the records attached to it; undo restores both."""
    app.write(lambda: sample.remove_sample(app.store), _("Sample data removed"))


def has_sample(app: AppServices) -> bool:
    return sample.has_sample(app.store)

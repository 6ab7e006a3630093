"""The first run: choices apply to the app immediately and are saved in one write at the end."""

from contextlib import suppress
from typing import Any

from app.domain.entities import SETTINGS_ID, Settings
from app.store.transactions import StorageError
from app.viewmodels.defaults import country_for, currency_for, settings_for
from app.viewmodels.sample import add_sample
from app.viewmodels.services import FIRST_RUN, AppServices
from app.viewmodels.settings import changed, problems


def apply_choices(app: AppServices, **changes: Any) -> None:
    """Apply these choices to the app, and store them as a draft until the first run ends."""
    settings = changed(app.settings, changes)
    app.use_settings(settings)
    chosen = settings.model_dump(mode="json", exclude={"id", "created_at", "introduced"})
    with suppress(StorageError):
        app.store.drafts.keep(FIRST_RUN, chosen)


def choose_language(app: AppServices, language: str) -> None:
    languages = app.platform.languages
    apply_choices(
        app,
        language=language,
        currency=currency_for(languages, language),
        holiday_country=country_for(languages, language),
    )


def finish(app: AppServices, *, sample: bool = False) -> None:
    """Save the choices and end the first run, with sample data if `sample`. Invalid choices get defaults."""
    settings = app.settings
    if problems(settings):
        settings = changed(
            settings_for(app.platform.languages, app.platform.time_zone),
            {
                "language": settings.language,
                "currency": settings.currency,
                "holiday_country": settings.holiday_country,
            },
        )
    settings = changed(settings, {"introduced": True, "name": settings.name.strip()})

    def change(stored: Settings) -> None:
        for name, value in settings.model_dump(exclude={"created_at"}).items():
            setattr(stored, name, value)

    if not app.write(lambda: app.store.update(Settings, SETTINGS_ID, change)):
        return
    with suppress(StorageError):
        app.store.drafts.forget(FIRST_RUN)
    if sample:
        add_sample(app)

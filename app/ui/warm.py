"""Warm-up without a screen: runs what every start needs, before a snapshot of Python's memory is taken.

Nothing here may outlive the warm-up: no clock, no open file, no personal or platform state.
"""

from collections.abc import Sequence
from datetime import timedelta

import dateutil.rrule  # noqa: F401 - otherwise imported on first use
import flet as ft
from babel import Locale

from app import i18n
from app.domain.entities import utc_now
from app.domain.hours import zone_of
from app.domain.languages import LANGUAGES
from app.store import content, queries, sample
from app.store.database import open_database
from app.store.store import Store
from app.viewmodels.defaults import settings_for
from app.wording import agenda as agenda_words


def warm_up(languages: Sequence[str], time_zone: str) -> None:
    """Import every control, load each language, map the tables and query Today once.

    `languages` and `time_zone` (IANA name) are the browser's.
    """
    for name in ft.__all__:  # controls are imported on first access
        getattr(ft, name)
    for language in LANGUAGES:
        with i18n.speaking(language):
            _read(language, time_zone)
    store = Store(open_database(":memory:"), utc_now)
    settings = settings_for(languages, time_zone)
    store.add(settings)
    sample.load_sample(store, settings.language, utc_now())
    formatter = i18n.Formatter(settings.language, zone_of(time_zone))
    for item in queries.today(store, utc_now()).agenda.items:
        agenda_words.agenda_subject(item, formatter)
        formatter.when(item.due, utc_now())
    store.close()


def _read(language: str, time_zone: str) -> None:
    """Load every file that belongs to a language."""
    formatter = i18n.Formatter(language, zone_of(time_zone))
    now = utc_now()
    formatter.full(now)
    formatter.stamp(now)
    formatter.duration(timedelta(hours=3))
    formatter.money(100, "JPY")
    formatter.hours(90)
    Locale.parse(language).time_zones  # noqa: B018 - loaded on first access
    content.builtin_scripts(language)
    content.builtin_checklists(language)

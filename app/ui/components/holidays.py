"""Public holidays: the country, and the holidays on which the user works."""

import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

import flet as ft

from app.domain.entities import Settings
from app.domain.holidays import COUNTRIES, PublicHoliday, holidays_of
from app.i18n import Formatter, _
from app.ui.components.fields import dropdown, switch_row
from app.ui.components.settings_section import Keeper, why
from app.ui.state import use_app

YEAR = timedelta(days=365)
SHOWN = 6


def country_names(formatter: Formatter) -> dict[str, str]:
    """Country names by code, sorted by name in the app's language."""
    territories = formatter.locale.territories
    names = {code: str(territories.get(code, code)) for code in COUNTRIES}
    return dict(sorted(names.items(), key=lambda item: _sorting(item[1])))


def _sorting(name: str) -> str:
    letters = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def ahead(settings: Settings, today: date) -> list[PublicHoliday]:
    """The country's holidays of the next year, from today."""
    found = holidays_of(settings.holiday_country)
    return [each for each in found if today <= each.day < today + YEAR]


def keeping(settings: Settings, key: str, *, off: bool) -> list[str]:
    """Return the list of worked holidays with `key` removed (`off`) or added."""
    kept = [each for each in settings.worked_holidays if each != key]
    return kept if off else sorted([*kept, key])


def country_field(formatter: Formatter, value: str, on_select: Callable[[str], None]) -> ft.Control:
    options = {"": _("No country"), **country_names(formatter)}
    if value not in options:  # written by a newer version
        options[value] = value
    return ft.Row([dropdown(_("Public holidays of"), options, value, on_select)])


@ft.component
def PublicHolidays(keeper: Keeper) -> ft.Control:
    app = use_app()
    everything, set_everything = ft.use_state(False)
    settings = app.settings
    found = ahead(settings, app.format.local(app.now).date())
    shown = found if everything else found[:SHOWN]

    def row(each: PublicHoliday) -> ft.Control:
        return switch_row(
            each.name(settings.language),
            each.key not in settings.worked_holidays,
            lambda on: keeper.keep({"worked_holidays": keeping(app.settings, each.key, off=on)}),
            note=app.format.weekday_date(each.day, year=True),
        )

    parts: list[ft.Control] = [
        country_field(
            app.format, settings.holiday_country, lambda code: keeper.keep({"holiday_country": code})
        ),
        *map(row, shown),
    ]
    if len(found) > len(shown):
        parts.append(
            ft.TextButton(
                _("All of the year"), icon=ft.Icons.EXPAND_MORE, on_click=lambda _event: set_everything(True)
            )
        )
    if found:
        parts.append(
            why(_("Those switched off are working days, every year. Add what your region keeps above."))
        )
    return ft.Column(parts, spacing=4, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

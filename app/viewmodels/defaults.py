"""Default settings of a new device, from what the browser or phone reports about its owner."""

from collections.abc import Sequence

from babel.numbers import get_territory_currencies

from app import locales
from app.domain.entities import Settings
from app.domain.holidays import COUNTRIES
from app.i18n import best_language

FILE = "defaults.json"
"""Per-language defaults: currency and country for tags without a country, and usual channels."""


def settings_for(languages: Sequence[str], time_zone: str) -> Settings:
    """First settings: the device's language and time zone, its country's currency and public holidays.

    `languages` are BCP 47 tags, the preferred first; `time_zone` is an IANA name.
    """
    language = best_language(list(languages))
    return Settings(
        language=language,
        currency=currency_for(languages, language),
        time_zone=time_zone or "UTC",
        holiday_country=country_for(languages, language),
    )


def currency_for(languages: Sequence[str], language: str) -> str:
    """The ISO 4217 currency of the country where `language` is read: GBP for en-GB, JPY for ja."""
    for tag in languages:
        own, *rest = tag.replace("_", "-").split("-")
        if own.lower() != language:
            continue
        territory = next((part.upper() for part in rest if len(part) == 2 and part.isalpha()), "")
        currencies = get_territory_currencies(territory) if territory else []
        if currencies:
            return str(currencies[0])
        break
    return str(locales.table(language, FILE)["currency"])


def country_for(languages: Sequence[str], language: str) -> str:
    """The country whose public holidays apply: CH for fr-CH, JP for ja; empty if unclear."""
    for tag in languages:
        own, *rest = tag.replace("_", "-").split("-")
        if own.lower() != language:
            continue
        territory = next((part.upper() for part in rest if len(part) == 2 and part.isalpha()), "")
        if territory:
            return territory if territory in COUNTRIES else ""
        break
    return str(locales.own_table(language, FILE).get("country", ""))

"""The settings of a device nobody has set up yet: what the browser or phone says about its owner."""

from collections.abc import Sequence

from babel.numbers import get_territory_currencies

from app import locales
from app.domain.entities import Settings
from app.domain.holidays import COUNTRIES
from app.i18n import best_language

FILE = "defaults.json"
"""For a language without a country: what most who read it here are paid in, and where it is mostly read."""


def settings_for(languages: Sequence[str], time_zone: str) -> Settings:
    """The first settings: the device's language, its country's currency and public holidays, its time zone.

    `languages` are BCP 47 tags, the best first; the time zone is an IANA name.
    """
    language = best_language(list(languages))
    return Settings(
        language=language,
        currency=currency_for(languages, language),
        time_zone=time_zone or "UTC",
        holiday_country=country_for(languages, language),
    )


def currency_for(languages: Sequence[str], language: str) -> str:
    """What people are paid in where `language` is read: GBP for en-GB, JPY for ja. ISO 4217."""
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
    """Whose public holidays to keep where `language` is read: CH for fr-CH, JP for ja; empty if unclear."""
    for tag in languages:
        own, *rest = tag.replace("_", "-").split("-")
        if own.lower() != language:
            continue
        territory = next((part.upper() for part in rest if len(part) == 2 and part.isalpha()), "")
        if territory:
            return territory if territory in COUNTRIES else ""
        break
    return str(locales.own_table(language, FILE).get("country", ""))

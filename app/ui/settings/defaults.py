"""The settings of a device nobody has set up yet: what the browser or phone says about its owner."""

from collections.abc import Sequence

from babel.numbers import get_territory_currencies

from app.domain.entities import Settings
from app.domain.holidays import COUNTRIES
from app.i18n import best_language

# For a language without a country: what most of those who read it here are paid in.
USUAL_CURRENCY = {"ja": "JPY", "fr": "EUR", "en": "USD"}
# Where a language is read mostly in one country.
USUAL_COUNTRY = {"ja": "JP", "fr": "FR"}


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
    return USUAL_CURRENCY[language]


def country_for(languages: Sequence[str], language: str) -> str:
    """Whose public holidays to keep where `language` is read: CH for fr-CH, JP for ja; empty if unclear."""
    for tag in languages:
        own, *rest = tag.replace("_", "-").split("-")
        if own.lower() != language:
            continue
        territory = next((part.upper() for part in rest if len(part) == 2 and part.isalpha()), "")
        return territory if territory in COUNTRIES else "" if territory else USUAL_COUNTRY.get(language, "")
    return USUAL_COUNTRY.get(language, "")

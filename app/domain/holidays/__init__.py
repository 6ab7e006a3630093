"""Public holidays by country: which days they are, and what they are called.

A module a country, made by build/public_holidays.py, and imported once it is asked for.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import import_module

# ISO 3166-1 alpha-2, of the countries that there is a module of.
COUNTRIES = (
    *(
        "AT",
        "AU",
        "BE",
        "BR",
        "CA",
        "CH",
        "CI",
        "CN",
        "CZ",
        "DE",
        "DK",
        "DZ",
        "ES",
        "FI",
        "FR",
        "GB",
        "HK",
        "ID",
    ),
    *(
        "IE",
        "IN",
        "IT",
        "JP",
        "KR",
        "LU",
        "MA",
        "MC",
        "MX",
        "MY",
        "NL",
        "NO",
        "NZ",
        "PH",
        "PL",
        "PT",
        "SE",
        "SG",
    ),
    *("SN", "TH", "TN", "TW", "US", "VN", "ZA"),
)


@dataclass(frozen=True)
class PublicHoliday:
    """One day of a holiday. `key` is its English name: the same every year, and in every language."""

    day: date
    key: str
    names: tuple[tuple[str, str], ...] = ()  # language code → name, where it is known in that language

    def name(self, language: str) -> str:
        return dict(self.names).get(language, self.key).replace("'", "’")


@lru_cache(maxsize=4)
def holidays_of(country: str) -> tuple[PublicHoliday, ...]:
    """All that are known, in order of their days; none for a country that there is no module of."""
    if country not in COUNTRIES:
        return ()
    table = import_module(f"app.domain.holidays.country_{country.lower()}").HOLIDAYS
    return tuple(sorted(_read(table), key=lambda each: (each.day, each.key)))


def _read(table: Iterable[tuple[str, dict[str, str], str]]) -> Iterator[PublicHoliday]:
    for key, names, days in table:
        for text in days.split():
            yield PublicHoliday(date(int(text[:4]), int(text[4:6]), int(text[6:])), key, tuple(names.items()))


class HolidayDays(Collection[date]):
    """The days of a country's holidays, without those somebody works on (by key)."""

    def __init__(self, country: str, worked: Iterable[str] = ()) -> None:
        self._country = country
        self._worked = frozenset(worked)
        self._days: frozenset[date] | None = None

    def __contains__(self, day: object) -> bool:
        return day in self._known()

    def __iter__(self) -> Iterator[date]:
        return iter(sorted(self._known()))

    def __len__(self) -> int:
        return len(self._known())

    def _known(self) -> frozenset[date]:
        # Read once a day is asked for: at a start, what makes the first screen may need none.
        if self._days is None:
            found = holidays_of(self._country)
            self._days = frozenset(each.day for each in found if each.key not in self._worked)
        return self._days

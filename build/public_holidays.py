"""Writes the public holidays that the app knows: a module a country in app/domain/holidays/.

`python build/public_holidays.py` computes them with the library `holidays`. The app does not import that: its
first country takes a second on a fast machine, and it is 1.7 MB (a wheel), which each browser would download.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import catalogues

FOLDER = Path(__file__).resolve().parent.parent / "app" / "domain" / "holidays"
ESTIMATES = ("estimated", "推定")
FIRST_YEAR, LAST_YEAR = 2024, 2040
WIDTH = 110

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
# Where most of a country has a holiday that the library counts as one of its parts: that part.
PARTS = {"GB": "ENG"}


def named(country: str) -> dict[str, tuple[dict[str, str], list[date]]]:
    """A country's holidays by their English name: names in other languages, where there are any, and days."""
    import holidays

    kind = holidays.country_holidays(country, years=FIRST_YEAR)
    codes = {
        each.partition("_")[0]: each
        for each in (*(kind.supported_languages or ()), kind.default_language)
        if each
    }
    years = range(FIRST_YEAR, min(LAST_YEAR, kind.end_year) + 1)

    def in_language(code: str | None) -> dict[date, list[str]]:
        part = PARTS.get(country)
        found = holidays.country_holidays(country, subdiv=part, years=years, language=code)
        return {day: found.get_list(day) for day in sorted(found)}

    known = [language for language in catalogues.translations() if language in codes]
    tables = {language: in_language(codes[language]) for language in known}
    result: dict[str, tuple[dict[str, str], list[date]]] = {}
    for day, names in in_language(codes.get("en")).items():
        for place, name in enumerate(names):
            words = {language: plain(table[day][place]) for language, table in tables.items()}
            result.setdefault(plain(name), (words, []))[1].append(day)
    return result


def plain(name: str) -> str:
    """A name without the note that its day is an estimate."""
    head, bracket, note = name.rpartition(" (")
    return head if bracket and any(word in note for word in ESTIMATES) else name


def module(country: str) -> str:
    """The source of a country's module."""
    lines = [
        f'"""Public holidays of {country}, {FIRST_YEAR} to {LAST_YEAR}: made by build/public_holidays.py."""',
        "",
    ]
    lines.append("HOLIDAYS: tuple[tuple[str, dict[str, str], str], ...] = (")
    for name, (words, days) in sorted(named(country).items(), key=lambda item: item[1][1]):
        lines += ["    (", f"        {quoted(name)},", *spread(words), *wrapped(days), "    ),"]
    return "\n".join([*lines, ")", ""])


def spread(words: dict[str, str]) -> list[str]:
    pairs = [f"{quoted(language)}: {quoted(word)}" for language, word in sorted(words.items())]
    line = f"        {{{', '.join(pairs)}}},"
    if len(line) <= WIDTH:
        return [line]
    return ["        {", *(f"            {pair}," for pair in pairs), "        },"]


def wrapped(days: list[date]) -> Iterator[str]:
    texts = [f"{day:%Y%m%d}" for day in days]
    rows = [" ".join(texts[start : start + 10]) for start in range(0, len(texts), 10)]
    if len(rows) == 1:
        yield f'        "{rows[0]}",'
        return
    yield "        ("
    for row in rows[:-1]:
        yield f'            "{row} "'
    yield f'            "{rows[-1]}"'
    yield "        ),"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main() -> None:
    for country in COUNTRIES:
        (FOLDER / f"country_{country.lower()}.py").write_text(module(country), encoding="utf-8")
    print(f"{len(COUNTRIES)} countries written")


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit("usage: build/public_holidays.py")
    main()

"""Names of columns and codes in Kaeru's CSV files, by language.

They are in csv.json of the language's folder. Codes are called what the screens call them. A file written in
one language is read in any, so all words count then.
"""

from collections.abc import Iterator
from functools import cache

from app import locales
from app.domain.languages import ENGLISH, LANGUAGES

FILE = "csv.json"


def column(field: str, language: str) -> str:
    """The heading of a field's column."""
    return _word("columns", field, language)


def value(code: str, language: str) -> str:
    """A code without a word (a newer version's, a channel's own name) is written as it is."""
    return _word("values", code, language)


def column_names(field: str) -> Iterator[str]:
    """What a field's column is called in any language, and what else people call it in a file of jobs."""
    for language in LANGUAGES:
        yield column(field, language)
        yield from _words(language).get("column_aliases", {}).get(field, ())


def value_names(code: str) -> Iterator[str]:
    """What a code is called in any language, and what else people call it in a file of jobs."""
    for language in LANGUAGES:
        yield value(code, language)
        yield from _words(language).get("value_aliases", {}).get(code, ())


@cache
def _words(language: str) -> dict[str, dict[str, str]]:
    own: dict[str, dict[str, str]] = locales.own_table(language, FILE)
    return own


def _word(kind: str, code: str, language: str) -> str:
    own = _words(language).get(kind, {})
    return own.get(code) or _words(ENGLISH)[kind].get(code, code)

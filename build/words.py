"""Writes words.json: the strings of the page and its workers in every language, from the app's catalogues.

The page speaks before Python runs, so it cannot read the catalogues itself.
"""

from __future__ import annotations

import json
from pathlib import Path

import catalogues
from babel.messages.extract import extract_from_dir


def collect(web: Path) -> bytes:
    """The page's table: by language, each English string and its translation (or itself again)."""
    strings = sorted({text for _, _, text, _, _ in extract_from_dir(web, [("**.js", "javascript")])})
    table = {catalogues.SOURCE: {text: text for text in strings}}
    for language in catalogues.TRANSLATIONS:
        catalogue = catalogues.read(language)
        found = {text: catalogue.get(text) for text in strings}
        table[language] = {
            text: str(message.string) if message and message.string else text
            for text, message in found.items()
        }
    return json.dumps(table, ensure_ascii=False, indent=0).encode()

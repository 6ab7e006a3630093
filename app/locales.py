"""The folder of each language: catalogue, scripts, checklists, sample, words of files and of typed times.

What a language does not have is in English.
"""

import json
from pathlib import Path
from typing import Any

from app.domain.languages import ENGLISH

LOCALES = Path(__file__).resolve().parents[1] / "locales"


def place(language: str, name: str) -> Path:
    """Where a file or a folder of a language lies; English's where the language has none."""
    own = LOCALES / language / name
    return own if own.exists() else LOCALES / ENGLISH / name


def table(language: str, name: str) -> Any:
    """What a JSON file of a language says; what English's says where the language has none."""
    return json.loads(place(language, name).read_text(encoding="utf-8"))


def own_table(language: str, name: str) -> Any:
    """What a JSON file of a language says; an empty table where it has none."""
    own = LOCALES / language / name
    return json.loads(own.read_text(encoding="utf-8")) if own.exists() else {}

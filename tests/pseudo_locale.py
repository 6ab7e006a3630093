"""A pseudo-locale made of the English texts: accents, brackets around each text, 1.4 times as long.

A text without them is not translated, and what does not fit would not fit in a long language. It is added
just as a real language: an entry in LANGUAGES and a folder of locales/. Its code is that of Welsh, for rules
unlike the others': six plural forms, and dates by CLDR alone.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import catalogues
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

from app import i18n, locales
from app.domain.languages import ENGLISH, LANGUAGES
from app.importexport import columns, jobs_in, local_dates, typed_dates, typed_vague, typed_words
from app.store import content

CODE, NAME = "cy", "[Pšéüdö]"
LONGER = 1.4
TIMES = {
    "days": {"1": ["yfory"]},
    "in": ["mewn"],
    "day": ["diwrnod"],
    "noon": ["canol dydd"],
    "day_parts": [{"half": "pm", "at": "15:00", "words": ["prynhawn"]}],
    "week_parts": [{"week": 1, "at": "opening", "words": ["dechrau’r wythnos nesaf"]}],
    "end_of_month": {"0": ["diwedd y mis"]},
    "no_day": ["rywbryd"],
}
"""Some words of Welsh for typed times."""
STOP_WORDS = "gyda oherwydd"
"""Some words of Welsh that say nothing of what a text is about."""

_ACCENTS = str.maketrans("AaCcDdEeGgIiNnOoSsUuYyZz", "ÅåÇçĐđÉéĞğÎîÑñÖöŠšÛûÝýŽž")
# In the sample, the texts that a person reads; the rest are keys and codes.
_OF_SAMPLE = {
    "name",
    "notes",
    "title",
    "text",
    "summary",
    "body",
    "questions",
    "note",
    "rating_comment",
    "platform",
}


def pseudo(text: str) -> str:
    """The text in brackets, its letters with accents and its vowels doubled until it is 1.4 times as long."""
    if not text.strip():
        return text
    subject, body = ("Subject: ", text[9:]) if text.startswith("Subject: ") else ("", text)
    room = round(len(re.sub(r"\{[^{}]*\}", "", body)) * (LONGER - 1))
    made = []
    for part in re.split(r"(\{[^{}]*\})", body):
        if part.startswith("{"):
            made.append(part)
            continue
        for letter in part:
            made.append(letter)
            if room > 0 and letter in "aeiouyAEIOUY":
                made.append(letter.lower())
                room -= 1
        made.append("")
    said = "".join(each if each.startswith("{") else each.translate(_ACCENTS) for each in made)
    return f"{subject}[{said}{'~' * max(room - 2, 0)}]"


def lines(text: str) -> str:
    """A text of several lines, each in brackets of its own."""
    return "\n".join(map(pseudo, text.split("\n")))


def write_folder(folder: Path) -> None:
    """Everything that a folder of locales/ has."""
    _write_catalogue(folder / "LC_MESSAGES")
    english = locales.LOCALES / ENGLISH
    for name, change in (("scripts", _script), ("checklists", _checklist)):
        (folder / name).mkdir()
        for path in sorted((english / name).glob("*.md")):
            (folder / name / path.name).write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    _write_table(folder / "sample.json", english, lambda key: key in _OF_SAMPLE)
    for name in ("csv.json", "synonyms.json"):
        _write_table(folder / name, english, lambda _key: True)
    (folder / "stop_words.json").write_text(json.dumps(STOP_WORDS, ensure_ascii=False), encoding="utf-8")
    (folder / "times.json").write_text(json.dumps(TIMES, ensure_ascii=False), encoding="utf-8")
    (folder / "defaults.json").write_text('{"currency": "GBP", "country": "GB"}', encoding="utf-8")
    (folder / "page.json").write_text(json.dumps({"noscript": pseudo("Kaeru needs JavaScript.")}))
    (folder / "ios.json").write_text(json.dumps({"NSLocalNetworkUsageDescription": pseudo("To sync.")}))


@cache
def _catalogue() -> Catalog:
    catalogue = Catalog(locale=CODE, domain=catalogues.DOMAIN, fuzzy=False)
    for message in catalogues.messages(catalogues.extract()):
        forms = catalogues.forms(message.id)
        said: str | tuple[str, ...] = pseudo(forms[0])
        if len(forms) > 1:  # the form for one, where Welsh has it; else the plural
            said = tuple(
                pseudo(forms[0] if number == 1 else forms[1]) for number in range(catalogue.num_plurals)
            )
        catalogue.add(message.id, said, context=message.context)
    return catalogue


def _write_catalogue(folder: Path) -> None:
    folder.mkdir(parents=True)
    catalogue = _catalogue()
    with (folder / "kaeru.po").open("wb") as file:
        write_po(file, catalogue)
    with (folder / "kaeru.mo").open("wb") as file:
        write_mo(file, catalogue)


def _script(text: str) -> str:
    _, front, body = text.split("---\n", 2)
    front = re.sub(r"(?m)^(title|when): (.*)$", lambda found: f"{found[1]}: {pseudo(found[2])}", front)
    return f"---\n{front}---\n{lines(body)}"


def _checklist(text: str) -> str:
    _, front, body = text.split("---\n", 2)
    front = re.sub(r"(?m)^title: (.*)$", lambda found: f"title: {pseudo(found[1])}", front)
    body = re.sub(r"(?m)^- ([\w-]+): (.*)$", lambda found: f"- {found[1]}: {pseudo(found[2])}", body)
    return f"---\n{front}---\n{body}"


def _write_table(path: Path, english: Path, is_shown: Callable[[str], bool]) -> None:
    def said(node: Any, key: str) -> Any:
        if isinstance(node, dict):
            return {name: said(value, name) for name, value in node.items()}
        if isinstance(node, list):
            return [said(each, key) for each in node]
        return pseudo(node) if isinstance(node, str) and is_shown(key) else node

    table = said(json.loads((english / path.name).read_text(encoding="utf-8")), "")
    path.write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")


def write_project(root: Path) -> None:
    """What the build scripts read of a project with the pseudo-locale: the list and locales/."""
    listed = root / catalogues.LIST
    listed.parent.mkdir(parents=True)
    text = (catalogues.ROOT / catalogues.LIST).read_text(encoding="utf-8")
    listed.write_text(text.replace("LANGUAGES = {", f'LANGUAGES = {{"{CODE}": "{NAME}", '), encoding="utf-8")
    _write_locales(root / "locales", whole=True)


def _write_locales(folder: Path, *, whole: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        (folder / language).symlink_to(locales.LOCALES / language)
    if whole:
        write_folder(folder / CODE)
    else:
        _write_catalogue(folder / CODE / "LC_MESSAGES")


@contextmanager
def added(folder: Path, *, whole: bool = True) -> Iterator[None]:
    """The app with the pseudo-locale as one more language, for as long as it lasts.

    `folder` is a new one for all languages' folders. Without `whole`, the new language has a catalogue alone.
    """
    _write_locales(folder, whole=whole)
    before, locales.LOCALES = locales.LOCALES, folder
    LANGUAGES[CODE] = NAME
    _forget_what_was_read()
    try:
        yield
    finally:
        locales.LOCALES = before
        del LANGUAGES[CODE]
        i18n.use_language(ENGLISH)
        _forget_what_was_read()
        shutil.rmtree(folder)


def _forget_what_was_read() -> None:
    for module in (i18n, columns, jobs_in, local_dates, typed_dates, typed_vague, typed_words, content):
        for read in vars(module).values():
            if hasattr(read, "cache_clear"):
                read.cache_clear()

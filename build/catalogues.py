"""Keeps the translations whole: updates, compiles and checks the catalogues.

A string that reaches a person in only some of the app's languages fails `make check`.
"""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = "kaeru"
SOURCE = "en"
LIST = Path("app", "domain", "languages.py")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "ngettext": (1, 2),
    "n_": (1, 2),
    "pgettext": ((1, "c"), 2),
    "p_": ((1, "c"), 2),
}
# `{name}`, `{0}` and `{amount:.2f}` alike; `{{` is a literal brace.
PLACEHOLDER = re.compile(r"(?<!\{)\{([A-Za-z0-9_]+)(?:[!:][^{}]*)?\}")


def languages() -> dict[str, str]:
    """The app's, in their order: what each calls itself by its code."""
    found: dict[str, str] = runpy.run_path(str(ROOT / LIST))["LANGUAGES"]
    return found


def translations() -> list[str]:
    """The codes of the languages that have a catalogue: all but that of the code."""
    return sorted(languages().keys() - {SOURCE})


def catalogue_path(language: str) -> Path:
    return ROOT / "locales" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)


def messages(catalogue: Catalog) -> Iterator[Message]:
    """The catalogue's messages without its header."""
    return (message for message in catalogue if message.id)


def extract() -> Catalog:
    """Every string the code shows to people."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as settings:
        methods, options = parse_mapping_cfg(settings)
    template = Catalog(domain=DOMAIN)
    found = extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True,
        directory_filter=lambda folder: is_ours(Path(folder)),
    )  # fmt: skip
    for file, _line, text, comments, context in found:
        template.add(text, locations=[(file, 0)], auto_comments=comments, context=context)
    return template


def is_ours(folder: Path) -> bool:
    """Whether Babel's walk through the project should go into this folder."""
    top = folder.relative_to(ROOT).parts[0]
    return top in {"app", "assets"}


def update() -> None:
    """Add new strings to the catalogues, untranslated, drop unused ones; begin one for a new language."""
    template = extract()
    for language in translations():
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = read(language) if path.exists() else Catalog(locale=language, domain=DOMAIN, fuzzy=False)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, width=110, sort_by_file=True, include_lineno=False)
        missing = sum(1 for message in messages(catalogue) if not is_translated(message))
        print(f"{language}: {len(catalogue)} strings, {missing} to translate")


def compile_all() -> None:
    """Write the .mo files the app reads."""
    for language in translations():
        with catalogue_path(language).with_suffix(".mo").open("wb") as file:
            write_mo(file, read(language))


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """The plural forms of a message's source or translation; one where it has no plural."""
    if text is None:
        return []
    return [text] if isinstance(text, str) else list(text)


def is_translated(message: Message) -> bool:
    translated = forms(message.string)
    return bool(translated) and all(translated)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def placeholder_fault(message: Message) -> str | None:
    """Say which placeholders a translation loses or invents.

    A singular may leave the number out ("one message"); the last plural form must carry everything.
    """
    source, translated = forms(message.id), forms(message.string)
    invented = set().union(*map(placeholders, translated)) - set().union(*map(placeholders, source))
    lost = placeholders(source[-1]) - placeholders(translated[-1])
    if invented or lost:
        return f"placeholders differ ({', '.join(sorted(invented | lost))})"
    return None


def faults_in(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """Yield what is wrong with one language's catalogue, the strings of the code being the template's."""
    language = catalogue.locale_identifier
    for wanted in messages(template):
        found = catalogue.get(wanted.id, wanted.context)
        if found is None:
            fault: str | None = "is missing; run `make catalogues`"
        elif found.fuzzy:
            fault = "is fuzzy"
        elif forms(wanted.id) != forms(found.id):
            fault = "has another plural; run `make catalogues`"
        elif not is_translated(found):
            fault = "is not translated"
        else:
            fault = placeholder_fault(found)
        if fault:
            yield f"{language}: “{forms(wanted.id)[0]}” {fault}"
    for found in messages(catalogue):
        if template.get(found.id, found.context) is None:
            yield f"{language}: “{forms(found.id)[0]}” is no longer used; run `make catalogues`"
    for obsolete in catalogue.obsolete.values():
        yield f"{language}: “{forms(obsolete.id)[0]}” is obsolete; run `make catalogues`"


def check() -> None:
    """Print every fault and exit with 1 if there is one."""
    template = extract()
    faults = [fault for language in translations() for fault in faults_in(read(language), template)]
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        sys.exit(f"{len(faults)} faults in the translations")
    print(f"Catalogues complete: {len(template)} strings in {len(languages())} languages")


if __name__ == "__main__":
    commands = {"update": update, "compile": compile_all, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(f"usage: build/catalogues.py {'|'.join(commands)}")
    commands[sys.argv[1]]()

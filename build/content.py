"""Checks the folders of locales/: every language has each script and checklist, for the same use, and table.

They are written, not translated, in each language: only what the app relies on must agree.
"""

import sys
from collections.abc import Iterator

from app import locales
from app.domain.languages import ENGLISH, LANGUAGES
from app.domain.scripts import MOMENTS, unknown_placeholders
from app.store.content import builtin_checklists, builtin_scripts

TABLES = ("csv.json", "times.json", "stop_words.json", "defaults.json")


def folder_faults() -> Iterator[str]:
    """What a language has none of is in English in the app: no fault at work, but one before a release."""
    for language in LANGUAGES:
        for name in ("scripts", "checklists", "sample.json", "synonyms.json", *TABLES):
            if not (locales.LOCALES / language / name).exists():
                yield f"{language}: {name} is missing"


def table_faults() -> Iterator[str]:
    """The words of CSV files: each column and code has one in every language."""
    english = locales.own_table(ENGLISH, "csv.json")
    for language in LANGUAGES:
        own = locales.own_table(language, "csv.json")
        for kind in ("columns", "values") if own else ():
            for name in sorted(english[kind].keys() - own.get(kind, {}).keys()):
                yield f"{language}: csv.json, {kind}: {name} has no word"


def script_faults() -> Iterator[str]:
    scripts = {
        language: {script.id: script for script in builtin_scripts(language)} for language in LANGUAGES
    }
    for name in sorted(set().union(*scripts.values())):
        found = {language: scripts[language].get(name) for language in LANGUAGES}
        moments = set()
        for language, script in found.items():
            if script is None:
                yield f"{language}: scripts/{name}.md is missing"
                continue
            moments.add(script.moment)
            if unknown := unknown_placeholders(script.body):
                yield f"{language}: scripts/{name}.md has unknown placeholders: {', '.join(unknown)}"
            if script.moment not in MOMENTS:
                yield f"{language}: scripts/{name}.md is for a moment the app does not know: {script.moment}"
        if len(moments) > 1:
            yield f"scripts/{name}.md is for different moments: {', '.join(sorted(moments))}"


def checklist_faults() -> Iterator[str]:
    checklists = {language: {one.id: one for one in builtin_checklists(language)} for language in LANGUAGES}
    for name in sorted(set().union(*checklists.values())):
        items = {}
        for language in LANGUAGES:
            checklist = checklists[language].get(name)
            if checklist is None:
                yield f"{language}: checklists/{name}.md is missing"
            else:
                items[language] = [item["id"] for item in checklist.items]
        if len({tuple(sorted(ids)) for ids in items.values()}) > 1:
            yield f"checklists/{name}.md has different items: {items}"


def faults() -> list[str]:
    return [*folder_faults(), *table_faults(), *script_faults(), *checklist_faults()]


def main() -> None:
    """Print every fault and exit with 1 if there is one."""
    found = faults()
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        sys.exit(f"{len(found)} faults in the built-in scripts and checklists")
    count = len(builtin_scripts(ENGLISH)), len(builtin_checklists(ENGLISH))
    print(f"Content complete: {count[0]} scripts and {count[1]} checklists in {len(LANGUAGES)} languages")


if __name__ == "__main__":
    main()

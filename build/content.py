"""Checks the built-in scripts and checklists: every language has each of them, for the same use.

They are written, not translated, in each language: only what the app relies on must agree.
"""

import sys
from collections.abc import Iterator

from app.domain.scripts import MOMENTS, unknown_placeholders
from app.store.content import builtin_checklists, builtin_scripts

LANGUAGES = ("en", "fr", "ja")


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


def main() -> None:
    """Print every fault and exit with 1 if there is one."""
    faults = [*script_faults(), *checklist_faults()]
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        sys.exit(f"{len(faults)} faults in the built-in scripts and checklists")
    count = len(builtin_scripts(LANGUAGES[0])), len(builtin_checklists(LANGUAGES[0]))
    print(f"Content complete: {count[0]} scripts and {count[1]} checklists in {len(LANGUAGES)} languages")


if __name__ == "__main__":
    main()

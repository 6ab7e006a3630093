"""Every text of a language that a person reads: of the catalogue, the scripts, the checklists, the sample."""

from collections.abc import Iterator

import catalogues

from app import locales
from app.store.content import ScriptView, builtin_checklists, builtin_scripts


def shown(language: str) -> list[tuple[str, str]]:
    """(where it stands, the text)."""
    return [*in_catalogue(language), *in_content(language), *in_sample(language)]


def in_catalogue(language: str) -> Iterator[tuple[str, str]]:
    if language == catalogues.SOURCE:
        for message in catalogues.messages(catalogues.extract()):
            yield from ((text, text) for text in catalogues.forms(message.id))
        return
    for message in catalogues.messages(catalogues.read(language)):
        yield from ((catalogues.forms(message.id)[0], text) for text in catalogues.forms(message.string))


def in_content(language: str) -> Iterator[tuple[str, str]]:
    for script in builtin_scripts(language):
        yield from ((f"script {script.id}", text) for text in (script.title, script.when, script.body))
    for checklist in builtin_checklists(language):
        yield f"checklist {checklist.id}", checklist.title
        yield from ((f"checklist {checklist.id}", item["text"]) for item in checklist.items)


def of_form(language: str, form: str) -> list[ScriptView]:
    """The built-in texts written as a letter, for a chat, for saying aloud, or for a voicemail's greeting."""
    return [script for script in builtin_scripts(language) if _form(script) == form]


def _form(script: ScriptView) -> str:
    if script.moment == "machine":
        return "machine"
    return script.channel if script.channel in ("chat", "spoken") else "letter"


def in_sample(language: str) -> Iterator[tuple[str, str]]:
    sample = locales.table(language, "sample.json")
    yield from (("sample", text) for text in _sentences(sample))


def _sentences(node: object) -> Iterator[str]:
    """The texts in the sample that are more than a code, an address or a number."""
    if isinstance(node, str):
        if " " in node and "@" not in node:
            yield node
    elif isinstance(node, list):
        for each in node:
            yield from _sentences(each)
    elif isinstance(node, dict):
        for each in node.values():
            yield from _sentences(each)

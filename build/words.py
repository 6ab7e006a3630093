"""Writes the page's words in every language, as locales/ has them: words.json, manifests, index.html.

The page speaks before Python runs, so it cannot read the catalogues itself.
"""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Callable
from pathlib import Path

import catalogues
from babel.messages.extract import extract_from_dir


def collect(web: Path) -> bytes:
    """The page's table: by language, each English string and its translation (or itself again)."""
    strings = sorted({text for _, _, text, _, _ in extract_from_dir(web, [("**.js", "javascript")])})
    table = {catalogues.SOURCE: {text: text for text in strings}}
    for language in catalogues.translations():
        catalogue = catalogues.read(language)
        found = {text: catalogue.get(text) for text in strings}
        table[language] = {
            text: str(message.string) if message and message.string else text
            for text, message in found.items()
        }
    return json.dumps(table, ensure_ascii=False, indent=0).encode()


def page(index: bytes) -> bytes:
    """index.html with what it says where JavaScript is off: in English, then in each language that has it.

    It is `noscript` in page.json of the language's folder.
    """
    said = []
    for language in catalogues.languages():
        path = catalogues.ROOT / "locales" / language / "page.json"
        if language != catalogues.SOURCE and path.exists():
            text = html.escape(json.loads(path.read_text(encoding="utf-8"))["noscript"])
            said.append(f' · <span lang="{language}">{text}</span>')
    return index.replace(b"</noscript>", f"{''.join(said)}</noscript>".encode())


def manifests(web: Path) -> dict[str, bytes]:
    """The manifest in the other languages, by path: its description and shortcuts are translated.

    Each is a manifest of the same app (`id`). The page links to the one of its language; see page/memory.js.
    """
    manifest = json.loads((web / "manifest.webmanifest").read_text(encoding="utf-8"))
    made = {}
    for language in catalogues.translations():
        said = _translator(language)
        translated = manifest | {
            "lang": language,
            "description": said(manifest["description"]),
            "shortcuts": [each | {"name": said(each["name"])} for each in manifest["shortcuts"]],
        }
        made[f"manifest.{language}.webmanifest"] = json.dumps(
            translated, ensure_ascii=False, indent=2
        ).encode()
    return made


def _translator(language: str) -> Callable[[str], str]:
    catalogue = catalogues.read(language)

    def said(text: str) -> str:
        message = catalogue.get(text)
        if message is None or not message.string:
            sys.exit(f"kaeru: the manifest's “{text}” is not in the catalogue of {language}")
        return str(message.string)

    return said

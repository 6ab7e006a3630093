"""Decodes text files of unknown encoding."""

import re

from app.domain.languages import JAPANESE

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
# Unicode bidirectional controls, which reorder the text after them, and other invisible controls.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def decoded(data: bytes, language: str) -> str | None:
    """Decode a file in UTF-8, UTF-16, Shift_JIS or Windows-1252; None if it is in none of them.

    The last two cannot be distinguished by their bytes alone: Shift_JIS is assumed if there are kana or the
    user writes Japanese.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16")
    text = _decoded(data, "utf-8-sig")
    if text is not None:
        return text
    japanese = _decoded(data, "cp932")
    if japanese is not None and (language == JAPANESE or _KANA.search(japanese)):
        return japanese
    return _decoded(data, "cp1252")


def quoted(text: str) -> str:
    """Make a file's text safe within a sentence: one line, no controls that reorder text."""
    return " ".join(_UNSEEN.sub("", text).split())


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None

"""The text of a file, whatever encoding a program wrote it in."""

import re

from app.domain.languages import JAPANESE

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
# What turns the direction of the text after it (Unicode bidirectional controls), and other unseen controls.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def decoded(data: bytes, language: str) -> str | None:
    """The text of a file in UTF-8, UTF-16, Shift_JIS or Windows-1252; None when it is in none of them.

    The last two cannot be told apart by their bytes alone: kana speak for Shift_JIS, and so does a user who
    writes Japanese.
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
    """A file's text for use within a sentence: one line, without controls that would reorder the sentence."""
    return " ".join(_UNSEEN.sub("", text).split())


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None

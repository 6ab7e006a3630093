"""Normalise text for search and comparison."""

import unicodedata

_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
_LETTERS = {ord("œ"): "oe", ord("æ"): "ae", ord("ø"): "o", ord("ł"): "l", 0: None} | _KATAKANA_TO_HIRAGANA
_ACCENTS = dict.fromkeys(range(0x300, 0x370))  # Japanese voicing marks are outside this range and are kept


def normalise(text: str) -> str:
    """Return a normal form that ignores differences a reader does not notice.

    These are width, case, accents on Latin letters, katakana versus hiragana, and the number of spaces.
    """
    if text.isascii():
        text = text.lower().replace("\0", "")
    else:
        text = text.encode(errors="ignore").decode()  # lone surrogates cannot be stored
        text = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFD", text).translate(_ACCENTS)
        text = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return " ".join(text.split())

"""One spelling for texts that a reader takes for the same, for searching and comparing."""

import unicodedata

_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
_LETTERS = {ord("œ"): "oe", ord("æ"): "ae", ord("ø"): "o", ord("ł"): "l", 0: None} | _KATAKANA_TO_HIRAGANA
_ACCENTS = dict.fromkeys(range(0x300, 0x370))  # the Japanese voicing marks lie elsewhere and stay


def normalise(text: str) -> str:
    """One spelling for what a reader takes for the same.

    Width, case, accents on Latin letters, katakana or hiragana and the number of spaces make no difference.
    """
    if text.isascii():
        text = text.lower().replace("\0", "")
    else:
        text = text.encode(errors="ignore").decode()  # a lone surrogate cannot be stored or looked for
        text = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFD", text).translate(_ACCENTS)
        text = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return " ".join(text.split())

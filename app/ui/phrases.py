"""Where a Japanese title breaks: between phrases, not in a word and not before "か？".

Flutter breaks Japanese text between any two characters. Phrases begin where a kanji, katakana or Latin run
follows hiragana or punctuation; everywhere else a word joiner keeps the line together.
"""

import re
from itertools import pairwise

WORD_JOINER = "\u2060"
_JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")
_ENDS = re.compile(r"[\u3041-\u309f、。，．・：；！？」』）\s]")  # hiragana, or what a phrase ends with
_BEGINS = re.compile(r"[^\u3041-\u309f\u30fc、。，．・：；！？」』）\s\u2060]")


def keep_phrases(text: str) -> str:
    """The text to look at, with its phrases kept together; other languages' texts stay as they are."""
    if not _JAPANESE.search(text):
        return text
    kept = text[:1]
    for before, after in pairwise(text):
        breaks = "\n" in (before, after) or (_ENDS.match(before) and _BEGINS.match(after))
        kept += after if breaks else WORD_JOINER + after
    return kept

"""Line breaks in Japanese titles: between phrases, not inside a word and not before "か？".

Flutter breaks Japanese text between any two characters. A phrase begins where a kanji, katakana or Latin run
follows hiragana or punctuation; everywhere else a word joiner prevents a break.
"""

import re
from itertools import pairwise

WORD_JOINER = "\u2060"
_JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")
_ENDS = re.compile(
    r"[\u3041-\u309f、。，．・：；！？」』）\s]"
)  # hiragana, or punctuation that ends a phrase
_BEGINS = re.compile(r"[^\u3041-\u309f\u30fc、。，．・：；！？」』）\s\u2060]")


def keep_phrases(text: str) -> str:
    """Insert word joiners inside the phrases of a Japanese text; return other texts unchanged."""
    if not _JAPANESE.search(text):
        return text
    kept = text[:1]
    for before, after in pairwise(text):
        breaks = "\n" in (before, after) or (_ENDS.match(before) and _BEGINS.match(after))
        kept += after if breaks else WORD_JOINER + after
    return kept

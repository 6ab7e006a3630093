"""Japanese titles break only between phrases."""

from itertools import pairwise

import pytest

from app.ui.components.ring import in_two
from app.ui.phrases import WORD_JOINER, keep_phrases


def lines(text: str) -> list[str]:
    """The unbreakable pieces of the text, in order."""
    kept = keep_phrases(text)
    phrases = [kept[:1]]
    for before, after in pairwise(kept):
        if WORD_JOINER in (before, after):
            phrases[-1] += after
        else:
            phrases.append(after)
    return [phrase.replace(WORD_JOINER, "") for phrase in phrases]


@pytest.mark.parametrize(
    ("title", "phrases"),
    [
        ("誰からのメッセージですか？", ["誰からの", "メッセージですか？"]),
        ("入りきらない仕事があります", ["入りきらない", "仕事があります"]),
        ("いつまでに返信しますか？", ["いつまでに", "返信しますか？"]),
        ("返信は、早めに。", ["返信は、", "早めに。"]),
        ("チェックリスト", ["チェックリスト"]),
    ],
)
def test_a_title_breaks_only_between_its_phrases(title: str, phrases: list[str]) -> None:
    assert lines(title) == phrases


@pytest.mark.parametrize("title", ["When do you work?", "À quelle date ?", "", "12"])
def test_titles_in_other_languages_are_unchanged(title: str) -> None:
    assert keep_phrases(title) == title


def test_an_explicit_line_break_is_kept() -> None:
    assert lines("返信は早く。\n帰りも早く。") == ["返信は", "早く。", "\n", "帰りも", "早く。"]


def test_a_short_duration_breaks_only_between_number_and_unit() -> None:
    assert in_two("−11時間") == f"−11時{WORD_JOINER}間"
    assert in_two("35\u00a0min").replace(WORD_JOINER, "") == "35 min"
    assert in_two("3h") == "3h"

"""The English terms that docs/wording-en.md decides, held in every English text."""

import re

import pytest

from app.store.content import ScriptView, builtin_scripts
from tests.build.shown_texts import in_content, shown

FORBIDDEN = {
    r" …|\.\.\.": "an ellipsis follows its word: Looking…",
    r"\b[Ee]mails?\b": "e-mail",
    r"\b(is|are) (a |the )?(\w+ )?(due|silent|waiting) since\b": "has been … since",
    r"\b(?<!\bhow it )goes”|“ goes$|” goes$": "is going",
    r"(?i)\btelephone\b": "phone",
    r"Nothing of yours": "Nothing is lost.",
    r"\bMarked as (replied|answered)\b": "Reply noted, Answer noted (Kaeru sends nothing)",
    r"\b(tomorrow|yesterday) \{": "tomorrow at {time}",
    r"^No (?!longer)\w+( \w+)? fits\b": "No matching …",
    r"\b(fields?|those) in red\b": "marked: a colour is not seen by everybody",
    r"(?i)\b(color|canceled|organize|favorite|license)\b": "British spelling",
}
"""Forms that are not written, and what is instead."""

SHOWN = shown("en")


@pytest.mark.parametrize("pattern", FORBIDDEN, ids=FORBIDDEN.values())
def test_one_thing_has_one_name(pattern: str) -> None:
    assert [f"{place}: {text}" for place, text in SHOWN if re.search(pattern, text)] == [], FORBIDDEN[pattern]


def test_sentences_are_not_chained_by_semicolons() -> None:
    assert [text for _place, text in SHOWN if text.count(";") > 1] == []
    assert [f"{place}: {text}" for place, text in in_content("en") if ";" in text] == []


@pytest.mark.parametrize("script", builtin_scripts("en"), ids=lambda script: script.id)
def test_a_text_greets_the_client_and_is_signed(script: ScriptView) -> None:
    lines = [line for line in script.body.splitlines() if line and not line.startswith("Subject")]
    assert lines[0] in ("Hi {client},", "Hello {client},", "Dear {client},")
    assert lines[-2] in ("Best wishes,", "Kind regards,")
    assert lines[-1] == "{me}"


@pytest.mark.parametrize(
    "fault",
    [
        "Looking …",
        "your email",
        "is due since {when}",
        "The client is silent since {when}",
        "tomorrow {time}",
    ],
)
def test_a_fault_is_found(fault: str) -> None:
    assert any(re.search(pattern, fault) for pattern in FORBIDDEN)

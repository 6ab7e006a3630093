"""The English terms that docs/wording-en.md decides, held in every English text."""

import re

import pytest

from app.store.content import ScriptView, builtin_scripts
from tests.build.shown_texts import in_content, of_form, shown

FORBIDDEN = {
    r" …|\.\.\.": "an ellipsis follows its word: Looking…",
    r"\b[Ee]mails?\b": "e-mail",
    r"\b(is|are) (a |the )?(\w+ )?(due|silent|waiting) since\b": "has been … since",
    r"\b(?<!\bhow it )goes”|“ goes$|” goes$": "is going",
    r"(?i)\btelephone\b": "phone",
    r"(?i)\b(answering machine|answerphone)\b": "voicemail, voicemail greeting",
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


GREETINGS = ("Hi {client},", "Hello {client},", "Dear {client},")
SIGN_OFFS = ("Best wishes,", "Kind regards,")


@pytest.mark.parametrize("script", of_form("en", "letter"), ids=lambda script: script.id)
def test_a_letter_greets_the_client_and_is_signed(script: ScriptView) -> None:
    lines = [line for line in script.body.splitlines() if line and not line.startswith("Subject")]
    assert lines[0] in GREETINGS
    assert lines[-2] in SIGN_OFFS
    assert lines[-1] == "{me}"


@pytest.mark.parametrize("script", of_form("en", "chat"), ids=lambda script: script.id)
def test_a_chat_message_greets_the_client_and_is_not_signed(script: ScriptView) -> None:
    lines = script.body.splitlines()
    assert lines[0] in GREETINGS
    assert not {"{me}", *SIGN_OFFS} & set(lines)
    assert not script.body.startswith("Subject")


@pytest.mark.parametrize("script", of_form("en", "spoken"), ids=lambda script: script.id)
def test_spoken_words_have_nothing_of_a_letter(script: ScriptView) -> None:
    assert not {"{me}", *SIGN_OFFS, *GREETINGS} & set(script.body.splitlines())
    assert "Subject" not in script.body


def test_the_title_of_a_form_is_that_of_the_letter_and_its_form() -> None:
    titles = {script.id: script.title for script in builtin_scripts("en")}
    endings = {"chat": ", in a chat", "spoken": ", aloud"}
    variants = [script for script in builtin_scripts("en") if script.variant_of]
    assert len(variants) >= 12
    assert [script.title for script in variants] == [
        titles[script.variant_of] + endings[script.channel] for script in variants
    ]


@pytest.mark.parametrize("script", of_form("en", "machine"), ids=lambda script: script.id)
def test_a_voicemail_greeting_names_the_user_and_no_client(script: ScriptView) -> None:
    assert "{me}" in script.body.splitlines()[0]
    assert "{client}" not in script.body


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

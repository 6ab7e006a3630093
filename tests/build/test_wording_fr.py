"""The French terms and the typography that docs/wording-fr.md decides, held in every French text."""

import re

import pytest

from app.store.content import ScriptView, builtin_scripts
from tests.build.shown_texts import in_catalogue, of_form, shown

NBSP, NNBSP = "\u00a0", "\u202f"

TYPOGRAPHY = {
    r"[^\u202f][;?!»](?![\w/])": "an espace fine insécable (U+202F) before ; ? ! »",
    r"«(?!\u202f)": "an espace fine insécable (U+202F) after «",
    r"[^\u00a0\d\w]:|\w:(?![\d/])": "an espace insécable (U+00A0) before :",
    r"[^\u202f\d]%": "an espace fine insécable (U+202F) before %",
    "'": "the apostrophe ’",
    r"\.\.\.": "the ellipsis …",
    '"': "guillemets « »",
    "[\u201c\u201d]": "guillemets « »",
}

FORBIDDEN = {
    r"[Pp]rises? de nouvelles": "demande d’avancement",
    r"[Rr]épondeur": "message vocal (what is left), messagerie vocale (where it goes)",
    r"(?<!sur )\b[Mm]essagerie\b(?! instantanée| vocale)": "messagerie instantanée or messagerie vocale",
    r"[Tt]enir la ligne": "tenir bon",
    r"rendez-vous (fixe|téléphonique)": "appel régulier",
    r"(?i)\bnotes? (du|des) clients?\b|demander une note|une note et une phrase": "évaluation",
    r"(?i)\b(clore|close|closes)\b": "clôturer, clôturée",
    r"(?<![Ee]-)\b[Mm]ails?\b|\b[Ee]mails?\b|[Cc]ourriel": "e-mail",
    r"(?!\ACalendrier\Z)\b[Cc]alendriers?\b": "agenda (the label Calendrier is the grid of days)",
    r"(?i)\bdate limite\b|\bdeadline": "échéance",
    r"(?i)\b(feedback|reminder|snooze|check-in|update)\b": "rappel, reporter, point d’étape",
    r"… l’heure": "de l’heure",
    r"^Répondu\b(?! en)|comme répondu": "J’ai répondu",
    r"Réponse envoyée": "Réponse notée (Kaeru sends nothing)",
    r"(?i)\bpage Aujourd’hui": "« À faire », the name of the tab",
}
"""Forms that are not written, and what is instead."""

# What a blank is called in the code is no French; what stands for it in the text may be anything.
SHOWN = [(place, re.sub(r"\{\w+\}", "…", text)) for place, text in shown("fr")]


def named(pattern: str) -> list[str]:
    return [f"{place}: {text}" for place, text in SHOWN if re.search(pattern, text)]


@pytest.mark.parametrize("pattern", TYPOGRAPHY, ids=TYPOGRAPHY.values())
def test_typography_is_that_of_the_imprimerie_nationale(pattern: str) -> None:
    assert named(pattern) == [], TYPOGRAPHY[pattern]


@pytest.mark.parametrize("pattern", FORBIDDEN, ids=FORBIDDEN.values())
def test_one_thing_has_one_name(pattern: str) -> None:
    assert named(pattern) == [], FORBIDDEN[pattern]


def test_sentences_are_not_chained_by_semicolons() -> None:
    assert [text for _place, text in SHOWN if text.count(";") > 1] == []


def test_the_reader_is_addressed_as_vous() -> None:
    familiar = r"(?i)\b(tu|ton|tes|toi)\b|\bt’"
    labels = {"Ton"}  # the tone of a text
    assert [
        text for _place, text in in_catalogue("fr") if re.search(familiar, text) and text not in labels
    ] == []


GREETING = "Bonjour {client},"
SIGN_OFFS = ("Bien à vous,", "Bien cordialement,", "Cordialement,")


@pytest.mark.parametrize("script", of_form("fr", "letter"), ids=lambda script: script.id)
def test_a_letter_greets_the_client_and_is_signed(script: ScriptView) -> None:
    lines = [line for line in script.body.splitlines() if line and not line.startswith("Objet")]
    assert lines[0] == GREETING
    assert lines[-2] in SIGN_OFFS
    assert lines[-1] == "{me}"


@pytest.mark.parametrize("script", of_form("fr", "chat"), ids=lambda script: script.id)
def test_a_chat_message_greets_the_client_and_is_not_signed(script: ScriptView) -> None:
    lines = script.body.splitlines()
    assert lines[0] == GREETING
    assert not {"{me}", *SIGN_OFFS} & set(lines)


@pytest.mark.parametrize("script", of_form("fr", "spoken"), ids=lambda script: script.id)
def test_spoken_words_have_nothing_of_a_letter(script: ScriptView) -> None:
    assert not {"{me}", *SIGN_OFFS, GREETING} & set(script.body.splitlines())
    assert "Objet" not in script.body


def test_the_title_of_a_form_is_that_of_the_letter_and_its_form() -> None:
    titles = {script.id: script.title for script in builtin_scripts("fr")}
    endings = {"chat": ", par messagerie instantanée", "spoken": ", de vive voix"}
    variants = [script for script in builtin_scripts("fr") if script.variant_of]
    assert len(variants) >= 12
    assert [script.title for script in variants] == [
        titles[script.variant_of] + endings[script.channel] for script in variants
    ]


@pytest.mark.parametrize("script", of_form("fr", "machine"), ids=lambda script: script.id)
def test_a_voicemail_greeting_names_the_user_and_no_client(script: ScriptView) -> None:
    assert "{me}" in script.body.splitlines()[0]
    assert "{client}" not in script.body


@pytest.mark.parametrize(
    "fault", ["Prise de nouvelles", "Quoi ?", "Nom: {name}", "« oui »", "l'appel", "Clore"]
)
def test_a_fault_is_found(fault: str) -> None:
    assert any(re.search(pattern, fault) for pattern in (*TYPOGRAPHY, *FORBIDDEN))

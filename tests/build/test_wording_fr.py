"""The French terms and the typography that docs/wording-fr.md decides, held in every French text."""

import re

import pytest

from app.store.content import ScriptView, builtin_scripts
from tests.build.shown_texts import in_catalogue, shown

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
    r"(?i)\bcalendriers?\b": "agenda",
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


@pytest.mark.parametrize("script", builtin_scripts("fr"), ids=lambda script: script.id)
def test_a_text_greets_the_client_and_is_signed(script: ScriptView) -> None:
    lines = [line for line in script.body.splitlines() if line and not line.startswith("Objet")]
    assert lines[0] == "Bonjour {client},"
    assert lines[-2] in ("Bien à vous,", "Bien cordialement,", "Cordialement,")
    assert lines[-1] == "{me}"


@pytest.mark.parametrize(
    "fault", ["Prise de nouvelles", "Quoi ?", "Nom: {name}", "« oui »", "l'appel", "Clore"]
)
def test_a_fault_is_found(fault: str) -> None:
    assert any(re.search(pattern, fault) for pattern in (*TYPOGRAPHY, *FORBIDDEN))

"""Nothing false is in a text: every sentence of the built-in texts that states a fact is bound to one.

A sentence is bound by a blank, which is filled in from what is noted, or by a claim, which is tested against
it. The first half looks at the texts as they are written, the second at what the app offers in generated
states.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.codes import CallOutcome, Direction, JobStatus, MessageKind
from app.domain.entities import Call, Client, Conversation, Job, Message, Part, Update
from app.domain.hours import work_calendar
from app.domain.jobs import minor_digits
from app.domain.scripts import moments_for_job, placeholders_in, split_subject
from app.store import content, queries
from app.store.content import ScriptView
from app.ui import i18n, items
from app.ui.call import model as calls
from app.ui.exposure import model as exposure
from app.ui.ladder import model as ladder
from app.ui.message import model as messages
from app.ui.scripts import facts, preview
from app.ui.scripts.claims import Claim
from app.ui.scripts.filling import ScriptPage, filling
from app.ui.state import AppState
from app.ui.waiting import model as waiting
from tests.unit.ui.support import open_app

LANGUAGES = ("en", "fr", "ja")

# --- the texts as they are written -----------------------------------------------------------------------

STATES: dict[str, dict[Claim, str]] = {
    "en": {
        Claim.MESSAGE: "Thank you for your message|Got it, thank you",
        Claim.CALLED: "I see that you called|missed your call|got your voicemail",
        Claim.VOICEMAIL: "got your voicemail",
        Claim.AGREED: "what we arranged|We agreed on|our call on",
        Claim.SEVERAL_CLIENTS: "several clients|other clients",
        Claim.APPLIED: "I applied for",
        Claim.FOLLOWED_UP: "writing again about|haven’t had an answer",
        Claim.DONE: "Thank you for trusting me with|Thank you again for",
        Claim.UNPAID: "hasn’t reached me yet|is still unpaid|has not reached me",
        Claim.REMINDED: "my earlier reminder",
        Claim.REMINDED_TWICE: "written to you twice",
    },
    "fr": {
        Claim.MESSAGE: "Merci de votre message|Bien reçu, merci",
        Claim.CALLED: "avez cherché à me joindre|manqué votre appel|reçu votre message vocal",
        Claim.VOICEMAIL: "reçu votre message vocal",
        Claim.AGREED: "nous avons convenu|étions convenus|notre appel du",
        Claim.SEVERAL_CLIENTS: "plusieurs clients|autres clients",
        Claim.APPLIED: "ma candidature",
        Claim.FOLLOWED_UP: "de nouveau vers vous|resté sans réponse",
        Claim.DONE: "Merci de m’avoir confié|Merci encore pour",
        Claim.UNPAID: "pas encore été réglée|reste impayée|ne m’est pas parvenu",
        Claim.REMINDED: "mon précédent rappel",
        Claim.REMINDED_TWICE: "écrit à deux reprises",
    },
    "ja": {
        Claim.MESSAGE: "ご連絡いただいた件|確かに拝見しました",
        Claim.CALLED: "お電話をいただいてい|お電話をいただいており|留守番電話のメッセージを確認",
        Claim.VOICEMAIL: "留守番電話のメッセージを確認",
        Claim.AGREED: "決まったこと|設けることにいたしました|のお電話の際に伺う",
        Claim.SEVERAL_CLIENTS: "複数のお客様|ほかのお客様",
        Claim.APPLIED: "に応募いたしました。その後",
        Claim.FOLLOWED_UP: "のご連絡に続き|お返事を、まだいただけておりません",
        Claim.DONE: "お任せいただき、ありがとうございました|ご一緒できて",
        Claim.UNPAID: "ご入金を確認できておりません",
        Claim.REMINDED: "先日のご連絡のあとも",
        Claim.REMINDED_TWICE: "二度ご連絡を差し上げました",
    },
}
"""What a sentence says when it makes a claim."""

TELLING: dict[str, str] = {
    "en": r"\b(twice|once|earlier|already|again|months?|weeks?|days?|hours?|several|often|always|every|agreed"
    r"|voicemail|called|calls?|calling|missed|unpaid|paid|invoiced?|applied|sent|wrote|written|yesterday"
    r"|counted|answered|reminders?|minutes?|still|until now|so far|stopped)\b",
    "fr": r"\b(deux|fois|déjà|encore|mois|semaines?|jours?|journée|heures?|plusieurs|souvent|toujours|chaque"
    r"|convenu\w*|appels?|appelez|manqué|impayée?|réglée?|facture|candidature|envoyé|écrit|hier|compté"
    r"|répondu|rappels?|minutes|jusqu’ici|relance|reprises|vocal)\b",
    "ja": r"二度|一度|すでに|再度|ひと月|週間|日間|7日|時間以内|複数|何度|いつも|毎日|決まった|お電話|留守番電話"
    r"|入金|請求|応募|お送りした|昨日|いただいており|続いて",
}
"""Words that tell of what was, how often, or how soon: a sentence with one of them is bound, or listed."""

FREE: dict[str, tuple[str, ...]] = {
    "en": (),
    "fr": (),
    "ja": (),
}
"""Sentences with such a word that state no fact: offers, requests, and what the user intends."""


def texts(language: str) -> tuple[ScriptView, ...]:
    return content.builtin_scripts(language)


def sentences(text: str) -> Iterator[str]:
    subject, body = split_subject(text)
    for line in (subject, *body.splitlines()):
        yield from filter(None, (part.strip() for part in re.split(r"(?<=[.?!。？！])\s*", line)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_declares_the_claims_its_sentences_make_and_no_others(language: str) -> None:
    for script in texts(language):
        said = {claim.value for claim, words in STATES[language].items() if re.search(words, script.body)}
        assert said == set(script.claims), script.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_make_the_same_claims(language: str) -> None:
    english = {script.id: set(script.claims) for script in texts("en")}
    assert {script.id: set(script.claims) for script in texts(language)} == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_that_tells_of_something_is_bound_to_a_blank_or_a_claim(language: str) -> None:
    loose = [
        f"{script.id}: {sentence}"
        for script in texts(language)
        for sentence in sentences(script.body)
        if re.search(TELLING[language], sentence, re.IGNORECASE)
        and not placeholders_in(sentence)
        and not any(re.search(words, sentence) for words in STATES[language].values())
        and sentence not in FREE[language]
    ]
    assert loose == []

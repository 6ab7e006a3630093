"""Openings of built-in scripts: a greeting that fits the client's title, and an apology if late."""

import re
from dataclasses import replace

from app.domain.codes import CallOutcome
from app.domain.entities import Client
from app.domain.languages import ENGLISH, FRENCH, JAPANESE
from app.domain.reply import is_answered_late, reply_due, reply_target
from app.store.content import SPOKEN, ScriptView
from app.viewmodels.scripts.facts import Situation

_FIRST_NAME_GREETING = re.compile(r"^(?:Hi|Hello)(?= \{client\},)", re.MULTILINE)


def greeting(script: ScriptView, client: Client | None) -> ScriptView:
    """Adapt the greeting to the client's title: "Hi Ana", but "Dear Dr Cole".

    English only; the other languages have one greeting. The user's own and edited scripts are unchanged.
    """
    formal = client is not None and client.honorific.strip() and script.language == ENGLISH
    if not formal or script.own or script.edited:
        return script
    return replace(script, body=_FIRST_NAME_GREETING.sub("Dear", script.body))


# Moments whose scripts answer something the client wrote or said.
ANSWERS = frozenset(
    {"received", "answer", "question", "negotiate", "problem", "update", "check-in", "voicemail"}
)
_APOLOGY = {
    ENGLISH: "I’m sorry for the late reply. ",
    FRENCH: "Pardon pour ma réponse tardive. ",
    JAPANESE: "お返事が遅くなり、申し訳ございません。\n",
}
_APOLOGISES = re.compile(r"\bsorry\b|excus|pardon|désolé|申し訳|失礼いたしました", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:(?:Hi|Hello|Dear|Bonjour)[ \u00a0]\{client\},\n+|お世話になっております。(?:\{me\}です。)?\n)",
    re.MULTILINE,
)


def apology(script: ScriptView, situation: Situation) -> ScriptView:
    """Insert a short apology after the greeting if the answer is late.

    Scripts that already apologise, and the user's own and edited scripts, are unchanged.
    """
    sentence = _APOLOGY.get(script.language, "")
    applicable = (
        script.moment in ANSWERS and script.channel != SPOKEN and not script.own and not script.edited
    )
    if not sentence or not applicable or _APOLOGISES.search(script.body) or not _is_late(situation):
        return script
    return replace(script, body=_OPENING.sub(lambda found: found[0] + sentence, script.body, count=1))


def _is_late(situation: Situation) -> bool:
    """Whether the message or call is answered after its reply deadline."""
    message, call = situation.message, situation.call
    client, settings, calendar, now = (
        situation.client,
        situation.settings,
        situation.calendar,
        situation.now,
    )
    if message is not None:
        return is_answered_late(message, client, settings, calendar, now)
    if call is None or call.scheduled or call.outcome == CallOutcome.TAKEN:
        return False
    due = reply_due(call.at, *reply_target(client, settings), calendar)
    return now >= due if call.answered_at is None else call.answered_at > due

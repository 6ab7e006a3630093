"""Texts to send: grouped by moment, found by synonyms in any language, sorted by what fits the client."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.codes import CallOutcome, Direction, JobStatus
from app.domain.entities import Call, Client, Job, Message, Script
from app.store import content
from app.ui.state import AppState
from app.viewmodels import items
from app.viewmodels.fitting_texts import fitting
from app.viewmodels.scripts import labels
from app.viewmodels.scripts import texts as model
from app.viewmodels.search_places import places

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LANGUAGES = ("en", "fr", "ja")


def found(app: AppState, query: str, language: str = "en") -> set[str]:
    return {script.id for section in model.sections(app, language, query) for script in section.scripts}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("催促", {"payment-reminder", "follow-up-1"}),
        ("お詫び", {"late-reply", "raise-delay-early", "missed-call"}),
        ("音信不通", {"silent-client", "follow-up-1"}),
        ("リマインド", {"follow-up-1"}),
        ("ﾘﾏｲﾝﾄﾞ", {"follow-up-1"}),
        ("りまいんど", {"follow-up-1"}),
        ("relance", {"follow-up-1", "payment-reminder"}),
        ("RELANCE", {"follow-up-1"}),
        ("impayé", {"payment-reminder"}),
        ("impaye", {"payment-reminder"}),
        ("ＩＭＰＡＹＥ", {"payment-reminder"}),
        ("repondeur", {"answering-machine", "missed-call"}),
        ("reminder", {"payment-reminder", "follow-up-1"}),
        ("chase", {"follow-up-1", "payment-reminder"}),
        ("late payment", {"payment-reminder"}),
        ("apology", {"late-reply", "raise-delay-early"}),
        ("値上げ", {"availability-rate"}),
        ("invite", {"call-invitation"}),
    ],
)
def test_a_synonym_finds_the_texts_in_every_language(
    app: AppState, language: str, query: str, wanted: set[str]
) -> None:
    hits = found(app, query, language)
    assert wanted <= hits
    assert "thanks-next-job" not in hits


def test_a_phrase_of_the_short_form_finds_the_text_once(app: AppState) -> None:
    assert found(app, "Write it here in a line") == {"missed-call"}


def test_an_unrelated_query_finds_nothing(app: AppState) -> None:
    assert found(app, "zebra") == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_synonyms_name_existing_moments_texts_checklists_and_settings(language: str) -> None:
    built_in = (*content.builtin_scripts(language), *content.builtin_checklists(language))
    known = {*labels.moments(), *(each.id for each in built_in), *(f"place:{each.id}" for each in places())}
    assert set(content.synonyms()) <= known
    assert set(labels.moments()) <= set(content.synonyms())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_variant_has_the_moment_and_claims_of_its_text_and_is_shorter(language: str) -> None:
    scripts = {script.id: script for script in content.builtin_scripts(language)}
    forms = [script for script in scripts.values() if script.variant_of]
    assert {script.channel for script in forms} == {content.CHAT, content.SPOKEN}
    for form in forms:
        usual = scripts[form.variant_of]
        assert (form.moment, form.claims, usual.variant_of) == (usual.moment, usual.claims, ""), form.id
        assert len(form.body) < len(usual.body), form.id


def test_a_text_is_listed_once_in_the_variant_of_the_channel(app: AppState) -> None:
    every = content.scripts(app.store, "en")
    for channel, wanted in (("email", "missed-call"), ("whatsapp", "missed-call-chat"), ("", "missed-call")):
        listed = [script.id for script in items.in_form(every, channel) if script.base == "missed-call"]
        assert listed == [wanted]
    bases = [script.base for script in items.in_form(every, "slack")]
    assert len(bases) == len(set(bases))


def test_the_users_own_texts_are_listed_with_the_others(app: AppState) -> None:
    app.store.save(Script(id="mine", language="en", title="Zebra", body="Hello {client}", moment="update"))
    assert found(app, "zebra") == {"mine"}
    assert "mine" in {script.id for script in items.scripts_for(app, None, ["update"], "slack")}


# --- fitting texts -----------------------------------------------------------------------------------------


def fits(app: AppState) -> list[tuple[str, str, str]]:
    client = app.store.get(Client, "c")
    assert client is not None
    return [(each.script.id, each.kind, each.key) for each in fitting(app, client)]


def test_a_client_without_records_has_no_fitting_texts(app: AppState) -> None:
    app.store.save(Client(id="c", name="Ana"))
    assert fits(app) == []


def test_the_most_pressing_text_comes_first_with_its_record(app: AppState) -> None:
    app.store.save(
        Client(id="c", name="Ana"),
        Client(id="d", name="Bo"),
        Job(id="j", client_id="c", title="Brochure", status=JobStatus.IN_PROGRESS, started_at=NOW - 5 * DAY),
        Message(
            id="out",
            client_id="c",
            job_id="q",
            at=NOW - 8 * DAY,
            direction=Direction.OUT,
            summary="the quote",
            needs_reply=True,
        ),
        Message(id="in", client_id="c", at=NOW - 3 * DAY, summary="the cover", job_id="k"),
        Job(id="q", client_id="c", title="Leaflet", status=JobStatus.OFFERED, started_at=NOW - 9 * DAY),
        Message(id="other", client_id="d", at=NOW - 9 * DAY, summary="not hers"),
        Call(id="rang", client_id="c", at=NOW - 3 * HOUR, outcome=CallOutcome.VOICEMAIL),
    )
    found = fits(app)
    assert found[0] == ("late-reply", "message", "in")
    assert ("voicemail-received", "call", "rang") in found
    assert found.index(("voicemail-received", "call", "rang")) < [key for _, _, key in found].index("out")
    assert ("progress-update", "job", "j") in found
    assert "other" not in [key for _, _, key in found]


def test_answered_messages_and_calls_offer_no_text(app: AppState) -> None:
    app.store.save(
        Client(id="c", name="Ana"),
        Message(id="in", client_id="c", at=NOW - 3 * DAY, summary="the cover", replied_at=NOW - DAY),
        Call(id="held", client_id="c", at=NOW - 3 * HOUR, outcome=CallOutcome.TAKEN),
        Call(id="old", client_id="c", at=NOW - 5 * DAY, outcome=CallOutcome.VOICEMAIL),
        Call(id="waits", client_id="c", at=NOW - HOUR, outcome=CallOutcome.VOICEMAIL, deferred_to=NOW + DAY),
    )
    assert fits(app) == []

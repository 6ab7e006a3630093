"""A text names only the job it is about; among several, the user chooses."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.codes import CallOutcome, Direction, JobStatus, MessageKind
from app.domain.entities import Call, Client, Job, Message, StatusUpdate
from app.ui.scripts.whom import job_choice
from app.ui.state import AppState
from app.viewmodels import message as messages
from app.viewmodels import waiting
from app.viewmodels.scripts.filling import ScriptPage, filling, find, load
from app.viewmodels.scripts.keys import key_of
from app.viewmodels.sent import notes
from tests.unit.ui.support import open_app

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STATUS_TEXTS = ("progress-update", "progress-update-chat", "already-sent")


@pytest.fixture
def app() -> Iterator[AppState]:
    """An app with a client who has two jobs in progress; the last update is about the second."""
    app = open_app(lambda: NOW)
    app.store.save(
        Client(id="c", name="Weber"),
        Job(id="logo", client_id="c", title="Logo", started_at=NOW - 9 * DAY),
        Job(id="site", client_id="c", title="Website", started_at=NOW - 8 * DAY),
        StatusUpdate(id="u", client_id="c", job_id="site", at=NOW - DAY, text="The home page is online."),
    )
    yield app
    app.store.close()


def check_in(app: AppState, job_id: str | None, language: str = "en") -> None:
    client = app.store.get(Client, "c")
    assert client is not None
    client.language = language
    message = Message(id="m", client_id="c", job_id=job_id, at=NOW - HOUR, kind=MessageKind.CHECK_IN)
    app.store.save(client, message)


def opened(app: AppState, script: str, language: str = "en", path: str = "/message/m") -> ScriptPage:
    page = find(app, script, path, language)
    assert page is not None
    return page


def asks_for_job(page: ScriptPage) -> bool:
    """Whether the page asks which job the text is about."""
    choice = job_choice(page, lambda _chosen: None)
    return "Which job is it about?" in repr(choice)


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("script", STATUS_TEXTS)
def test_the_answer_to_a_check_in_without_a_job_names_no_job_of_several(
    app: AppState, script: str, language: str
) -> None:
    check_in(app, None, language)
    page = opened(app, script, language)
    now = filling(page, {}, {})
    assert not now.complete
    assert not any(title in now.body for title in ("Logo", "Website", "online"))


def test_the_user_is_asked_which_job_and_the_text_uses_the_choice(app: AppState) -> None:
    check_in(app, None)
    assert all(asks_for_job(opened(app, script)) for script in STATUS_TEXTS)
    key = key_of(app, "already-sent", "en")
    chosen = load(app, key, f"/message/m/script/{key}", None, "site")
    assert chosen is not None
    assert chosen.known["last_update"] == "The home page is online."
    other = load(app, key, f"/message/m/script/{key}", None, "logo")
    assert other is not None
    assert "last_update" not in other.known


def test_a_check_in_about_one_job_is_not_answered_with_an_update_about_another(app: AppState) -> None:
    check_in(app, "logo")
    page = opened(app, "already-sent")
    assert page.known["matter"] == "Logo"
    assert "last_update" not in page.known
    assert "sent_on" not in page.known
    assert opened(app, "progress-update").known["job"] == "Logo"


def test_the_only_job_in_progress_is_used_without_asking(app: AppState) -> None:
    logo = app.store.get(Job, "logo")
    assert logo is not None
    logo.status = JobStatus.CLOSED
    app.store.save(logo)
    check_in(app, None)
    assert opened(app, "progress-update").known["job"] == "Website"
    assert opened(app, "already-sent").known["last_update"] == "The home page is online."


def test_the_update_marked_as_answering_a_call_is_quoted(app: AppState) -> None:
    app.store.save(
        Call(id="k", client_id="c", at=NOW - HOUR, outcome=CallOutcome.MISSED, answered_by_update_id="u")
    )
    page = opened(app, "already-sent", path="/call/k")
    assert page.known["last_update"] == "The home page is online."


@pytest.mark.parametrize("moment", ["progress-update", "delivery-note", "raise-delay-early"])
def test_a_text_opened_from_the_client_page_asks_which_job(app: AppState, moment: str) -> None:
    page = opened(app, moment, path="/clients/client/c")
    assert "job" not in page.known
    assert asks_for_job(page)


def test_a_reminder_with_two_unpaid_jobs_names_neither(app: AppState) -> None:
    for id_ in ("logo", "site"):
        job = app.store.get(Job, id_)
        assert job is not None
        job.status, job.fee, job.delivered_at = JobStatus.DELIVERED, 50_000, NOW - 60 * DAY
        app.store.save(job)
    assert "job" not in opened(app, "payment-reminder", path="/clients/client/c").known
    assert opened(app, "payment-reminder", path="/jobs/job/site").known["job"] == "Website"


def test_a_check_in_shows_an_earlier_update_only_about_its_own_job(app: AppState) -> None:
    check_in(app, None)
    page = messages.load(app, "m")
    assert page is not None
    assert page.answered_by is None
    check_in(app, "site")
    page = messages.load(app, "m")
    assert page is not None
    assert page.answered_by is not None
    assert page.answered_by.id == "u"


# --- quotation -------------------------------------------------------------------------------------------

SENTENCES = {
    "ja": ("見積書をお送りしました。", "「見積書をお送りしました」の件"),
    "fr": ("Envoyé le devis", "« Envoyé le devis »"),
    "en": ("Sent the estimate", "“Sent the estimate”"),
}


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("script", ["follow-up-1", "follow-up-1-chat", "follow-up-2", "silent-client"])
def test_a_follow_up_quotes_the_summary_as_a_title(app: AppState, script: str, language: str) -> None:
    typed, quoted = SENTENCES[language]
    app.store.save(
        Client(id="c", name="Weber", language=language),
        Message(id="m", client_id="c", at=NOW - 9 * DAY, direction=Direction.OUT, summary=typed),
    )
    body = filling(opened(app, script, language), {}, {}).body.replace("\u202f", " ").replace("\u00a0", " ")
    assert quoted in body


@pytest.mark.parametrize(
    ("language", "typed", "quoted"),
    [
        ("ja", "「春号」の色", "「『春号』の色」"),
        ("fr", "le « logo »", "« le “logo” »"),
        ("en", "the “logo”\nand more", "“the ‘logo’ and more”"),
    ],
)
def test_quotation_marks_inside_a_quotation_are_of_the_inner_kind(
    app: AppState, language: str, typed: str, quoted: str
) -> None:
    app.store.save(
        Client(id="c", name="Weber", language=language),
        Message(id="m", client_id="c", at=NOW - 9 * DAY, direction=Direction.OUT, summary=typed),
    )
    body = filling(opened(app, "follow-up-1", language), {}, {}).body
    assert quoted in body.replace("\u202f", " ").replace("\u00a0", " ")


# --- the same subject --------------------------------------------------------------------------------------


def sent(app: AppState, *jobs: str | None) -> None:
    for number, job_id in enumerate(jobs):
        app.store.save(
            Message(
                id=f"out{number}",
                client_id="c",
                job_id=job_id,
                direction=Direction.OUT,
                at=NOW - (20 - number) * DAY,
                summary=f"Subject {number}",
            )
        )


@pytest.mark.parametrize(
    ("jobs", "path", "matter"),
    [
        ((None, "site"), "/jobs/job/site", "Subject 1"),
        ((None,), "/jobs/job/site", "Website"),  # a message not linked to the job is not taken as about it
        (("logo",), "/jobs/job/site", "Website"),
        ((None,), "/clients/client/c", "Subject 0"),
        ((None, "site"), "/clients/client/c", None),  # among several, the user chooses
        ((None, "site"), "/message/out0", "Subject 0"),
    ],
)
def test_a_follow_up_is_about_the_linked_message_only(
    app: AppState, jobs: tuple[str | None, ...], path: str, matter: str | None
) -> None:
    sent(app, *jobs)
    page = opened(app, "follow-up-1", path=path)
    assert page.known.get("matter") == matter
    noted = {note.label for note in notes(app, page, filling(page, {}, {}))}
    assert ("Follow-up sent" in noted) is (matter is not None and matter.startswith("Subject"))


def test_an_unlinked_message_is_not_called_the_same_work(app: AppState) -> None:
    sent(app, "site")
    app.store.save(Message(id="m", client_id="c", at=NOW - HOUR, summary="Christmas"))
    (section,) = waiting.load(app).sections
    assert section.title == "Answer them first"
    assert "same" not in section.note

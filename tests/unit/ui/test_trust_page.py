"""The trust page: its figures, its advice, and the profile made from it."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.codes import JobStatus
from app.domain.entities import Client, Job, Message
from app.domain.trust_advice import Lever
from app.ui.state import AppState
from app.viewmodels import profile, trust

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)  # a Wednesday, 9:00 in Paris
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.fixture
def history(app: AppState, ana: Client) -> None:
    for days in range(2, 12):
        at = NOW - days * DAY
        late = days % 2 == 0
        app.store.save(Message(client_id=ana.id, at=at, replied_at=at + (30 * HOUR if late else HOUR)))
    done = NOW - 40 * DAY
    app.store.save(
        Job(
            client_id=ana.id,
            title="Brochure",
            status=JobStatus.PAID,
            started_at=done - 9 * DAY,
            deadline=done + DAY,
            delivered_at=done,
            fee=50_000,
            spent_minutes=600,
            rating=5,
            rating_comment="Quick and clear.",
        )
    )


@pytest.mark.usefixtures("history")
def test_each_figure_has_a_sentence_and_the_advice_is_about_the_worst_one(app: AppState) -> None:
    page = trust.load(app, 90)
    figures = {each.title: (plain(each.value), each.sentence) for each in page.metrics}
    assert figures["Answered in time"] == ("50%", "5 of 10 answers came before their time was up.")
    assert figures["Rating"] == ("1 rating so far", "")
    assert figures["Earned an hour"][0] == "€50.00"
    assert "Unscheduled calls a week" not in figures
    assert page.advice is not None
    assert page.advice.lever is Lever.ANSWER_SOONER
    assert page.spiral[0].title == "First answer"  # half of the answers were late: nothing to praise
    assert [step.value for step in page.spiral[1:3]] == ["1 rating so far", "1 finished job so far"]
    in_time = next(each for each in page.metrics if each.title == "Answered in time")
    assert len(in_time.points) == 9
    assert all(point.share is None or 0 <= point.share <= 1 for point in in_time.points)
    assert page.ends == ("Aug 27", "Nov 25")
    assert trust.load(app, 365).ends == ("Nov 25, 2025", "Nov 25, 2026")


@pytest.mark.usefixtures("history")
def test_a_profile_holds_no_amounts_and_no_client_names(app: AppState) -> None:
    report = trust.load(app, 90).report
    text = plain(profile.as_text(app, report, with_comments=True))
    assert text.startswith("Robin, the last 90 days\n\nFirst answer: ")
    assert "“Quick and clear.”" in text
    assert "€" not in text
    assert "Ana" not in text
    assert "Quick" not in profile.as_text(app, report, with_comments=False)


def test_without_history_the_page_has_no_figures(app: AppState) -> None:
    page = trust.load(app, 30)
    assert not page
    assert [step.value for step in page.spiral] == ["not known yet"] * 4


def answer(app: AppState, client: Client, days: float, hours: float) -> None:
    at = NOW - days * DAY
    app.store.save(Message(client_id=client.id, at=at, replied_at=at + hours * HOUR))


def test_a_slow_answer_is_not_praised(app: AppState, ana: Client) -> None:
    for days in range(10, 15):
        answer(app, ana, days, 96)
    assert (page := trust.load(app, 90)).spiral[0].title == "First answer"
    assert page.spiral[0].value == "4 days"


def test_answers_within_the_reply_window_are_called_in_time(app: AppState, ana: Client) -> None:
    for days in range(10, 13):
        answer(app, ana, days, 2)
    assert trust.load(app, 90).spiral[0].title == "You answer in time"


def test_a_figure_is_shown_only_from_three_cases(app: AppState, ana: Client) -> None:
    for count in range(1, 4):
        answer(app, ana, 10 + count, 2)
        page = trust.load(app, 90)
        first = next(each for each in page.metrics if each.title == "First answer")
        said = {1: "1 reply so far", 2: "2 replies so far", 3: "2 hours"}[count]
        assert (first.value, page.spiral[0].value) == (said, said)
        assert bool(first.points) is (count == 3)
        assert bool(trust.for_profile(app, page.report)) is (count == 3)


def test_the_median_is_rounded_like_a_single_answer(app: AppState, ana: Client) -> None:
    """47 hours are not "1 day" beside a list that shows them answered two days later."""
    for days in range(10, 13):
        answer(app, ana, days, 47)
    first = next(each for each in trust.load(app, 90).metrics if each.title == "First answer")
    assert first.value == "1 day, 23 hours" == app.format.elapsed(47 * HOUR)

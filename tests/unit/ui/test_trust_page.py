"""What the page of trust says, and what of it goes into a profile."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.codes import JobStatus
from app.domain.entities import Client, Job, Message
from app.domain.trust_advice import Lever
from app.ui.state import AppState
from app.ui.trust import model as trust
from app.ui.trust import profile

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
def test_each_number_stands_in_a_sentence_and_the_worst_one_is_what_to_raise(app: AppState) -> None:
    page = trust.load(app, 90)
    told = {each.title: (plain(each.value), each.sentence) for each in page.metrics}
    assert told["Answered in time"] == ("50%", "5 of 10 answers came before their time was up.")
    assert told["Rating"][0] == "5.0 ★"
    assert told["Earned an hour"][0] == "€50.00"
    assert "Unscheduled calls a week" not in told
    assert page.advice is not None
    assert page.advice.lever is Lever.ANSWER_SOONER
    assert page.spiral[0].title == "You answer quickly"
    in_time = next(each for each in page.metrics if each.title == "Answered in time")
    assert len(in_time.points) == 9
    assert all(point.share is None or 0 <= point.share <= 1 for point in in_time.points)
    assert page.ends == ("Aug 27", "Nov 25")
    assert trust.load(app, 365).ends == ("Nov 25, 2025", "Nov 25, 2026")


@pytest.mark.usefixtures("history")
def test_a_profile_shows_nothing_about_money_and_no_name_but_the_users_own(app: AppState) -> None:
    report = trust.load(app, 90).report
    text = plain(profile.as_text(app, report, with_comments=True))
    assert text.startswith("Robin, the last 90 days\n\nFirst answer: ")
    assert "“Quick and clear.”" in text
    assert "€" not in text
    assert "Ana" not in text
    assert "Quick" not in profile.as_text(app, report, with_comments=False)


def test_no_history_no_numbers(app: AppState) -> None:
    page = trust.load(app, 30)
    assert not page
    assert [step.value for step in page.spiral] == ["not known yet"] * 4

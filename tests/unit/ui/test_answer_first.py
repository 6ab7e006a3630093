"""A client who waits for a reply is not chased: the pages say which message to answer first."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.codes import Direction
from app.domain.entities import Client, Job, Message, Part
from app.store import queries
from app.ui.state import AppState
from app.viewmodels import job as jobs
from app.viewmodels import message as messages
from app.viewmodels import notifications, waiting
from app.viewmodels.fitting_texts import fitting
from tests.unit.ui.support import open_app

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def app() -> Iterator[AppState]:
    app = open_app(lambda: NOW)
    app.store.save(
        Client(id="c", name="Ana"),
        Message(id="chase", client_id="c", at=NOW - 9 * DAY, direction=Direction.OUT, summary="Offer"),
        Message(id="owed", client_id="c", at=NOW - HOUR, summary="A question"),
    )
    yield app
    app.store.close()


def chased(app: AppState) -> list[bool]:
    """Whether the chase is in Today, in the reminders, in the fitting texts, and on its own page."""
    client = app.store.get(Client, "c")
    assert client is not None
    page = messages.load(app, "chase")
    assert page is not None
    return [
        "message:chase" in {item.key for item in queries.today(app.store, NOW).agenda.items},
        "chase" in {each.item[1] for each in notifications.plan(app, NOW - 20 * DAY)},
        "chase" in {each.key for each in fitting(app, client)},
        bool(page.scripts),
    ]


def test_a_chase_is_offered_only_after_the_owed_reply_is_sent(app: AppState) -> None:
    assert chased(app) == [False] * 4
    owed = app.store.get(Message, "owed")
    assert owed is not None
    messages.mark_replied(app, owed)
    assert chased(app) == [True] * 4


def test_the_pages_say_which_message_to_answer_first(app: AppState) -> None:
    page = messages.load(app, "chase")
    assert page is not None
    assert page.owed is not None
    assert page.owed.id == "owed"
    (section,) = waiting.load(app).sections
    assert section.title == "Answer them first"
    (row,) = section.rows
    assert row.owed is not None
    assert row.owed.id == "owed"
    assert waiting.script_for(app, row, None) == ""


def test_a_recent_offer_is_listed_as_still_in_good_time(app: AppState) -> None:
    chase = app.store.get(Message, "chase")
    assert chase is not None
    chase.at = NOW - HOUR
    app.store.save(chase)
    assert [section.title for section in waiting.load(app).sections] == ["Still in good time"]


# --- the text for the paid part ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first_paid", "second_delivered", "offered"),
    [(True, False, True), (True, True, False), (False, False, False)],
)
def test_the_paid_part_text_is_offered_only_with_a_paid_and_an_undelivered_part(
    app: AppState, first_paid: bool, second_delivered: bool, offered: bool
) -> None:
    app.store.save(
        Job(id="j", client_id="c", title="Site", started_at=NOW - 9 * DAY, currency="EUR"),
        Part(job_id="j", amount=500, delivered_at=NOW - 3 * DAY, paid_at=NOW - DAY if first_paid else None),
        Part(job_id="j", amount=500, delivered_at=NOW - 2 * DAY),
        Part(job_id="j", amount=500, delivered_at=NOW - DAY if second_delivered else None),
    )
    page = jobs.load(app, "j")
    assert page is not None
    assert ("paid-part-only" in [script.id for script in page.scripts]) is offered


def test_a_silent_client_who_owes_nothing_is_not_asked_for_money(app: AppState) -> None:
    chase = app.store.get(Message, "chase")
    assert chase is not None
    chase.at = NOW - 40 * DAY
    chase.followed_up_at = [(NOW - days * DAY).isoformat() for days in (30, 20)]
    app.store.save(chase)
    app.store.delete(app.store.get(Message, "owed"))  # type: ignore[arg-type] # it is there
    page = messages.load(app, "chase")
    assert page is not None
    assert page.scripts
    assert "payment" not in {script.moment for script in page.scripts}

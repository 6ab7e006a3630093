"""A row opens its screen scrolled to its subject: a payment, a part, or a question."""

from datetime import UTC, datetime, timedelta
from typing import Any

import flet as ft
import pytest

from app.domain.column_types import Question
from app.domain.entities import Client, Job, Message, Part
from app.store import queries
from app.ui import glance
from app.ui.components.layout import find_target
from app.ui.exposure.view import _payment
from app.ui.job.part_rows import parts_editor
from app.ui.job.parts import _part_row
from app.ui.state import AppState
from app.ui.today.row import open_item
from app.viewmodels import exposure, paths, search
from app.viewmodels import job as jobs
from app.viewmodels.job_draft import draft_of

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
QUESTION = Question(id="q", text="Which blue?", asked_at=(NOW - 9 * DAY).isoformat(), answered_at=None)

CASES: dict[str, tuple[list[Any], str, str]] = {
    "payment:sold": (
        [Job(id="sold", client_id="ana", status="delivered", fee=500, delivered_at=NOW - 60 * DAY)],
        "/exposure/ana",
        "sold",
    ),
    "payment:one": (
        [
            Job(id="half", client_id="ana", started_at=NOW - 70 * DAY),
            Part(id="one", job_id="half", amount=500, delivered_at=NOW - 60 * DAY),
        ],
        "/exposure/ana",
        "one",
    ),
    "part:next": (
        [
            Job(id="series", client_id="ana", started_at=NOW - 9 * DAY),
            Part(id="next", job_id="series", due_at=NOW + DAY),
        ],
        "/job/series",
        "next",
    ),
    "question:q": (
        [Job(id="asks", client_id="ana", started_at=NOW - 20 * DAY, questions=[QUESTION])],
        "/job/asks",
        "q",
    ),
    "message:plain": ([Message(id="plain", client_id="ana", at=NOW)], "/message/plain", ""),
}


@pytest.mark.parametrize("key", CASES)
def test_a_row_in_today_opens_at_its_subject(app: AppState, key: str) -> None:
    records, screen, target = CASES[key]
    app.store.save(Client(id="ana", name="Ana"), *(record.model_copy() for record in records))
    (item,) = [each for each in queries.today(app.store, NOW).agenda.items if each.key == key]
    app.page.route = "/"
    open_item(app, item)
    assert (paths.without_query(app.page.route), paths.target(app.page.route)) == (screen, target)
    assert glance.address(item) == app.page.route


def found(controls: list[ft.Control], target: str) -> ft.Control:
    control = find_target(controls, target)
    assert control is not None
    return control


def labels(control: ft.Control) -> set[str]:
    said = {getattr(control, name, None) for name in ("content", "value", "label")}
    inside = [getattr(control, "content", None), *(getattr(control, "controls", None) or [])]
    for each in inside:
        if isinstance(each, ft.Control):
            said |= labels(each)
    return {each for each in said if isinstance(each, str)}


def test_a_payment_and_its_actions_are_in_one_card(app: AppState) -> None:
    app.store.save(Client(id="ana", name="Ana"), *(each.model_copy() for each in CASES["payment:one"][0]))
    page = exposure.load(app, "ana")
    assert page is not None
    card = found([ft.Column([_payment(app, page, each) for each in page.payments])], "one")
    assert {"Write the reminder…", "Reminder sent", "Paid"} <= labels(card)


def test_a_part_is_found_on_the_job_page_and_in_the_job_form(app: AppState) -> None:
    job = Job(id="series", client_id="ana", started_at=NOW)
    parts = [Part(id=f"p{n}", job_id="series", title=f"No. {n}", position=n) for n in range(3)]
    app.store.save(Client(id="ana", name="Ana"), job, *parts)
    page = jobs.load(app, "series")
    assert page is not None
    rows = [_part_row(app, page, part, n) for n, part in enumerate(page.parts, start=1)]
    assert "No. 1" in labels(found(rows, "p1"))
    draft = draft_of(job, parts, "EUR", app.format)
    form = parts_editor(app, draft, {}, lambda _update: None)
    assert {"No. 2", "Part 3"} <= labels(found(form, "p2"))
    assert find_target(form, "gone") is None


def test_a_component_is_found_by_the_targets_in_its_data() -> None:
    section = ft.Container(data=["p", "q"])
    assert found([ft.Text("Open questions"), ft.Column([section])], "q") is section
    assert find_target([section], "other") is None


def test_a_part_found_by_search_is_the_target_of_its_job_page(app: AppState) -> None:
    app.store.save(
        Client(id="ana", name="Ana"),
        Job(id="series", client_id="ana"),
        Part(id="p", job_id="series", title="Zanzibar"),
    )
    (row,) = search.find(app, "zanzibar", 5)
    assert (row.kind_of_screen, row.key, row.at) == ("job", "series", "p")

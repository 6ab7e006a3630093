"""Form drafts: written soon after typing, restored completely, dropped after saving."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.codes import Direction, MessageKind
from app.domain.column_types import Channel, ChecklistItem
from app.domain.conversations import NO_TERMS, Terms
from app.domain.entities import Checklist, Client, Job, Message, Settings, edited
from app.domain.hours import work_calendar
from app.i18n import Formatter
from app.platform.native import NativePlatform
from app.store import queries
from app.ui.components.drafts import DraftKeeper, KeptForm, left_note
from app.ui.components.fields import moment_field
from app.ui.scripts.script import NOTHING, Blanks
from app.ui.state import AppState
from app.viewmodels import client_draft as client_form
from app.viewmodels import job_draft as job_form
from app.viewmodels import message as messages
from app.viewmodels import record, welcome
from app.viewmodels.draft_codecs import Changes, PlainText
from tests.unit.ui.support import said

NOW = datetime(2026, 11, 30, 14, 2, tzinfo=UTC)
FORMAT = Formatter("en", ZoneInfo("Europe/Paris"))


class Waiting:
    """Collects postponed tasks and runs them when the test asks."""

    def __init__(self) -> None:
        self.tasks: list[Callable[[], None]] = []

    def __call__(self, act: Callable[[], None]) -> None:
        self.tasks.append(act)

    def run_all(self) -> None:
        tasks, self.tasks = self.tasks, []
        for act in tasks:
            act()


def keeper(
    app: AppState, later: Callable[[Callable[[], None]], None], name: str = "note"
) -> DraftKeeper[str]:
    return DraftKeeper(app.store.drafts, name, PlainText(), later)


# --- writing -----------------------------------------------------------------------------------------------


def test_continued_typing_does_not_postpone_the_write(app: AppState) -> None:
    later = Waiting()
    note = keeper(app, later)
    for text in ("T", "Th", "The", "The m"):
        note.typed(text)
    assert len(later.tasks) == 1
    later.run_all()
    assert keeper(app, later).found() == (NOW, "The m")
    note.typed("The menu")
    later.run_all()
    assert keeper(app, later).found() == (NOW, "The menu")


def test_flushing_writes_what_was_typed_last(app: AppState) -> None:
    note = keeper(app, Waiting())
    note.typed("The menu")
    note.flush()
    assert keeper(app, Waiting()).found() == (NOW, "The menu")


def test_a_pending_write_does_not_restore_a_forgotten_draft(app: AppState) -> None:
    later = Waiting()
    note = keeper(app, later)
    note.typed("The menu")
    note.forget()
    later.run_all()
    note.flush()
    assert note.found() is None


def test_a_draft_equal_to_the_stored_record_is_removed(app: AppState) -> None:
    stored = Message(summary="Menu")
    form = DraftKeeper(app.store.drafts, "m", Changes(stored), lambda act: act())
    form.typed(edited(stored, summary="Menus"))
    assert form.found() == (NOW, edited(stored, summary="Menus"))
    form.typed(edited(stored, summary="Menu"))
    assert form.found() is None


@pytest.mark.parametrize("left", [None, 3, ["x"], {"at": "never"}, {"summary": 7}, {"removed": 1}])
def test_a_draft_of_another_version_is_used_or_dropped_without_an_error(app: AppState, left: object) -> None:
    app.store.drafts.keep("m", left)
    stored = Message()
    found = DraftKeeper(app.store.drafts, "m", Changes(stored), Waiting()).found()
    assert found is None or found[1] == stored


# --- restoring ---------------------------------------------------------------------------------------------


def test_changed_fields_are_restored_as_typed() -> None:
    opened = Message(job_id="other", due_at=NOW)
    typed = edited(
        opened,
        summary="メニュー ☕",
        at=NOW - timedelta(days=1),
        due_at=None,
        direction=Direction.OUT,
        kind=MessageKind.OFFER,
        needs_reply=False,
        job_id="j",
    )
    packed = Changes(opened).pack(typed)
    assert set(packed) == {"summary", "at", "due_at", "direction", "kind", "needs_reply", "job_id"}
    by_now = edited(opened, body="newer")
    assert Changes(by_now).unpack(packed) == edited(typed, body="newer")
    checklist = Checklist()
    items = edited(checklist, items=[ChecklistItem(id="1", text="Prices?")], title="Menu")
    assert Changes(checklist).unpack(Changes(checklist).pack(items)) == items


def test_a_client_draft_is_restored_over_the_currently_stored_client() -> None:
    settings = Settings(time_zone="Europe/Paris", currency="EUR")
    calendar = work_calendar(settings)
    opened = client_form.draft_of(Client(name="Ana", notes="old"), settings, calendar, FORMAT)
    typed = opened.__class__(
        **{
            **vars(opened),
            "person": "Ana Design",
            "channels": (Channel(kind="email", handle="ana@example.com"),),
            "working_hours": {"0": [["10:00", "16:00"]]},
            "call_days": (1, 4),
            "hours_known": True,
        }
    )
    packed = Changes(opened).pack(typed)
    assert "notes" not in packed
    by_now = client_form.draft_of(Client(name="Ana", notes="new"), settings, calendar, FORMAT)
    back = Changes(by_now).unpack(packed)
    assert (back.notes, back.person, back.channels, back.call_days) == (
        "new", "Ana Design", typed.channels, (1, 4),
    )  # fmt: skip
    assert Changes(opened).unpack(packed) == typed


def test_a_job_draft_is_restored_with_its_parts() -> None:
    opened = job_form.draft_of(Job(title="Menu", started_at=NOW), [], "JPY", FORMAT)
    typed = opened.with_new_part()
    typed = typed.with_part(
        typed.parts[0].id, title="Starters", amount="12,5x", due_at=NOW + timedelta(days=2)
    )
    codec = Changes[job_form.JobDraft | None](opened)
    assert codec.unpack(codec.pack(typed)) == typed
    assert codec.pack(None) == codec.pack(opened) == {}


def test_the_blanks_of_a_text_are_restored() -> None:
    typed = Blanks("c", "j", {"reason": "The photos"}, {"new_date": NOW})
    assert Changes(NOTHING).unpack(Changes(NOTHING).pack(typed)) == typed


# --- saving, undoing, discarding ---------------------------------------------------------------------------


def form_of(app: AppState, typed: str) -> KeptForm[str]:
    note = keeper(app, lambda act: act(), "form")
    note.typed(typed)
    return KeptForm(
        app,
        typed,
        lambda _update: None,
        None,
        0,
        lambda: None,
        lambda: None,
        note,
        "/clients/edit-client/new",
    )


def test_saving_drops_the_draft_and_undo_restores_it_and_opens_the_form(app: AppState) -> None:
    form = form_of(app, "Ana Design")
    client = Client(name="Ana Design")
    assert form.save(lambda: app.write(lambda: app.store.save(client), "Saved"))
    assert form.keeper.found() is None
    app.go(f"/clients/client/{client.id}")
    said(app).undo()
    assert app.page.route == "/clients/edit-client/new"
    assert form.keeper.found() == (NOW, "Ana Design")
    assert queries.clients(app.store) == []


def test_a_save_that_fails_keeps_the_draft(app: AppState) -> None:
    form = form_of(app, "Ana Design")
    assert not form.save(lambda: False)
    assert form.keeper.found() == (NOW, "Ana Design")


def test_undoing_a_later_write_does_not_open_a_saved_form(app: AppState) -> None:
    form = form_of(app, "Ana")
    assert form.save(lambda: app.write(lambda: app.store.save(Client(id="c", name="Ana")), "Saved"))
    app.go("/jobs")
    app.write(lambda: app.store.save(Client(id="d", name="Other")), "Saved")
    said(app).undo()
    assert app.page.route == "/jobs"


def test_recording_a_sent_message_stores_it_as_outgoing(app: AppState, ana: Client) -> None:
    assert record.record(app, "sent", ana)
    (message,) = queries.open_messages(app.store)
    assert message.direction == "out"


def test_two_quick_taps_record_one_call(app: AppState, ana: Client) -> None:
    app.page.route = "/new/call"
    assert record.record(app, "call", ana)
    assert not record.record(app, "call", ana)
    assert len(queries.all_calls(app.store)) == 1
    assert record.record(app, "message", ana)


def test_undoing_a_new_record_returns_to_the_screen_that_made_it(app: AppState, ana: Client) -> None:
    app.page.route = "/new/message"
    record.record(app, "message", ana)
    assert app.page.route.startswith("/edit-message/")
    said(app).undo()
    assert app.page.route == "/new/message"
    assert queries.all_messages(app.store) == []


@pytest.mark.parametrize("what", ["message", "job"])
def test_closing_the_first_form_of_a_record_removes_the_empty_record(
    app: AppState, ana: Client, what: str
) -> None:
    record.record(app, what, ana)

    def kept() -> list[Any]:
        return [*queries.all_messages(app.store), *(row[0] for row in queries.all_jobs(app.store))]

    (made,) = kept()
    record.delete_unsaved(app, made)
    assert kept() == []
    said(app).undo()
    (again,) = kept()
    record.delete_unsaved(app, again)  # when opened again, the form belongs to a record that was kept
    assert kept() == [again]


# --- choices not yet confirmed -----------------------------------------------------------------------------


def restarted(app: AppState) -> AppState:
    """The app as a new process opens it."""
    return AppState(app.page, app.store, NativePlatform(), lambda: NOW)


def test_a_chosen_proposal_survives_a_restart(app: AppState) -> None:
    terms = Terms(
        standing_call_rule="FREQ=WEEKLY;BYDAY=FR", standing_call_start=NOW, standing_call_minutes=30
    )
    app.propose("marc", terms)
    again = restarted(app)
    assert again.proposal("marc") == terms
    assert again.proposal("other") == NO_TERMS
    again.drop_proposal("marc")
    assert restarted(app).proposal("marc") == NO_TERMS


def test_an_interrupted_first_run_keeps_its_choices(app: AppState) -> None:
    app.store.wipe()
    first = restarted(app)
    welcome.apply_choices(first, name="Mika", holiday_country="JP", working_hours={"0": [["10:00", "15:00"]]})
    again = restarted(app)
    assert (again.settings.name, again.settings.holiday_country) == ("Mika", "JP")
    assert again.settings.working_hours == {"0": [["10:00", "15:00"]]}
    welcome.finish(again)
    assert app.store.settings().name == "Mika"
    app.store.wipe()
    assert restarted(app).settings.name == ""


# --- the note about a restored draft -----------------------------------------------------------------------


def restored_form(app: AppState, left_at: datetime | None, started_over: list[str]) -> KeptForm[str]:
    return KeptForm(
        app=app,
        value="Thanks, I",
        set=lambda _update: None,
        left_at=left_at,
        refusals=0,
        refused=lambda: None,
        start_over=lambda: started_over.append("empty"),
        keeper=keeper(app, Waiting()),
        path="/new",
    )


def test_a_restored_draft_shows_a_note_with_a_start_empty_button(app: AppState) -> None:
    started_over: list[str] = []
    assert left_note(restored_form(app, None, started_over)) == []
    (note,) = left_note(restored_form(app, NOW - timedelta(days=1), started_over))
    row: Any = note.content  # type: ignore[attr-defined]
    _icon, said_so, button = row.controls
    assert said_so.live_region
    assert said_so.content.value.startswith("What you typed before is back (yesterday at")
    assert button.content == "Start empty"
    button.on_click(None)
    assert started_over == ["empty"]


def test_every_form_with_a_draft_shows_the_note_about_it() -> None:
    for path in sorted(Path("app/ui").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        drafts = len(re.findall(r"= use_draft\(", source))
        notes = len(re.findall(r"\*left_note\(|\bform=(?:form|typed|draft),", source))
        assert notes >= drafts, path


def test_a_recorded_message_says_by_when_to_reply(app: AppState, ana: Client) -> None:
    """The snack bar names the due time, and the form shows it as the usual time, not as "Not set"."""
    ana.reply_minutes, ana.reply_basis = 120, "clock"
    app.store.save(ana)
    assert record.record(app, "message", ana)
    assert said(app).text == f"Message noted: reply by {app.format.when(NOW + timedelta(hours=2), NOW)}"
    assert messages.usual_due(app, ana, NOW) == NOW + timedelta(hours=2)
    field = moment_field(app, "Reply by", None, print, usual=NOW + timedelta(hours=2))
    assert "(your usual time)" in repr(field)
    assert "Not set" not in repr(field)

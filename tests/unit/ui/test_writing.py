"""Messages after a failed command and after an undo that could not revert everything."""

from datetime import UTC, datetime

import pytest

from app.domain.entities import SETTINGS_ID, Client, Job, Part, Settings
from app.domain.errors import DomainError
from app.store.store import Change
from app.ui.state import AppState
from app.viewmodels import client as clients
from app.viewmodels import job as jobs
from app.viewmodels import settings
from tests.unit.ui.support import said

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def fail(error: Exception) -> Change:
    raise error


def test_a_domain_error_is_shown_as_a_sentence(app: AppState) -> None:
    assert not app.write(lambda: fail(DomainError("answered")))
    assert said(app).text == "This is answered already."


def test_a_programming_error_is_raised_and_not_shown(app: AppState) -> None:
    before = len(app.page.said)  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="not a rule's"):
        app.write(lambda: fail(ValueError("not a rule's")))
    assert len(app.page.said) == before  # type: ignore[attr-defined]


def set_notes(app: AppState, client: Client, notes: str) -> None:
    app.store.update(Client, client.id, lambda stored: setattr(stored, "notes", notes))


def test_an_undo_that_reverts_nothing_says_so(app: AppState, ana: Client) -> None:
    app.write(lambda: app.store.update(Client, ana.id, lambda stored: setattr(stored, "notes", "a")), "Saved")
    undo = said(app).undo
    set_notes(app, ana, "b")
    undo()
    assert said(app).text == "Not undone: it was changed since."


def test_a_partial_undo_says_so(app: AppState, ana: Client) -> None:
    def change(stored: Client) -> None:
        stored.notes, stored.reading = "a", "a"

    app.write(lambda: app.store.update(Client, ana.id, change), "Saved")
    undo = said(app).undo
    set_notes(app, ana, "b")
    undo()
    assert said(app).text == "Undone, except for what was changed since."
    found = app.store.get(Client, ana.id)
    assert found is not None
    assert (found.notes, found.reading) == ("b", "")


def test_saving_a_client_form_keeps_newer_changes(app: AppState, ana: Client) -> None:
    set_notes(app, ana, "newer")
    assert clients.save(app, ana, Client(**{**ana.model_dump(), "name": "Anna"}))
    found = app.store.get(Client, ana.id)
    assert found is not None
    assert (found.name, found.notes) == ("Anna", "newer")


def test_saving_a_setting_keeps_newer_changes_of_others(app: AppState) -> None:
    shown = app.settings
    app.store.update(Settings, SETTINGS_ID, lambda stored: setattr(stored, "name", "Hana"))
    app.settings = shown  # as long as the screen has not been redrawn
    assert settings.save(app, {"buffer_days": 3}) == {}
    found = app.store.settings()
    assert (found.name, found.buffer_days) == ("Hana", 3)


def job_of(app: AppState, ana: Client) -> jobs.JobWithParts:
    job = Job(id="j", client_id=ana.id, title="Page", notes="first")
    parts = [Part(id=id_, job_id="j", position=at, title=id_) for at, id_ in enumerate(("a", "b"))]
    app.store.save(job, *parts)
    return jobs.JobWithParts(job, parts)


def test_saving_a_job_form_keeps_newer_changes_of_its_parts(app: AppState, ana: Client) -> None:
    opened = job_of(app, ana)
    app.store.update(Part, "a", lambda part: setattr(part, "delivered_at", NOW))
    app.store.add(Part(id="new", job_id="j", title="new", position=2))
    edited = [Part(**{**opened.parts[0].model_dump(), "title": "first"})]
    assert jobs.save(app, opened, jobs.JobWithParts(opened.job, edited))
    first, new = app.store.get(Part, "a"), app.store.get(Part, "new")
    assert first is not None
    assert new is not None
    assert (first.title, first.delivered_at) == ("first", NOW)
    assert app.store.get(Part, "b") is None  # removed in the form


def test_saving_a_job_form_does_not_restore_a_deleted_part(app: AppState, ana: Client) -> None:
    opened = job_of(app, ana)
    app.store.delete(opened.parts[1])
    job = Job(**{**opened.job.model_dump(), "title": "Pages"})
    assert jobs.save(app, opened, jobs.JobWithParts(job, opened.parts))
    found = app.store.get(Job, "j")
    assert found is not None
    assert found.title == "Pages"
    assert app.store.get(Part, "b") is None


def test_autosaving_a_text_does_not_restore_a_deleted_job(app: AppState, ana: Client) -> None:
    opened = job_of(app, ana)
    assert jobs.delete(app, opened.job)
    jobs.save_text(app, opened.job, "notes", "typed")
    assert app.store.get(Job, "j") is None
    assert said(app).text == "Job deleted"  # this one offers undo

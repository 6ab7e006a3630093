"""After a commit, open work is loaded once and shared by all computations."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from app.domain.entities import Call, Client, Job, Message, Settings, Topic
from app.reminders.plan import PlanLimits
from app.store import queries
from app.ui import glance
from app.ui.state import AppState
from app.viewmodels import notifications, today

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@contextmanager
def statements(app: AppState) -> Iterator[list[str]]:
    """Record the SQL statements executed inside the block."""
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        ran.append(statement)

    event.listen(app.store.engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(app.store.engine, "before_cursor_execute", note)


def read_everything(app: AppState) -> None:
    """As the listeners do after a commit: Today, glance, badge, reminders, and the server's plan."""
    today.load(app)
    glance.glance(app)
    notifications.badge(app, NOW)
    notifications.plan(app, NOW - timedelta(minutes=1), PlanLimits(20))
    notifications.plan(app, NOW)
    notifications.plan(app, NOW - timedelta(days=1))


def test_messages_are_loaded_once_after_a_change(app: AppState, ana: Client) -> None:
    app.store.save(Message(client_id=ana.id, at=NOW))
    read_everything(app)
    with statements(app) as again:
        read_everything(app)
    app.store.save(Message(client_id=ana.id, at=NOW))
    with statements(app) as changed:
        read_everything(app)
    assert not [each for each in again if "FROM message" in each]
    loads = [each for each in changed if each.startswith("SELECT message.") and "needs_reply" in each]
    assert len([each for each in loads if "json_each" not in each]) == 1
    assert len(changed) <= 25


def test_today_shows_a_change_at_once(app: AppState, ana: Client) -> None:
    assert not today.load(app).sections
    message = Message(client_id=ana.id, at=NOW)
    app.store.save(message)
    assert today.load(app).sections
    app.store.delete(message)
    assert not today.load(app).sections


@pytest.mark.parametrize("later", [timedelta(hours=-23), timedelta(minutes=5), timedelta(hours=23)])
def test_shared_work_gives_the_same_agenda_as_work_loaded_again(
    app: AppState, ana: Client, later: timedelta
) -> None:
    ana.standing_call_rule, ana.standing_call_start = "FREQ=WEEKLY;BYDAY=FR", NOW
    job = Job(client_id=ana.id, deadline=NOW + timedelta(hours=20), started_at=NOW - timedelta(days=9))
    app.store.save(
        ana,
        job,
        Message(client_id=ana.id, at=NOW - timedelta(hours=30)),
        Topic(client_id=ana.id, text="Colours"),
        *(Call(client_id=ana.id, at=NOW - timedelta(days=days, hours=2)) for days in range(1, 45)),
    )
    at = NOW + later
    queries.today(app.store, NOW)
    shared = queries.today(app.store, at)
    app.store.revision += 1  # forces a new load
    reloaded = queries.today(app.store, at)
    assert [repr(each) for each in shared.agenda.items] == [repr(each) for each in reloaded.agenda.items]
    assert (shared.late, len(shared.updates)) == (reloaded.late, len(reloaded.updates))


def test_settings_are_applied_only_when_they_change(
    app: AppState, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[str] = []
    monkeypatch.setattr(type(app.platform), "set_look", lambda _self, _language, look: applied.append(look))
    app.store.save(Message(client_id=ana.id, at=NOW))
    assert applied == []
    settings = app.store.get(Settings, "settings")
    assert settings is not None
    settings.theme = "dark"
    app.store.save(settings)
    assert applied == ["dark"]

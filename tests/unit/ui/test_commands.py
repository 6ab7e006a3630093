"""Every view model command, run from a screen that shows an outdated record, keeps the concurrent changes.

Commands are found by inspection: a new one is tested at once, or fails here until PARAMETER_VALUES or
COMMAND_VALUES has a value for each of its parameters.
"""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import app.viewmodels
from app.domain.codes import BoundaryStep, ClientStatus, Decision, Direction, JobStatus, Stance
from app.domain.conversations import Terms
from app.domain.entities import (
    KINDS,
    SETTINGS_ID,
    Call,
    Checklist,
    Client,
    Conversation,
    Entity,
    Job,
    Message,
    Part,
    Script,
    Settings,
    StatusUpdate,
    Topic,
    kind_of,
)
from app.domain.promised_calls import ChangedCall
from app.domain.reply import add_question
from app.domain.standing_calls import CancelledCall
from app.store import content, queries
from app.store.records import Key
from app.store.store import Change
from app.store.unit_of_work import UnitOfWork
from app.ui.state import AppState
from app.viewmodels import standing
from app.viewmodels.answers import open_with
from app.viewmodels.job import JobWithParts
from tests.unit.store.support import contents
from tests.unit.ui.support import said

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WRITES = (
    "store.update(",
    "store.transact(",
    "store.add(",
    "store.delete(",
    "_change(",
    "_become(",
    "_noted(",
)
APP = Path(app.viewmodels.__file__).parents[1]

NEWER_FIELDS: dict[str, dict[str, Any]] = {
    "client": {"reading": "newer"},
    "message": {"kind": "problem", "checklists": {"another": ["newer"]}},
    "call": {"minutes": 7},
    "job": {"rating_comment": "newer", "checklists": {"another": ["newer"]}},
    "part": {"title": "newer"},
    "topic": {"raised_by": "client"},
    "conversation": {"note": "newer"},
    "update": {"channel": "chat"},
    "script": {"moment": "delivery"},
    "checklist": {"moment": "delivery"},
}
"""Concurrent changes by kind, in fields that no command sets."""


class Command(NamedTuple):
    name: str
    run: Callable[..., Any]


def commands() -> list[Command]:
    """The public view model functions that write about a record they are given."""
    found: list[Command] = []
    for module in pkgutil.walk_packages(app.viewmodels.__path__, "app.viewmodels."):
        for name, each in vars(importlib.import_module(module.name)).items():
            is_own = inspect.isfunction(each) and each.__module__ == module.name and name[0] != "_"
            if is_own and any(word in inspect.getsource(each) for word in WRITES):
                found.append(Command(f"{module.name.removeprefix('app.viewmodels.')}.{name}", each))
    return [each for each in found if each.name not in ABOUT_NO_RECORD]


ABOUT_NO_RECORD = {
    "client.add",
    "record.new_client",
    "record.new_client_split",
    "settings.save",
    "welcome.finish",
}
COMMANDS = commands()


@pytest.fixture(autouse=True)
def stored_records(app: AppState) -> None:
    """Store one client with records of every kind, so that each command has something to change."""
    long_ago = NOW - timedelta(days=9)
    call_rule = {"standing_call_rule": "FREQ=WEEKLY;BYDAY=FR", "standing_call_start": long_ago}
    message = Message(id="message", client_id="client", at=NOW - HOUR, summary="The page", job_id="job")
    sent = Message(id="sent", client_id="client", at=long_ago, direction=Direction.OUT, boundary_step=1)
    job = Job(id="job", client_id="client", title="Page", started_at=long_ago, status=JobStatus.APPLIED)
    for item in (message, job):
        add_question(item, "With tax?")
        item.questions[0]["id"] = "question"
    app.store.save(
        Client(id="client", name="Ana", call_allowance=0, **call_rule),
        message,
        sent,
        job,
        Part(id="part", job_id="job", title="One", due_at=NOW + HOUR, amount=100),
        Job(id="work", client_id="client", title="Shop", started_at=long_ago),
        Part(id="paid", job_id="work", title="Two", delivered_at=NOW - timedelta(days=90), amount=100),
        Topic(id="topic", client_id="client", text="The invoice"),
        Conversation(id="conversation", client_id="client", step=1, at=long_ago),
        StatusUpdate(id="update", client_id="client", text="Half done", at=long_ago),
        Call(id="call", client_id="client", at=NOW - HOUR, outcome="missed", note="The page"),
        *(Call(id=f"call{n}", client_id="client", at=NOW - n * HOUR, outcome="taken") for n in range(2, 8)),
        Script(id="script", language="en", title="Mine", body="Hello", moment="reply", tone="warm"),
        Checklist(id="checklist", language="en", title="Mine", items=[{"id": "a", "text": "Look"}]),
    )


def stored_record(app: AppState, kind: type[Entity], id_: str) -> Any:
    found = app.store.get(kind, id_)
    assert found is not None
    return found


def edited(app: AppState, kind: type[Entity], **fields: Any) -> Any:
    """A stored record with edits, as an open form holds it."""
    return kind(**{**stored_record(app, kind, kind_of(kind)).model_dump(), **fields})


def owed_nothing(app: AppState) -> str:
    """The client with their message answered; a step is proposed only then."""
    _set(app, Message, "message", replied_at=NOW)
    return "client"


def at_the_last_step(app: AppState) -> str:
    """The client with all steps taken except the last."""
    owed_nothing(app)
    for days, step in enumerate(list(BoundaryStep)[1:5]):
        at = NOW - timedelta(days=12 - days)
        app.store.save(Conversation(id=f"step{step}", client_id="client", step=step, at=at))
    return "client"


def just_made(app: AppState) -> Message:
    """A message whose form is open for the first time."""
    app.just_made.add("message")
    return stored_record(app, Message, "message")  # type: ignore[no-any-return]


def call_on_a_day_off(app: AppState) -> datetime:
    """Time of the next standing call, which falls on a day off."""
    at = NOW + timedelta(days=2)
    off = {"first": at.date().isoformat(), "last": at.date().isoformat(), "label": ""}
    app.store.update(Settings, SETTINGS_ID, lambda settings: set_fields(settings, {"days_off": [off]}))
    return at


def called_off(app: AppState) -> CancelledCall:
    """The next standing call, cancelled by the user."""
    standing.did_not_take_place(app, stored_record(app, Client, "client"), NOW + timedelta(days=2))
    page = standing.load(app, "client")
    assert page is not None
    return page.cancelled[0]


def moved(app: AppState) -> ChangedCall:
    """The next standing call, moved by the user."""
    at = NOW + timedelta(days=2)
    standing.move(app, stored_record(app, Client, "client"), at, at + HOUR)
    page = standing.load(app, "client")
    assert page is not None
    return page.changed[0]


PARAMETER_VALUES: dict[str, Any] = {
    "at": NOW - HOUR / 2,
    "to": NOW + 30 * HOUR,
    "until": NOW + HOUR,
    "promised_at": NOW + HOUR,
    "due_at": NOW + HOUR,
    "text": "Typed",
    "title": "Typed",
    "question_id": "question",
    "checklist_id": "list",
    "line_id": "line",
    "done": True,
    "amount": 100,
    "minutes": 30,
    "stars": 5,
    "rate": 5000,
    "stance": Stance.READY_TO_LEAVE,
    "decision": Decision.KEEP,
    "terms": Terms(call_allowance=3),
    "call_id": "call",
    "client_id": "client",
    "item": lambda app: stored_record(app, Message, "message"),
    "payments": lambda app: queries.payments(app.store, NOW),
}
"""Arguments by parameter name; a function is called with the app. Records are passed by kind instead."""

COMMAND_VALUES: dict[str, dict[str, Any]] = {
    "answers.close": {
        "matter": lambda app: next(each for each in open_with(app, "client", NOW) if each.payment),
        "at": NOW,
    },
    "call.change": {"fields": {"outcome": "voicemail"}},
    "call.keep_typed": {"fields": {"note": "Typed"}},
    "client.set_status": {"status": ClientStatus.PAUSED},
    "client.save": {"edited": lambda app: edited(app, Client, name="Typed")},
    "job.invoiced": {"ids": lambda app: [stored_record(app, Job, "job").id]},
    "job.set_status": {"status": JobStatus.DELIVERED},
    "job.save_text": {"field": "notes"},
    "job.take_back_delivery": {"part": lambda app: stored_record(app, Part, "paid")},
    "job.save": {
        "initial": lambda app: JobWithParts(
            stored_record(app, Job, "job"), [stored_record(app, Part, "part")]
        ),
        "edited": lambda app: JobWithParts(edited(app, Job, title="Typed"), [edited(app, Part, amount=5)]),
    },
    "ladder.said": {"client_id": owed_nothing},
    "ladder.decide": {"client_id": at_the_last_step},
    "ladder.take_back_answer": {
        "conversation": lambda app: _set(app, Conversation, "conversation", outcome="agreed", answered_at=NOW)
    },
    "message.reopen": {"message": lambda app: _set(app, Message, "message", replied_at=NOW)},
    "message.unsnooze": {"message": lambda app: _set(app, Message, "message", snoozed_until=NOW + HOUR)},
    "message.set_replied_at": {"message": lambda app: _set(app, Message, "message", replied_at=NOW)},
    "message.followed_up": {"message": lambda app: stored_record(app, Message, "sent")},
    "message.save": {"edited": lambda app: edited(app, Message, body="Typed")},
    "call.not_answered": {"call": lambda app: _set(app, Call, "call", answered_at=NOW)},
    "scripts.texts.save_script": {
        "stored": lambda app: content.script(app.store, "en", "script"),
        "draft": lambda app: edited(app, Script, body="Typed"),
    },
    "scripts.texts.save_checklist": {
        "stored": lambda app: content.checklist(app.store, "en", "checklist"),
        "draft": lambda app: edited(app, Checklist, title="Typed"),
    },
    "scripts.texts.reset": {"view": lambda app: content.script(app.store, "en", "script")},
    "record.delete_unsaved": {"record": just_made},
    "standing.held": {"at": NOW - timedelta(days=5)},
    "standing.did_not_take_place": {"at": NOW - timedelta(days=5)},
    "standing.keep_on_day_off": {"at": call_on_a_day_off},
    "standing.restore": {"call": called_off},
    "standing.promise": {"at": NOW + timedelta(days=2)},
    "standing.told_of_change": {"changed": moved},
    "standing.settle_without_telling": {"changed": moved},
    "standing.told": {"others": ["call2"]},
    "update.add": {"update": StatusUpdate(id="new", client_id="client", text="Typed", at=NOW)},
    "update.save": {"edited": lambda app: edited(app, StatusUpdate, text="Typed")},
}
"""Arguments of single commands that differ from PARAMETER_VALUES."""

SILENT = {"call.keep_typed", "job.save_text"}
"""Autosaved texts: the screen of a deleted record has already reported the deletion."""


def _set(app: AppState, kind: type[Entity], id_: str, /, **fields: Any) -> Any:
    """The record after these fields are stored."""
    app.store.update(kind, id_, lambda record: set_fields(record, fields))
    return stored_record(app, kind, id_)


def value_of(app: AppState, given: Any) -> Any:
    return given(app) if callable(given) else given


def call(app: AppState, command: Command) -> Callable[[], Any]:
    """The command bound to the arguments that a screen drawn now would pass."""
    given: dict[str, Any] = {}
    several: list[Any] = []
    own = COMMAND_VALUES.get(command.name, {})
    for name, parameter in list(inspect.signature(command.run).parameters.items())[1:]:
        kind = {kind.__name__: kind for kind in KINDS.values()}.get(
            getattr(parameter.annotation, "__name__", "")
        )
        if name in own:
            value = value_of(app, own[name])
        elif parameter.default is not parameter.empty:
            continue
        elif name in PARAMETER_VALUES:
            value = value_of(app, PARAMETER_VALUES[name])
        elif kind is not None:
            value = stored_record(app, kind, kind_of(kind))
        else:
            pytest.fail(f"{command.name} takes {name}: say what, in PARAMETER_VALUES or COMMAND_VALUES")
        if parameter.kind is parameter.VAR_POSITIONAL:
            several = list(value)
        elif parameter.kind is parameter.VAR_KEYWORD:
            given |= value
        else:
            given[name] = value
    return lambda: command.run(app, *several, **given)


def change_behind(app: AppState, known: Container[Key]) -> None:
    """Set the NEWER_FIELDS of every stored record that is in `known`."""
    keys = [key for key in contents(app.store) if key.kind in NEWER_FIELDS and key in known]

    def change(unit: UnitOfWork) -> None:
        for key in keys:
            set_fields(unit.get(KINDS[key.kind], key.id), NEWER_FIELDS[key.kind])

    app.store.transact(change)


def set_fields(record: Entity, fields: Mapping[str, Any]) -> None:
    """Set the fields; a mapping is merged, so its other keys stay."""
    for name, value in fields.items():
        setattr(record, name, {**getattr(record, name), **value} if isinstance(value, dict) else value)


def keeps_newer_fields(fields: Mapping[str, Any], kind: str) -> bool:
    return all(
        fields[name] == value or (isinstance(value, dict) and value.items() <= fields[name].items())
        for name, value in NEWER_FIELDS.get(kind, {}).items()
    )


@pytest.mark.parametrize("command", COMMANDS, ids=[each.name for each in COMMANDS])
def test_a_command_keeps_changes_made_since_its_screen_was_drawn(app: AppState, command: Command) -> None:
    run = call(app, command)
    known = set(contents(app.store))
    change_behind(app, known)
    before = contents(app.store)
    run()
    after = contents(app.store)
    assert after != before
    assert [key for key in known & set(after) if not keeps_newer_fields(after[key], key.kind)] == []


@pytest.mark.parametrize("command", COMMANDS, ids=[each.name for each in COMMANDS])
def test_undo_reverts_only_what_its_command_changed(
    app: AppState, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = call(app, command)
    before = contents(app.store)
    made: list[Change] = []
    for name in ("transact", "delete"):
        write = getattr(app.store, name)
        monkeypatch.setattr(
            app.store, name, lambda *given, write=write: made.append(write(*given)) or made[-1]
        )
    run()
    (change,) = made
    monkeypatch.undo()
    created = set(contents(app.store)) - set(before)
    deleted = set(before) - set(contents(app.store))
    change_behind(app, before)
    undone = app.store.undo(change)
    assert undone
    after = contents(app.store)
    assert not created & set(after)
    for key, fields in before.items():
        newer = {} if key in deleted else NEWER_FIELDS.get(key.kind, {})
        expected = {**fields, **newer}
        assert {name: after[key][name] for name in expected} == expected, key


@pytest.mark.parametrize("command", COMMANDS, ids=[each.name for each in COMMANDS])
def test_a_command_on_a_deleted_record_reports_it_and_restores_nothing(
    app: AppState, command: Command
) -> None:
    run = call(app, command)
    for kind in (Client, Script, Checklist):
        app.store.delete(stored_record(app, kind, kind_of(kind)))
    before = contents(app.store)
    run()
    assert contents(app.store) == before
    if (
        command.name.rpartition(".")[2] not in {"delete", "delete_part", "reset"}
        and command.name not in SILENT
    ):
        assert said(app).text == "This was deleted meanwhile. Nothing was changed."


def test_every_screen_with_a_command_is_tested() -> None:
    tested = {each.name.split(".")[0] for each in COMMANDS}
    assert tested >= {"message", "call", "job", "client", "update", "ladder", "standing", "answers", "items"}


def test_no_screen_overwrites_a_whole_record() -> None:
    """`Store.update` and `Store.transact` read the stored record; `save` would overwrite newer changes."""
    found = [
        f"{path.relative_to(APP)}:{node.lineno}"
        for folder in ("ui", "viewmodels")
        for path in sorted((APP / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"save", "save_all"}
        if isinstance(node.value, ast.Attribute | ast.Name)
        and (getattr(node.value, "attr", "") or getattr(node.value, "id", "")) == "store"
    ]
    assert [each for each in found if not each.startswith("viewmodels/file_import.py")] == []

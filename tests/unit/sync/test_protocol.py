"""docs/protocol.md agrees with what the app stores, accepts and computes for records and reminders."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain import codes
from app.domain.entities import KINDS, Client, Entity, Job, Message, Part
from app.domain.languages import LANGUAGES
from app.domain.validation import check_value
from app.platform.native import NativeSealer
from app.reminders.plan import PlanLimits, Reminder, Wording, _reminder
from app.reminders.planner import planned_reminders
from app.reminders.triggers import LOW_URGENCY, ReminderKind, ReminderTrigger
from app.store import content as store_content
from app.store import sample
from app.store.changes import RecordState
from app.store.database import open_database
from app.store.records import DEVICE, defaults
from app.store.rules import LARGEST, LINKS, PARENTS
from app.store.store import Store
from app.store.sync.events import EVENT, outcome
from app.store.sync.record_states import has_valid_id
from app.sync import keys, wire
from app.sync.reminder_plan import PlanContext, ReminderPlanSync, content, notification
from app.sync.sealing import seal_reminders
from tests.unit.store.support import NOON
from tests.unit.sync.people import word
from tests.unit.sync.support import run

PROTOCOL = (Path(__file__).resolve().parents[3] / "docs" / "protocol.md").read_text()
CODES = {
    str(member)
    for enum in vars(codes).values()
    if isinstance(enum, type) and issubclass(enum, codes.StrEnum) and enum is not codes.StrEnum
    for member in enum
} | set(LANGUAGES)
# For structured types: a valid and an invalid value.
SHAPES: dict[str, tuple[Any, Any]] = {
    "channels": ([{"kind": "email", "handle": ""}], [{"kind": "email"}]),
    "weekly hours": ({"0": [["09:00", "24:00"]]}, {"7": []}),
    "questions": ([{"id": "q", "text": "?", "asked_at": None, "answered_at": None}], [{"id": "q"}]),
    "ticks": ({"list": ["item"]}, {"list": [1]}),
    "call changes": ({"2026-06-10T09:30:00+00:00": None}, {"2026-06-10T09:30:00+00:00": "tomorrow"}),
    "call times": (
        {"2026-06-10T09:30:00+00:00": "2026-06-11T09:30:00+00:00"},
        {"2026-06-10T09:30:00+00:00": None},
    ),
    "items": ([{"id": "i", "text": "Do it"}], [{"id": "i"}]),
    "days off": ([{"first": "2026-08-01", "last": "2026-08-31", "label": ""}], [{"first": "2026-08-01"}]),
    "list of instants": (["2026-06-10T09:30:00+00:00"], ["2026-06-10T09:30:00"]),
    "list of two local times, or empty": (["20:00", "08:00"], ["20:00"]),
    "list of at most 5 numbers": ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]),
    "recurrence": ("FREQ=WEEKLY;BYDAY=TU", "FREQ=SECONDLY"),
    "two capital letters (ISO 3166-1), or empty": ("JP", "Japan"),
    "list of at most 100 texts, each at most 200 characters": (["あ" * 200] * 100, ["Labour Day"] * 101),
    "time zone": ("Asia/Tokyo", ""),
    "time zone, or empty": ("", "Asia/Nowhere"),
    "currency": ("JPY", ""),
    "currency, or empty": ("", "yen"),
}
FREE = {"instant", "instant or null", "text", "id", "id or null", "true or false", "true or false, or null"}


def section(title: str) -> str:
    """The text under a heading, up to the next heading of the same or a higher level."""
    level = title.partition(" ")[0]
    found = re.search(
        rf"^{re.escape(title)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", PROTOCOL, re.MULTILINE | re.DOTALL
    )
    assert found, title
    return found[1]


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table with this header line."""
    _before, found, table = text.partition(f"{heading}\n")
    assert found, heading
    lines = table.splitlines()[1:]
    table_lines = lines[: next((number for number, line in enumerate(lines) if line[:1] != "|"), len(lines))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table_lines]


def fields_of_kind(kind: str) -> list[list[str]]:
    return rows(section(f"### `{kind}`"), "| field | value | default | meaning |")


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture
def vector() -> dict[str, Any]:
    (written,) = re.findall(r"```json\n(.*?)```", section("### The id and group of a reminder"), re.DOTALL)
    found: dict[str, Any] = json.loads(written)
    return found


# --- records ---------------------------------------------------------------------------------------------


def test_every_kind_is_documented() -> None:
    described = re.findall(r"^### `(\w+)`$", section("## Records"), re.MULTILINE)
    assert described == [*KINDS, EVENT, DEVICE]


@pytest.mark.parametrize("kind", KINDS)
def test_documented_fields_and_defaults_match_the_entity(kind: str) -> None:
    documented = {named(name)[0]: default for name, _value, default, _meaning in fields_of_kind(kind)}
    made_at_once = {name: value for name, value in defaults(kind).items() if documented.get(name) != "now"}
    assert list(documented) == list(defaults(kind))
    assert {n: json.loads(named(d)[0]) for n, d in documented.items() if d != "now"} == made_at_once
    for name in documented.keys() - made_at_once.keys():
        age = datetime.now(UTC) - datetime.fromisoformat(defaults(kind)[name])
        assert age < timedelta(minutes=5)


@pytest.mark.parametrize("kind", KINDS)
def test_fields_accept_exactly_the_documented_values(kind: str) -> None:
    entity = KINDS[kind]
    for name, value, _default, _meaning in fields_of_kind(kind):
        field = named(name)[0]
        assert (type(None) in allowed_types(entity, field)) == ("null" in value), field
        check_documented(entity, field, value)


def allowed_types(entity: type[Entity], field: str) -> tuple[Any, ...]:
    annotation = entity.model_fields[field].annotation
    return getattr(annotation, "__args__", (annotation,)) if "|" in str(annotation) else (annotation,)


def check_documented(entity: type[Entity], field: str, value: str) -> None:
    def refused(each: Any) -> bool:
        return check_value(entity, field, each) != []

    if value.startswith("code"):
        assert {code for code in CODES if not refused(code)} == set(named(value)), field
    elif found := re.fullmatch(r"number(?: or null)?, (-?\d+) to (\d+)", value):
        least, most = int(found[1]), int(found[2])
        assert most <= LARGEST
        assert [refused(each) for each in (least - 1, least, most, most + 1)] == [True, False, False, True], (
            field
        )
    elif found := re.fullmatch(r"text, (1 to|at most) (\d+) characters", value):
        longest = int(found[2])
        assert [refused("字" * length) for length in (longest, longest + 1)] == [False, True], field
        assert refused("") == (found[1] == "1 to"), field
    elif value in SHAPES:
        good, bad = SHAPES[value]
        assert (refused(good), refused(bad)) == (False, True), field
    else:
        assert value in FREE, field
        types = set(allowed_types(entity, field)) - {type(None)}
        expected = {"instant": datetime, "true or false": bool}.get(re.split(",? or null", value)[0], str)
        assert types == {expected}, field


def test_documented_parents_and_links_match_the_store() -> None:
    text = section("## Records")
    parents = {
        kind: named(owner)[0]
        for kinds, owner, by in rows(text, "| kind | belongs to | by |")
        for kind in named(kinds)
        if named(by)[0] == f"{named(owner)[0]}_id"
    }
    assert parents == PARENTS
    links = [tuple(named(cell)[0] for cell in row) for row in rows(text, "| kind | link | to |")]
    assert links == list(LINKS)


def test_only_settings_have_the_settings_id() -> None:
    assert "its id is `settings`" in section("### `settings`")
    assert has_valid_id(RecordState("settings", "settings"))
    assert not has_valid_id(RecordState("other", "settings"))
    assert not has_valid_id(RecordState("settings", "client"))


def test_copies_of_built_in_texts_have_the_documented_ids() -> None:
    store = Store(open_database(":memory:"), lambda: NOON)
    script, checklist = store_content.scripts(store, "fr")[0], store_content.checklists(store, "ja")[0]
    store_content.save_copy(store, script, "Titre", "Texte")
    store_content.save_checklist_copy(store, checklist, "題", checklist.items)
    forms = {each for each in named(section("## Records")) if each.startswith(("script-", "checklist-"))}
    expected = {
        form.replace("<language>", view.language).replace("<builtin_id>", view.builtin_id)
        for form in forms
        for view in (script, checklist)
        if form.startswith("script") == (view is script)
    }
    assert {each.state.id for each in store.sync_store.outgoing(10)} == expected


@pytest.mark.parametrize(
    ("action", "kind", "expected"),
    [
        ("replied", "message", {"replied_at": "at", "snoozed_until": None}),
        ("snooze", "message", {"snoozed_until": "until"}),
        ("snooze", "job", {"snoozed_until": "until"}),
        ("replied", "job", None),
        ("archive", "message", None),
    ],
)
def test_events_set_the_documented_fields(
    action: str, kind: str, expected: dict[str, str | None] | None
) -> None:
    clock = "1781092800000-0000-0123abcd"
    documented = [row[:1] for row in rows(section("### `event`"), "| field | value |")]
    values = {
        "item": [kind, "m1"],
        "action": action,
        "at": "2026-06-10T09:30:00+00:00",
        "until": "2026-06-10T10:30:00+00:00",
    }
    assert [named(cell)[0] for (cell,) in documented] == list(values)
    result = outcome(RecordState("e1", EVENT, {name: [value, clock] for name, value in values.items()}))
    in_table = {
        each
        for act, of, _sets in rows(section("### `event`"), "| action | of | sets |")
        for each in ((named(act)[0], target) for target in named(of))
    }
    assert ((action, kind) in in_table) == (expected is not None)
    if expected is None:
        assert result is None
        return
    assert result is not None
    stamped = {name: [source and values[source], clock] for name, source in expected.items()}
    assert (result.id, result.kind, result.fields) == ("m1", kind, stamped)


# --- reminders -------------------------------------------------------------------------------------------


def test_ids_and_groups_of_the_vector_are_hmacs_of_the_input(vector: dict[str, Any]) -> None:
    key = bytes.fromhex(vector["reminders"])
    for text, hashed in [(vector["thing"], vector["group"]), (vector["input"], vector["id"])]:
        assert hmac.new(key, text.encode(), hashlib.sha256).digest()[:16].hex() == hashed
    assert json.loads(vector["input"])[0] == vector["thing"]
    assert keys.derive(bytes.fromhex(vector["key"])).reminders == key


def test_the_box_of_the_vector_contains_its_plaintext(vector: dict[str, Any]) -> None:
    sealing = keys.derive(bytes.fromhex(vector["key"])).sealing
    box = wire.decode(vector["box"])
    assert vector["associated"] == f"reminder:{vector['id']}"
    plain = AESGCM(sealing).decrypt(box[:12], box[12:], vector["associated"].encode())
    assert plain.decode() == vector["plain"]


def test_the_app_reproduces_the_vector(vector: dict[str, Any]) -> None:
    """From trigger to result: the id, the group, and the plaintext byte by byte."""
    shown = json.loads(vector["plain"])
    thing, rule, at, _said = json.loads(vector["input"])
    reminder = reminder_of(thing, ReminderKind(rule), datetime.fromisoformat(at), shown)
    derived = keys.derive(bytes.fromhex(vector["key"]))
    plan = ReminderPlanSync(derived.reminders)
    assert (reminder.group, reminder.key) == (vector["thing"], vector["input"])
    assert (plan.name(reminder.group), plan.name(reminder.key)) == (vector["group"], vector["id"])
    made = plan._content(reminder, PlanContext(shown["lang"], shown["clock"]))
    (box,) = run(seal_reminders(NativeSealer(derived.sealing), [(vector["id"], made)]))
    opened = AESGCM(derived.sealing).decrypt(box[:12], box[12:], vector["associated"].encode())
    assert opened.decode() == vector["plain"]


def reminder_of(thing: str, rule: ReminderKind, at: datetime, shown: dict[str, Any]) -> Reminder:
    """The planned reminder of a trigger, with the text of a notification."""
    message = Message(id=shown["item"][1], client_id="c1")
    until = datetime.fromisoformat(shown["until"])
    trigger = ReminderTrigger(rule, thing, at, at, until, "c1", message=message)
    actions = tuple((each["action"], each["title"]) for each in shown["actions"])
    return _reminder(trigger, Wording(shown["title"], shown["body"], actions), shown["badge"])


def test_the_input_is_escaped_as_documented() -> None:
    """Characters that JSON libraries escape differently."""
    said = 'a "b" \\ \n \x1f \x7f \u2028 é 字 😀 </'
    shown = {"item": ["message", "m"], "actions": [], "title": said, "body": "", "badge": 0}
    shown["until"] = NOON.isoformat()
    key = reminder_of("message:m/reply", ReminderKind.REPLY_HALF, NOON, shown).key
    escaped = 'a \\"b\\" \\\\ \\n \\u001f \x7f \u2028 é 字 😀 </'
    assert key == f'["message:m/reply", "reply_half", "{NOON.isoformat()}", ["{escaped}", ""]]'


def test_all_members_of_a_push_are_documented(vector: dict[str, Any]) -> None:
    text = section("## Reminders")
    described = [name for cells in rows(text, "| member | value |") for name in named(cells[0])]
    assert described == list(json.loads(vector["plain"]))
    tested = {"v", *content(Wording("Hello", ""), "en"), "tag", "path"}
    (of_a_test,) = re.findall(r"Its plaintext has (.*?)\(`/`\)", text, re.DOTALL)
    assert set(named(of_a_test)) - {"test"} == tested


def test_documented_rules_things_and_urgencies_match_the_plan() -> None:
    forms: dict[str, tuple[list[str], str]] = {}
    for rules, things, urgency in rows(
        section("### The id and group of a reminder"), "| rule | thing | urgency |"
    ):
        for rule in named(rules):
            forms[rule] = (named(things), named(urgency)[0])
    # Reminders of several overdue items exist only as a device's own alarms, not on the server.
    planned = set(ReminderKind) - {ReminderKind.SEVERAL_OVERDUE}
    assert forms.keys() == planned
    assert {rule for rule, (_, urgency) in forms.items() if urgency == "normal"} == LOW_URGENCY
    seen = set()
    for reminder in reminders_of_all_rules():
        seen.add(reminder.rule)
        things, urgency = forms[reminder.rule]
        assert reminder.urgency == urgency
        if reminder.rule is not ReminderKind.SNOOZE_OVER:
            assert any(re.fullmatch(form_of(thing), reminder.group) for thing in things), reminder.group
    assert seen == planned


def form_of(documented: str) -> str:
    """The pattern of a documented value of `thing`, such as `job:<id>/deadline:<deadline>`."""
    pattern = documented.replace("<id>", r"[a-z0-9-]+").replace("<how many there were>", r"\d+")
    return re.sub(r"<\w+>", r"\\d{8}T\\d{6}", pattern)


def reminders_of_all_rules() -> list[Reminder]:
    """The plan of the sample data, with more records for the rules that it does not cover."""
    store = Store(open_database(":memory:"), lambda: NOON)
    sample.load_sample(store, "en", NOON)
    hour, day = timedelta(hours=1), timedelta(days=1)
    store.save(
        Client(id="c", name="Ana", standing_call_rule="FREQ=WEEKLY;BYDAY=TU", standing_call_start=NOON),
        Message(id="late", client_id="c", at=NOON - 9 * day),
        Message(id="soon", client_id="c", at=NOON - hour, due_at=NOON + 5 * hour),
        Message(
            id="promise", client_id="c", at=NOON - day, acknowledged_at=NOON, promised_at=NOON + 5 * hour
        ),
        Message(id="snoozed", client_id="c", at=NOON - 2 * day, snoozed_until=NOON + hour),
        Client(id="d", name="Bo"),
        Message(id="out", client_id="d", at=NOON, direction="out"),
        Job(id="whole", client_id="c", started_at=NOON, deadline=NOON + 9 * day),
        Job(id="parted", client_id="c", started_at=NOON),
        Part(id="p", job_id="parted", due_at=NOON + 9 * day),
    )
    found = planned_reminders(store, NOON, word)
    # A truncated plan ends with the reminder to open the app.
    return [*found, *planned_reminders(store, NOON, word, PlanLimits(count=3))]


def test_reminder_paths_match_the_documentation() -> None:
    (paths,) = [
        cells[1] for cells in rows(section("## Reminders"), "| member | value |") if "path" in cells[0]
    ]
    forms = [form_of(path) for path in named(paths)]
    for reminder in reminders_of_all_rules():
        shown = notification(reminder, PlanContext("en", "1781092800000-0000-nodea"))
        assert any(re.fullmatch(form, shown["path"]) for form in forms), shown["path"]
        kind, id_ = reminder.item
        assert shown["path"] == (f"/{kind}/{id_}" if kind else "/")

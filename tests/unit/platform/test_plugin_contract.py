"""The fake in alarm_system.py compared with the Dart of the installed flet-notifications.

A new release fails here first. Read its changes, adapt the fake, then update the digests.
"""

import asyncio
import hashlib
import json
import re
import sysconfig
import tempfile
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from app.platform.phone import STORAGE
from tests.unit.platform.alarm_system import FLAGS, HOUR, Phone, Plugin, System, alarm

ROOT = Path(__file__).parents[3]
DART = Path(sysconfig.get_paths()["purelib"]) / "flutter" / "flet_notifications" / "lib" / "src"
SERVICE = (DART / "notifications_service.dart").read_text(encoding="utf-8")
RELEASE = "0.1.4"
DIGESTS = {
    "notifications_service.dart": "59e802fd0173f79c82780c7bfdfbad948b876f2d7856a88c1ed9986dfef3ef2b",
    "background_handler.dart": "d3933a3dcb0cf0796981429cba693a23330716dbb095dd106fc2a672fede6638",
    "scheduling.dart": "02f2803523118051255ad796a7ad4347f24ec0629f876b9ef191f2a9609557a4",
    "parsers.dart": "61aae8613abadf1d2a31e15b32bf3dd2a1807768cbb38182be33890960185c99",
}


def body(name: str, source: str = SERVICE) -> str:
    """The source of a method of the service."""
    found = re.search(rf"^  \S[^\n]*\b{name}\(.*?^  \}}$", source, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[0]


def test_the_installed_release_is_the_one_the_fake_follows() -> None:
    assert version("flet-notifications") == RELEASE
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [each for each in project["project"]["dependencies"] if each.startswith("flet-notifications")]
    assert [each.partition(";")[0].strip() for each in wanted] == [f"flet-notifications=={RELEASE}"]
    for lock in ("run", "dev"):
        text = (ROOT / "build" / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
        assert f"\nflet-notifications=={RELEASE} " in text


@pytest.mark.parametrize("name", DIGESTS)
def test_the_dart_of_the_plug_in_is_unchanged(name: str) -> None:
    assert hashlib.sha256((DART / name).read_bytes()).hexdigest() == DIGESTS[name]


def test_the_release_of_flutter_local_notifications_is_22() -> None:
    needs = (DART.parents[1] / "pubspec.yaml").read_text(encoding="utf-8")
    assert "flutter_local_notifications: ^22." in needs


def test_every_method_of_the_fake_exists_in_the_plug_in() -> None:
    cases = set(re.findall(r'case "(\w+)":', body("_dispatch")))
    assert set(Plugin(System(), dict).methods) <= cases


@pytest.mark.parametrize("method", ["_buildInitializationSettings", "_requestPermissions"])
def test_ios_permissions_are_those_the_control_names_at_that_time(method: str) -> None:
    read = re.findall(r'control\.getBool\(\s*"(\w+)",\s*(true|false),?\s*\)', body(method))
    assert {name: default == "true" for name, default in read} == FLAGS


def test_each_notification_with_buttons_initialises_the_plug_in_again() -> None:
    assert "await _registerDarwinCategories(id, actions)" in body("_buildNotificationDetails")
    registering = body("_registerDarwinCategories")
    assert "_plugin?.initialize(" in registering
    assert "_darwinCategories[id] = [" in registering


def sent() -> dict[str, dict[str, Any]]:
    """The arguments of the first call of each method, as our code sends them through Flet."""
    calls: dict[str, dict[str, Any]] = {}

    async def run() -> None:
        phone = Phone(System())
        plugin = phone.screen.services["LocalNotifications"]

        def note(name: str, arguments: dict[str, Any]) -> Any:
            calls.setdefault(name, arguments)
            return plugin(name, arguments)

        phone.screen.services["LocalNotifications"] = note
        ours = (await phone.start()).notifications
        await ours.state()
        await ours.ask()
        await ours.ask_punctual()
        await ours.name("Reminders", "What they are")
        await ours.set_alarms([alarm("a", 1), alarm("b", 2)])
        phone.system.advance(HOUR)
        await ours.withdraw(["a"])
        ours.show({"title": "t", "body": "b", "tag": "test", "path": "/"})
        await asyncio.sleep(0.05)

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.delenv("KAERU_DATA", raising=False)
        patch.setenv(STORAGE, folder)
        asyncio.run(asyncio.wait_for(run(), 20))
    return calls


SENT = sent()


def test_our_code_uses_every_method_of_the_fake() -> None:
    assert set(SENT) == set(Plugin(System(), dict).methods)


@pytest.mark.parametrize("name", ["schedule", "show", "cancel", "create_notification_channel"])
def test_the_plug_in_reads_every_argument_we_send(name: str) -> None:
    reader = {"create_notification_channel": "_createChannel", "cancel": "_dispatch"}.get(name, f"_{name}")
    sources = body(reader) + body("_buildNotificationDetails") + body("_platformOptions")
    sources += (DART / "scheduling.dart").read_text(encoding="utf-8")
    read = set(re.findall(r'(?:map|d|args|details\?|when|const \{\}\))\["(\w+)"\]', sources))
    # `options` is read by platform; the members of `when` are read by parseWhen.
    assert set(SENT[name]) <= read | {"options"}


@pytest.mark.parametrize(
    ("platform", "reader"), [("android", "_buildNotificationDetails"), ("iOS", "_mapDarwinDetails")]
)
def test_the_plug_in_reads_every_option_we_send(platform: str, reader: str) -> None:
    read = set(re.findall(r'(?:androidOptions|o)\["(\w+)"\]', body(reader)))
    options = SENT["schedule"]["options"][platform]
    assert set(options) <= read
    assert options


@pytest.mark.parametrize(
    ("value", "mapping"),
    [("category", "_mapCategory"), ("importance", "_mapImportance"), ("priority", "_mapPriority")],
)
def test_the_plug_in_knows_every_value_we_send(value: str, mapping: str) -> None:
    assert f'case "{SENT["schedule"]["options"]["android"][value]}":' in body(mapping)


def test_the_plug_in_falls_back_to_the_exact_mode_for_unknown_modes() -> None:
    modes = (DART / "scheduling.dart").read_text(encoding="utf-8")
    assert 'case "inexactAllowWhileIdle":' in modes
    assert re.search(r"default:\s+return fln\.AndroidScheduleMode\.exactAllowWhileIdle", modes)
    assert SENT["schedule"]["schedule_mode"] == "exactAllowWhileIdle"


@pytest.mark.parametrize(("name", "reader"), [("get_pending", "_getPending"), ("get_active", "_getActive")])
def test_the_fake_answers_with_the_plug_ins_fields(name: str, reader: str) -> None:
    system = System()
    schedule = SENT["schedule"]
    system.pending[1] = schedule
    system.notify(schedule)
    (answered,) = json.loads(Plugin(system, dict).methods[name]({}))
    assert set(answered) == set(re.findall(r'^ +"(\w+)": [ap]\.', body(reader), re.MULTILINE))


def test_the_fake_uses_the_error_texts_of_the_plug_in() -> None:
    for refusal in ("error:schedule_failed:", "error:unsupported_platform:channels are Android-only"):
        assert refusal in SERVICE


def test_the_plug_in_reports_an_answer_once_and_deletes_it() -> None:
    """Our side therefore stores it; see app/platform/answers.py."""
    handler = (DART / "background_handler.dart").read_text(encoding="utf-8")
    assert "await prefs.remove(key);" in handler
    assert {"action_id", "payload"} <= set(re.findall(r'^ +"(\w+)": ', handler, re.MULTILINE))

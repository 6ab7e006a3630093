"""What rings after a restart of an Android phone: our receiver, run between stand-ins of Android."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import phone_project
import pytest

STAND_INS = Path(__file__).parent / "android"
JSON = Path("/usr/share/java/com.android.json.jar")  # Android's org.json; build/environment.py installs it
MINUTE = 60 * 1000


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The class path of the compiled receiver."""
    folder = tmp_path_factory.mktemp("classes")
    sources = [*phone_project.JAVA.glob("*.java"), *STAND_INS.rglob("*.java")]
    command = ["javac", "-Xlint:all", "-Werror", "-cp", JSON, "-d", folder, *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return f"{folder}:{JSON}"


def restart(classes: str, *listed: str) -> str:
    """What the plug-in finds on its list then."""
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", classes, "app.kaeru.alarms.Restart", *listed]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def alarm(id_: int, minutes: float, thing: str, until: float = 600) -> dict[str, Any]:
    """An alarm on the plug-in's list, due so many minutes from now."""
    now = int(time.time() * 1000)
    payload = {
        "at": int(now + minutes * MINUTE), "until": int(now + until * MINUTE), "shown": f"17/{thing}",
    }  # fmt: skip
    return {"id": id_, "title": "日本 / “quoted”", "silent": False, "payload": json.dumps(payload)}


def test_after_a_weekend_off_each_thing_is_shown_once_in_silence(classes: str) -> None:
    before = [
        *(alarm(n, -3000 + 60 * n, "message:m/reply") for n in range(40)),
        alarm(50, -2000, "client:c/call", until=-1900),
        alarm(51, -500, "job:j/deadline"),
        alarm(52, 30, "message:m/reply"),
    ]
    after = json.loads(restart(classes, json.dumps(before)))
    assert {each["id"]: each["silent"] for each in after} == {39: True, 51: True, 52: False}
    assert after[-1] == before[-1]


def test_what_fell_due_while_the_phone_restarted_rings(classes: str) -> None:
    before = [alarm(1, -3, "message:m/reply"), alarm(2, -10, "message:n/reply")]
    assert json.loads(restart(classes, json.dumps(before))) == before


@pytest.mark.parametrize("payload", ["", "no JSON", "{}", '{"at": "x"}', "[]"])
def test_what_is_not_ours_is_left_alone(classes: str, payload: str) -> None:
    before = [{"id": 1, "title": "t", "payload": payload}, {"id": 2, "title": "no payload"}]
    assert json.loads(restart(classes, json.dumps(before))) == before


def test_a_list_that_cannot_be_read_is_left_to_the_plug_in(classes: str) -> None:
    assert restart(classes, "[{") == "[{"


def test_without_a_list_there_is_nothing_to_do(classes: str) -> None:
    assert restart(classes) == "none"

"""What a machine lacks to build the phone app: all of it said at once, before anything is built."""

import subprocess
import sys
from pathlib import Path

import phone
import phone_needs
import pytest

ROOT = Path(phone.ROOT)


def nothing(_command: str) -> None:
    return None


def everything(command: str) -> str:
    return f"/bin/{command}"


@pytest.mark.parametrize(
    ("target", "system", "said"),
    [
        ("apk", "linux", ["Flutter 3", "The Android SDK is missing", "Java is missing"]),
        ("aab", "linux", ["Flutter 3", "The Android SDK", "Java is missing", "takes signed bundles only"]),
        ("ipa", "linux", ["Flutter 3", "on a Mac only"]),
        (
            "ipa",
            "darwin",
            ["Flutter 3", "Xcode is missing", "CocoaPods", "must be signed: set KAERU_IOS_PROFILE"],
        ),
    ],
)
def test_all_that_is_missing_is_said_at_once(target: str, system: str, said: list[str]) -> None:
    found = phone_needs.missing(target, {}, nothing, system)
    assert len(found) == len(said)
    for sentence, part in zip(found, said, strict=True):
        assert part in sentence
        assert sentence.endswith(".")


def test_a_complete_machine_lacks_nothing(tmp_path: Path) -> None:
    (tmp_path / "platforms").mkdir()
    (tmp_path / "upload.jks").touch()
    environment = {"ANDROID_HOME": str(tmp_path), phone_needs.KEY_STORE: str(tmp_path / "upload.jks")}
    environment[phone_needs.KEY_STORE_PASSWORD] = "secret"
    assert phone_needs.missing("apk", {"ANDROID_HOME": str(tmp_path)}, everything, "linux") == []
    assert phone_needs.missing("aab", environment, everything, "linux") == []
    signing = dict.fromkeys(phone_needs.IOS_SIGNING, "given")
    assert phone_needs.missing("ipa", signing, everything, "darwin") == []


def test_a_key_store_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "platforms").mkdir()
    environment = {"ANDROID_HOME": str(tmp_path), phone_needs.KEY_STORE: str(tmp_path / "none.jks")}
    (gone,) = phone_needs.missing("aab", environment, everything, "linux")
    assert "none.jks" in gone
    (tmp_path / "none.jks").touch()
    (closed,) = phone_needs.missing("aab", environment, everything, "linux")
    assert phone_needs.KEY_STORE_PASSWORD in closed


def test_the_command_says_it_and_builds_nothing() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "build" / "phone.py", "ipa"], capture_output=True, text=True, check=False,
        env={"PATH": ""},
    )  # fmt: skip
    assert done.returncode == 1
    assert all(line.startswith("kaeru: ") for line in done.stderr.splitlines())
    assert "Flutter" in done.stderr

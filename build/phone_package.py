"""Looks into a finished package: whether it is what a store takes and what pyproject.toml says.

`python build/phone_package.py <package>` for one that was built elsewhere; build/phone.py does it after each
build. Of an AAB only the native code is looked at: its manifest is in a form of Google's own.
"""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import phone_project

PAGE = 16 * 1024
"""Bytes: Google Play refuses native code of 64 bits that cannot be loaded in pages of this size."""
WIDE = ("arm64-v8a", "x86_64")
RECEIVERS = (
    "com.dexterous.flutterlocalnotifications.ScheduledNotificationReceiver",
    phone_project.BOOT_RECEIVER,
)
# Of libraries: androidx.core declares it for the app itself, so that no other app can send to its receivers.
LIBRARY_PERMISSIONS = re.compile(r".*\.DYNAMIC_RECEIVER_NOT_EXPORTED_PERMISSION")
IOS_SDK = 26
"""The least that App Store Connect takes since April 2026."""
LOADED = 1  # PT_LOAD of elf.h


def problems(package: Path, settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with an apk, aab or ipa, each in a sentence; `settings` are all of pyproject.toml."""
    with zipfile.ZipFile(package) as archive:
        if package.suffix == ".ipa":
            return list(_ipa(archive, settings["tool"]))
        found = list(_native_code(archive))
    if package.suffix == ".apk":
        found += _apk(package, settings["tool"]["flet"]["android"])
    return found


# --- Android ---------------------------------------------------------------------------------------------


def _native_code(archive: zipfile.ZipFile) -> Iterator[str]:
    for entry in archive.infolist():
        if not re.search(rf"(^|/)lib/({'|'.join(WIDE)})/[^/]+\.so$", entry.filename):
            continue
        code = archive.read(entry)
        if not code.startswith(b"\x7fELF"):
            continue  # Flet's Python packs other files under this name
        if any(alignment % PAGE for alignment in _alignments(code)):
            yield f"{entry.filename} cannot be loaded in pages of 16 KB."
        # Play unpacks a bundle and aligns what it makes of it; what is compressed is unpacked on the phone.
        is_mapped = entry.compress_type == zipfile.ZIP_STORED and str(archive.filename).endswith(".apk")
        if is_mapped and _start(archive, entry) % PAGE:
            yield f"{entry.filename} does not begin at a page of 16 KB in the package."


def _alignments(code: bytes) -> Iterator[int]:
    """Of the parts of a library that are loaded (ELF of 64 bits, little-endian)."""
    (table,) = struct.unpack_from("<Q", code, 32)
    size, count = struct.unpack_from("<HH", code, 54)
    for index in range(count):
        (kind,) = struct.unpack_from("<I", code, table + index * size)
        if kind == LOADED:
            yield struct.unpack_from("<Q", code, table + index * size + 48)[0]


def _start(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Where an entry's bytes begin in the file."""
    assert archive.fp is not None  # noqa: S101 - it is open
    archive.fp.seek(entry.header_offset + 26)
    name, extra = struct.unpack("<HH", archive.fp.read(4))
    return int(entry.header_offset + 30 + name + extra)


def _apk(package: Path, android: Mapping[str, Any]) -> Iterator[str]:
    tool = aapt2()
    if tool is None:
        yield "aapt2 is missing, so the manifest was not looked at: it is in the Android SDK's build-tools."
        return
    command = [tool, "dump", "xmltree", str(package), "--file", "AndroidManifest.xml"]
    manifest = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wanted = {name for name, is_wanted in android["permission"].items() if is_wanted}
    asked = set(_names(manifest, "uses-permission"))
    asked = {name for name in asked if not LIBRARY_PERMISSIONS.fullmatch(name)}
    for name in sorted(asked - wanted):
        yield f"It asks for {name}, which pyproject.toml does not name."
    for name in sorted(wanted - asked):
        yield f"It does not ask for {name}."
    receivers = set(_names(manifest, "receiver"))
    for name in RECEIVERS:
        if name not in receivers:
            yield f"{name} is not in its manifest: no alarm rings without it."
    if phone_project.PLUGIN_BOOT_RECEIVER in receivers:
        yield f"{phone_project.PLUGIN_BOOT_RECEIVER} is in its manifest: late alarms ring all at once."
    target = re.search(r"targetSdkVersion\(0x\w+\)=(\w+)", manifest)
    wanted_target = android["target_sdk_version"]
    if target is None or int(target[1], 0) != wanted_target:
        yield f"Its target SDK is {target[1] if target else 'not named'}, not {wanted_target}."


def _names(manifest: str, element: str) -> list[str]:
    """The android:name of each such element, as aapt2 prints a manifest."""
    return re.findall(rf"E: {element} \(.*?android:name\(0x\w+\)=\"([^\"]+)\"", manifest, re.DOTALL)


def aapt2() -> str | None:
    """On the PATH, or the newest in the Android SDK."""
    sdk = Path(os.environ.get("ANDROID_HOME") or os.environ.get("ANDROID_SDK_ROOT") or "/nowhere")
    found = sorted((_numbers(path.parent.name), str(path)) for path in sdk.glob("build-tools/*/aapt2"))
    return shutil.which("aapt2") or (found[-1][1] if found else None)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


# --- iOS -------------------------------------------------------------------------------------------------


def _ipa(archive: zipfile.ZipFile, tool: Mapping[str, Any]) -> Iterator[str]:
    names = archive.namelist()
    apps = sorted({found[0] for name in names if (found := re.match(r"Payload/[^/]+\.app/", name))})
    if len(apps) != 1:
        yield f"It holds {len(apps)} apps."
        return
    app = apps[0]
    yield from _information(_property_list(archive, f"{app}Info.plist"), tool)
    if _property_list(archive, f"{app}{phone_project.PRIVACY_FILE}") != phone_project.PRIVACY:
        yield f"Its {phone_project.PRIVACY_FILE} is missing or another one."
    frameworks = {
        found[0] for name in names if (found := re.match(rf"{app}Frameworks/[^/]+\.framework/", name))
    }
    for signed in (app, *sorted(frameworks)):
        if f"{signed}_CodeSignature/CodeResources" not in names:
            yield f"{signed.removeprefix(app) or 'It'} is not signed."


def _information(information: Mapping[str, Any], tool: Mapping[str, Any]) -> Iterator[str]:
    sdk = str(information.get("DTSDKName", ""))
    found = re.match(r"iphoneos(\d+)", sdk)
    if found is None or int(found[1]) < IOS_SDK:
        yield f"It was built with {sdk or 'an unknown SDK'}; the App Store takes iOS {IOS_SDK} and later."
    if information.get("MinimumOSVersion") != tool["kaeru"]["ios"]["minimum_version"]:
        yield f"It asks for iOS {information.get('MinimumOSVersion')}."
    for key, value in tool["flet"]["ios"]["info"].items():
        if information.get(key) != value:
            yield f"Its Info.plist says {key} = {information.get(key)!r}, not {value!r}."
    if information.get("UIDeviceFamily") != [1]:
        yield "It is not for iPhones only: the App Store would ask for pictures of an iPad."
    if "UIApplicationSceneManifest" not in information:
        yield "Its Info.plist knows no scenes: built with the SDK after iOS 26's, it would not start."


def _property_list(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    try:
        found = plistlib.loads(archive.read(name))
    except (KeyError, plistlib.InvalidFileException):
        return {}
    return found if isinstance(found, dict) else {}


# --- on the machine that built it ------------------------------------------------------------------------


def verify_signatures(package: Path) -> list[str]:
    """Whether macOS's own tool finds each signature in an ipa whole; on a Mac only."""
    with tempfile.TemporaryDirectory() as folder:
        # Python would unpack links as files, and no signature would hold.
        subprocess.run(["ditto", "-x", "-k", str(package), folder], check=True)
        wrong = []
        for app in Path(folder).glob("Payload/*.app"):
            command = ["codesign", "--verify", "--deep", "--strict", str(app)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                wrong.append(f"codesign refuses {app.name}: {done.stderr.strip()}")
        return wrong


def check(package: Path) -> list[str]:
    """All that is wrong with a package, on the machine that built it."""
    settings = tomllib.loads((phone_project.BUILD.parent / "pyproject.toml").read_text(encoding="utf-8"))
    found = problems(package, settings)
    if package.suffix == ".ipa" and sys.platform == "darwin":
        found += verify_signatures(package)
    return found


if __name__ == "__main__":
    sys.exit("\n".join(f"kaeru: {problem}" for name in sys.argv[1:] for problem in check(Path(name))) or 0)

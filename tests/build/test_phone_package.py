"""What is found in a finished package: here in packages that are made for it, as no SDK is at hand."""

import plistlib
import struct
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path

import phone_package
import phone_project
import pytest
from PIL import Image

from tests.build.test_phone_project import MANIFEST, SETTINGS

FRAMEWORK = Path("/usr/share/android-framework-res/framework-res.apk")  # Android 10's own resources
TARGET = SETTINGS["tool"]["flet"]["android"]["target_sdk_version"]
ANDROID = f"{{{phone_project.ANDROID}}}"


def run(*command: object) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    """Flet's project as far as its resources go, with our finishing touches."""
    main = tmp_path / "project" / "android" / "app" / "src" / "main"
    manifest = main / "AndroidManifest.xml"
    manifest.parent.mkdir(parents=True)
    root = ET.fromstring(MANIFEST)
    root.set("package", "app.kaeru.mobile")
    ET.SubElement(
        root, "uses-sdk", {f"{ANDROID}minSdkVersion": "24", f"{ANDROID}targetSdkVersion": f"{TARGET}"}
    )
    for name, is_wanted in SETTINGS["tool"]["flet"]["android"]["permission"].items():
        if is_wanted and not name.endswith(".INTERNET"):
            ET.SubElement(root, "uses-permission", {f"{ANDROID}name": name})
    (application,) = root.findall("application")
    application.set(f"{ANDROID}icon", "@mipmap/ic_launcher")
    ET.ElementTree(root).write(manifest)
    (main.parents[1] / "build.gradle.kts").write_text(
        "android { compileOptions {} defaultConfig {} }\ndependencies {}"
    )
    foreground = main / "res" / "drawable-mdpi" / "ic_launcher_foreground.png"
    foreground.parent.mkdir(parents=True)
    Image.new("RGBA", (108, 108), "#1e6b47").save(foreground)
    phone_project.finish(tmp_path / "project", "android", SETTINGS)
    return main


def link(main: Path, package: Path) -> None:
    """What Gradle does of it: compile each resource, then link them with the manifest."""
    run("aapt2", "compile", "--dir", main / "res", "-o", package.with_suffix(".flat.zip"))
    run(
        "aapt2", "link", "-I", FRAMEWORK, "--manifest", main / "AndroidManifest.xml",
        "-o", package, package.with_suffix(".flat.zip"),
    )  # fmt: skip


def library(alignment: int) -> bytes:
    """The head of a library with one part that is loaded."""
    head = b"\x7fELF\x02\x01" + bytes(26) + struct.pack("<QQIHHHHHH", 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return head + struct.pack("<IIQQQQQQ", phone_package.LOADED, 5, 0, 0, 0, 64, 64, alignment)


def add_library(package: Path, alignment: int, start: int, abi: str = "arm64-v8a") -> None:
    name = f"lib/{abi}/libpython3.14.so"
    with zipfile.ZipFile(package, "a") as archive:
        entry = zipfile.ZipInfo(name)
        entry.extra = b"\0" * ((start - archive.start_dir - 30 - len(name)) % phone_package.PAGE)
        archive.writestr(entry, library(alignment))


@pytest.fixture
def apk(resources: Path, tmp_path: Path) -> Path:
    package = tmp_path / "kaeru.apk"
    link(resources, package)
    add_library(package, phone_package.PAGE, 0)
    return package


def test_the_finished_resources_link_and_the_package_is_what_a_store_takes(apk: Path) -> None:
    assert phone_package.problems(apk, SETTINGS) == []


@pytest.mark.parametrize(
    "missing",
    ["drawable-nodpi/kaeru_monochrome.png", "values/kaeru.xml", "drawable-mdpi/ic_launcher_foreground.png"],
)
def test_resources_with_a_hole_do_not_link(resources: Path, tmp_path: Path, missing: str) -> None:
    (resources / "res" / missing).unlink()
    with pytest.raises(AssertionError, match="not found"):
        link(resources, tmp_path / "kaeru.apk")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.replace("permission.VIBRATE", "permission.CAMERA"),
            "asks for android.permission.CAMERA",
        ),
        (
            lambda text: text.replace("permission.VIBRATE", "permission.CAMERA"),
            "not ask for android.permission.VIBRATE",
        ),
        (
            lambda text: text.replace("app.kaeru.alarms.BootReceiver", "app.Other"),
            "BootReceiver is not in its manifest",
        ),
        (
            lambda text: text.replace("app.kaeru.alarms.BootReceiver", phone_project.PLUGIN_BOOT_RECEIVER),
            "late alarms ring all at once",
        ),
        (
            lambda text: text.replace(f'targetSdkVersion="{TARGET}"', 'targetSdkVersion="30"'),
            "Its target SDK is 30",
        ),
    ],
)
def test_another_manifest_is_told_of(
    resources: Path, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    manifest = resources / "AndroidManifest.xml"
    manifest.write_text(change(manifest.read_text()))
    link(resources, tmp_path / "kaeru.apk")
    assert said in "\n".join(phone_package.problems(tmp_path / "kaeru.apk", SETTINGS))


@pytest.mark.parametrize(
    ("alignment", "start", "abi", "said"),
    [
        (4096, 0, "x86_64", "lib/x86_64/libpython3.14.so cannot be loaded in pages of 16 KB"),
        (phone_package.PAGE, 4096, "x86_64", "does not begin at a page of 16 KB"),
        (4096, 4096, "armeabi-v7a", ""),  # phones of 32 bits have pages of 4 KB
    ],
)
def test_native_code_fits_into_pages_of_16_kb(
    apk: Path, alignment: int, start: int, abi: str, said: str
) -> None:
    add_library(apk, alignment, start, abi)
    found = phone_package.problems(apk, SETTINGS)
    assert [said in each for each in found] == ([True] if said else [])


def test_a_bundle_is_looked_at_for_its_native_code(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "kaeru.aab", "w") as archive:
        archive.writestr("base/lib/arm64-v8a/libgood.so", library(phone_package.PAGE))
        archive.writestr("base/lib/arm64-v8a/libbad.so", library(4096))
        archive.writestr("base/lib/arm64-v8a/libzipped.so", b"PK: Flet's Python has such files")
    found = phone_package.problems(tmp_path / "kaeru.aab", SETTINGS)
    assert found == ["base/lib/arm64-v8a/libbad.so cannot be loaded in pages of 16 KB."]


APP = "Payload/Runner.app/"


def ipa(folder: Path, without: str = "", **changed: object) -> Path:
    tool = SETTINGS["tool"]
    information = tool["flet"]["ios"]["info"] | {
        "DTSDKName": "iphoneos26.4", "MinimumOSVersion": tool["kaeru"]["ios"]["minimum_version"],
        "UIApplicationSceneManifest": phone_project.SCENES, "UIDeviceFamily": [1], **changed,
    }  # fmt: skip
    files = {
        "Info.plist": plistlib.dumps(information),
        "PrivacyInfo.xcprivacy": plistlib.dumps(phone_project.PRIVACY),
        "_CodeSignature/CodeResources": b"",
        "Frameworks/Python.framework/Python": b"",
        "Frameworks/Python.framework/_CodeSignature/CodeResources": b"",
    }
    with zipfile.ZipFile(folder / "kaeru.ipa", "w") as archive:
        for name, content in files.items():
            if name != without:
                archive.writestr(APP + name, content)
    return folder / "kaeru.ipa"


def test_an_ipa_that_the_app_store_takes(tmp_path: Path) -> None:
    assert phone_package.problems(ipa(tmp_path), SETTINGS) == []


@pytest.mark.parametrize(
    ("without", "changed", "said"),
    [
        ("PrivacyInfo.xcprivacy", {}, "PrivacyInfo.xcprivacy is missing"),
        ("_CodeSignature/CodeResources", {}, "It is not signed."),
        (
            "Frameworks/Python.framework/_CodeSignature/CodeResources",
            {},
            "Frameworks/Python.framework/ is not signed.",
        ),
        ("", {"DTSDKName": "iphoneos18.5"}, "It was built with iphoneos18.5"),
        ("", {"MinimumOSVersion": "13.0"}, "It asks for iOS 13.0."),
        ("", {"UIDeviceFamily": [1, 2]}, "pictures of an iPad"),
        ("", {"ITSAppUsesNonExemptEncryption": False}, "ITSAppUsesNonExemptEncryption = False, not True"),
    ],
)
def test_an_ipa_that_it_would_refuse(
    tmp_path: Path, without: str, changed: dict[str, object], said: str
) -> None:
    (found,) = phone_package.problems(ipa(tmp_path, without, **changed), SETTINGS)
    assert said in found


def test_an_ipa_without_an_app_is_told_of(tmp_path: Path) -> None:
    zipfile.ZipFile(tmp_path / "kaeru.ipa", "w").close()
    assert phone_package.problems(tmp_path / "kaeru.ipa", SETTINGS) == ["It holds 0 apps."]

"""What we add to Flet's project: here to the parts of one that matter, as flet-cli 1.0 writes them."""

import plistlib
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import phone_project
import pytest

SETTINGS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
NAME, HOST = (f"{{{phone_project.ANDROID}}}{name}" for name in ("name", "host"))

MANIFEST = """<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <uses-permission android:name="android.permission.INTERNET" />
    <application android:label="Kaeru">
        <activity android:name=".MainActivity">
            <intent-filter>
                <action android:name="android.intent.action.MAIN" />
            </intent-filter>
            <intent-filter>
                <action android:name="android.intent.action.VIEW" />
                <data android:scheme="kaeru" android:host="message" />
            </intent-filter>
        </activity>
    </application>
</manifest>"""
GRADLE = """android {
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
    }
    defaultConfig {
        minSdk = 24
    }
}
dependencies {}
"""
DELEGATE = """import UIKit
import Flutter

@main
@objc class AppDelegate: FlutterAppDelegate {
  override func application(_ application: UIApplication) -> Bool {
    GeneratedPluginRegistrant.register(with: self)
    return super.application(application)
  }
}
"""
INFORMATION = {"CFBundleName": "kaeru", "NSAppTransportSecurity": {"NSAllowsArbitraryLoads": True}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "android/app/src/main/AndroidManifest.xml": MANIFEST,
        "android/app/build.gradle.kts": GRADLE,
        "android/app/src/main/res/drawable-mdpi/ic_launcher_foreground.png": "",
        "ios/Runner/AppDelegate.swift": DELEGATE,
        "ios/Podfile": "platform :ios, '13.0'\n",
        "ios/Runner.xcodeproj/project.pbxproj": "IPHONEOS_DEPLOYMENT_TARGET = 13.0;\n" * 3,
        "ios/Runner/Info.plist": plistlib.dumps(INFORMATION).decode(),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_alarms_ring_and_come_back_after_a_restart(project: Path) -> None:
    phone_project.finish(project, "android", SETTINGS)
    application = ET.parse(project / "android/app/src/main/AndroidManifest.xml").getroot().find("application")
    assert application is not None
    receivers = {(each.get(NAME) or "").rpartition(".")[2]: each for each in application.findall("receiver")}
    assert {"ScheduledNotificationReceiver", "ScheduledNotificationBootReceiver"} <= set(receivers)
    woken_by = {each.get(NAME) for each in receivers["ScheduledNotificationBootReceiver"].iter("action")}
    assert {"android.intent.action.BOOT_COMPLETED", "android.intent.action.MY_PACKAGE_REPLACED"} <= woken_by
    assert "coreLibraryDesugaring(" in (project / "android/app/build.gradle.kts").read_text()


def test_links_to_each_kind_of_thing_open_the_app(project: Path) -> None:
    phone_project.finish(project, "android", SETTINGS)
    manifest = ET.parse(project / "android/app/src/main/AndroidManifest.xml").getroot()
    hosts = [data.get(HOST) for data in manifest.iter("data")]
    assert sorted(filter(None, hosts)) == ["client", "job", "message", "pair"]


def test_themed_home_screens_and_the_status_bar_get_an_icon_of_one_colour(project: Path) -> None:
    phone_project.finish(project, "android", SETTINGS)
    resources = project / "android/app/src/main/res"
    icon = ET.parse(resources / "mipmap-anydpi-v26/ic_launcher.xml").getroot()
    drawables = {
        value
        for element in icon.iter()
        for name, value in element.attrib.items()
        if name.endswith("drawable")
    }
    assert drawables == {
        "@color/kaeru_ground", "@drawable/ic_launcher_foreground", "@drawable/kaeru_monochrome",
    }  # fmt: skip
    assert "#1e6b47" in (resources / "values/kaeru.xml").read_text()
    assert (resources / "drawable-xxxhdpi/kaeru_status.png").stat().st_size
    assert "@drawable/kaeru_status" in (resources / "raw/kaeru_keep.xml").read_text()


def test_ios_tells_the_app_what_was_tapped_and_keeps_to_https(project: Path) -> None:
    phone_project.finish(project, "ios", SETTINGS)
    delegate = (project / "ios/Runner/AppDelegate.swift").read_text()
    assert delegate.index("UNUserNotificationCenter.current()") < delegate.index("return super")
    assert "import UserNotifications" in delegate
    minimum = SETTINGS["tool"]["kaeru"]["ios"]["minimum_version"]
    assert f"platform :ios, '{minimum}'" in (project / "ios/Podfile").read_text()
    assert "= 13.0" not in (project / "ios/Runner.xcodeproj/project.pbxproj").read_text()
    information = plistlib.loads((project / "ios/Runner/Info.plist").read_bytes())
    assert information["NSAppTransportSecurity"] == {"NSAllowsLocalNetworking": True}
    assert information["CFBundleName"] == "kaeru"


@pytest.mark.parametrize("platform", ["android", "ios"])
def test_a_second_build_changes_nothing_more(project: Path, platform: str) -> None:
    phone_project.finish(project, platform, SETTINGS)
    once = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    phone_project.finish(project, platform, SETTINGS)
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == once


@pytest.mark.parametrize(
    ("platform", "file", "text"),
    [
        ("android", "android/app/src/main/AndroidManifest.xml", MANIFEST.replace("kaeru", "other")),
        ("android", "android/app/build.gradle.kts", "android {}"),
        ("ios", "ios/Runner/AppDelegate.swift", "import UIKit\n"),
        ("ios", "ios/Podfile", "# platform"),
    ],
)
def test_a_project_that_has_changed_ends_the_build_with_a_sentence(
    project: Path, platform: str, file: str, text: str
) -> None:
    (project / file).write_text(text)
    with pytest.raises(SystemExit, match=f"{Path(file).name} has no"):
        phone_project.finish(project, platform, SETTINGS)

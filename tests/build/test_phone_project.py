"""What we add to Flet's project: here to the parts of one that matter, as flet-cli 1.0 writes them."""

import plistlib
import re
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
XCODE = """// !$*UTF8*$!
{
	objects = {
		97C146FE1CF9000F007C117D /* Assets.xcassets in Resources */ = {isa = PBXBuildFile; fileRef = 97C146FD1CF9000F007C117D /* Assets.xcassets */; };
		97C146FD1CF9000F007C117D /* Assets.xcassets */ = {isa = PBXFileReference; lastKnownFileType = folder.assetcatalog; path = Assets.xcassets; sourceTree = "<group>"; };
		97C146F01CF9000F007C117D /* Runner */ = {isa = PBXGroup; children = (
				97C146FD1CF9000F007C117D /* Assets.xcassets */,
		); };
		97C146EC1CF9000F007C117D /* Resources */ = {isa = PBXResourcesBuildPhase; files = (
				97C146FE1CF9000F007C117D /* Assets.xcassets in Resources */,
		); };
		97C147031CF9000F007C117D = {IPHONEOS_DEPLOYMENT_TARGET = 13.0; TARGETED_DEVICE_FAMILY = "1,2"; };
		97C147041CF9000F007C117D = {IPHONEOS_DEPLOYMENT_TARGET = 13.0; };
	};
}
"""  # noqa: E501 - as Xcode writes it
INFORMATION = {"CFBundleName": "kaeru", "NSAppTransportSecurity": {"NSAllowsArbitraryLoads": True}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "android/app/src/main/AndroidManifest.xml": MANIFEST,
        "android/app/build.gradle.kts": GRADLE,
        "android/app/src/main/res/drawable-mdpi/ic_launcher_foreground.png": "",
        "ios/Runner/AppDelegate.swift": DELEGATE,
        "ios/Podfile": "platform :ios, '13.0'\n",
        "ios/Runner.xcodeproj/project.pbxproj": XCODE,
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
    assert {"ScheduledNotificationReceiver", "BootReceiver"} <= set(receivers)
    woken_by = {each.get(NAME) for each in receivers["BootReceiver"].iter("action")}
    assert {"android.intent.action.BOOT_COMPLETED", "android.intent.action.MY_PACKAGE_REPLACED"} <= woken_by
    # Ours calls the plug-in's, which would set off at once all that is over; see test_boot_receiver.py.
    assert "ScheduledNotificationBootReceiver" not in receivers
    assert receivers["BootReceiver"].get(NAME) == "app.kaeru.alarms.BootReceiver"
    package = project / "android/app/src/main/java/app/kaeru/alarms"
    assert {path.name for path in package.iterdir()} == {"BootReceiver.java", "LateAlarms.java"}
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
    assert '"1,2"' not in (project / "ios/Runner.xcodeproj/project.pbxproj").read_text()
    assert "= 13.0" not in (project / "ios/Runner.xcodeproj/project.pbxproj").read_text()
    information = plistlib.loads((project / "ios/Runner/Info.plist").read_bytes())
    assert information["NSAppTransportSecurity"] == {"NSAllowsLocalNetworking": True}
    assert information["CFBundleName"] == "kaeru"


def test_ios_starts_the_app_by_the_life_cycle_of_scenes(project: Path) -> None:
    phone_project.finish(project, "ios", SETTINGS)
    delegate = (project / "ios/Runner/AppDelegate.swift").read_text()
    assert "class AppDelegate: FlutterAppDelegate, FlutterImplicitEngineDelegate {" in delegate
    # The engine is there only once its scene is: plug-ins that register before are lost.
    assert "register(with: self)" not in delegate
    opened = delegate.index("func didInitializeImplicitFlutterEngine(")
    assert opened < delegate.index("GeneratedPluginRegistrant.register(with: engineBridge.pluginRegistry)")
    assert delegate.count("{") == delegate.count("}")
    information = plistlib.loads((project / "ios/Runner/Info.plist").read_bytes())
    scenes = information["UIApplicationSceneManifest"]["UISceneConfigurations"]
    (scene,) = scenes["UIWindowSceneSessionRoleApplication"]
    assert scene["UISceneDelegateClassName"] == "FlutterSceneDelegate"


def test_a_project_that_flet_has_moved_over_to_scenes_keeps_its_delegate(project: Path) -> None:
    phone_project.finish(project, "ios", SETTINGS)
    moved = (project / "ios/Runner/AppDelegate.swift").read_text()
    without = moved.replace(f"    {phone_project.DELEGATE}\n", "").replace("import UserNotifications\n", "")
    (project / "ios/Runner/AppDelegate.swift").write_text(without)
    phone_project.finish(project, "ios", SETTINGS)
    assert (project / "ios/Runner/AppDelegate.swift").read_text() == moved


def test_the_privacy_manifest_is_one_of_the_apps_resources(project: Path) -> None:
    phone_project.finish(project, "ios", SETTINGS)
    manifest = plistlib.loads((project / "ios/Runner/PrivacyInfo.xcprivacy").read_bytes())
    assert manifest["NSPrivacyTracking"] is False
    assert manifest["NSPrivacyCollectedDataTypes"] == []
    kinds = [each["NSPrivacyAccessedAPIType"] for each in manifest["NSPrivacyAccessedAPITypes"]]
    assert "NSPrivacyAccessedAPICategoryFileTimestamp" in kinds
    text = (project / "ios/Runner.xcodeproj/project.pbxproj").read_text()
    build, file = phone_project.PRIVACY_IDS
    assert (
        f"{build} /* PrivacyInfo.xcprivacy in Resources */ = {{isa = PBXBuildFile; fileRef = {file}" in text
    )
    assert (
        f"{file} /* PrivacyInfo.xcprivacy */ = {{isa = PBXFileReference; lastKnownFileType = text.xml;"
        in text
    )
    resources = text[text.index("PBXResourcesBuildPhase") :]
    assert f"{build} /* PrivacyInfo.xcprivacy in Resources */," in resources
    assert text.count("Assets.xcassets") == XCODE.count("Assets.xcassets")


def test_what_ios_asks_in_the_apps_name_is_in_the_users_language(project: Path) -> None:
    phone_project.finish(project, "ios", SETTINGS)
    asked = {name for name in SETTINGS["tool"]["flet"]["ios"]["info"] if name.endswith("UsageDescription")}
    text = (project / "ios/Runner.xcodeproj/project.pbxproj").read_text()
    resources = text[text.index("PBXResourcesBuildPhase") :]
    for language, part in (("fr", "votre propre serveur"), ("ja", "ご自分のサーバー")):
        strings = (project / f"ios/Runner/{language}.lproj/InfoPlist.strings").read_text(encoding="utf-8")
        said = dict(re.findall(r'^(\w+) = "(.+)";$', strings, re.MULTILINE))
        assert said.keys() == asked
        assert part in said["NSLocalNetworkUsageDescription"]
        file = re.search(
            rf"(\w+) /\* {language}\.lproj \*/ = {{isa = PBXFileReference; lastKnownFileType = folder;", text
        )
        assert file
        assert f"fileRef = {file[1]} /* {language}.lproj */" in text
        assert f"/* {language}.lproj in Resources */," in resources
    assert len(set(re.findall(r"(\w+) /\* (?:\w+\.lproj|PrivacyInfo\.xcprivacy)", text))) == 6


def test_the_encryption_is_declared() -> None:
    """The app seals what it syncs by an algorithm of its own packages: that is not exempt."""
    assert SETTINGS["tool"]["flet"]["ios"]["info"]["ITSAppUsesNonExemptEncryption"] is True


def test_gradle_fits_into_the_release_workflows_machine() -> None:
    """It has 16 GB; Flet's default of 8 for the heap and 4 for classes leaves Dart's compiler too little."""
    properties = SETTINGS["tool"]["flet"]["android"]["gradle_properties"]
    heap, classes = (int(found) for found in re.findall(r"=?(\d+)G", properties["org.gradle.jvmargs"]))
    assert heap + classes <= 5
    assert properties["org.gradle.workers.max"] <= 2


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
        ("ios", "ios/Runner.xcodeproj/project.pbxproj", XCODE.replace("Assets", "Other")),
        (
            "ios",
            "ios/Runner/AppDelegate.swift",
            DELEGATE.replace("register(with: self)", "register(with: it)"),
        ),
        ("android", "android/app/src/main/AndroidManifest.xml", "<manifest/>"),
    ],
)
def test_a_project_that_has_changed_ends_the_build_with_a_sentence(
    project: Path, platform: str, file: str, text: str
) -> None:
    (project / file).write_text(text)
    with pytest.raises(SystemExit, match=f"{Path(file).name} has no"):
        phone_project.finish(project, platform, SETTINGS)

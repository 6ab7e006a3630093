"""Finishing touches to the Flutter project that flet-cli makes, for what [tool.flet] has no word for.

Each is made once however often it is run. What is not found as expected ends the build with a sentence: an
alarm that never rings is worse than no app.
"""

from __future__ import annotations

import json
import plistlib
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import catalogues
from flet_notifications import patcher

BUILD = Path(__file__).resolve().parent
ASSETS = BUILD.parent / "assets"
JAVA = BUILD / "android"
"""Our own classes of the Android app, of the package app.kaeru.alarms."""
ANDROID = "http://schemas.android.com/apk/res/android"

PLUGIN_BOOT_RECEIVER = "com.dexterous.flutterlocalnotifications.ScheduledNotificationBootReceiver"
BOOT_RECEIVER = "app.kaeru.alarms.BootReceiver"

ADAPTIVE_ICON = """<?xml version="1.0" encoding="utf-8"?>
<adaptive-icon xmlns:android="http://schemas.android.com/apk/res/android">
    <background android:drawable="@color/kaeru_ground" />
    <foreground android:drawable="@{folder}/ic_launcher_foreground" />
    <monochrome>
        <inset android:drawable="@drawable/kaeru_monochrome" android:inset="17%" />
    </monochrome>
</adaptive-icon>
"""
COLOURS = """<?xml version="1.0" encoding="utf-8"?>
<resources>
    <color name="kaeru_ground">{ground}</color>
</resources>
"""
# Only Python names the status bar's icon, where the tool that drops unused resources does not look.
KEPT = """<?xml version="1.0" encoding="utf-8"?>
<resources xmlns:tools="http://schemas.android.com/tools" tools:keep="@drawable/kaeru_status" />
"""
# Without a delegate iOS tells nobody that a notification was tapped (flutter_local_notifications' README).
DELEGATE = "UNUserNotificationCenter.current().delegate = self as? UNUserNotificationCenterDelegate"

# Apps built with the SDK after iOS 26's start only if they take part in the life cycle of scenes. Flutter's
# tool moves a project over by itself, but not one whose AppDelegate is no longer as it made it:
# https://docs.flutter.dev/release/breaking-changes/uiscenedelegate
SCENES = {
    "UIApplicationSupportsMultipleScenes": False,
    "UISceneConfigurations": {
        "UIWindowSceneSessionRoleApplication": [
            {
                "UISceneClassName": "UIWindowScene",
                "UISceneConfigurationName": "flutter",
                "UISceneDelegateClassName": "FlutterSceneDelegate",
                "UISceneStoryboardFile": "Main",
            }
        ]
    },
}
REGISTERED = "GeneratedPluginRegistrant.register(with: engineBridge.pluginRegistry)"
ENGINE_DELEGATE = f"""
  func didInitializeImplicitFlutterEngine(_ engineBridge: FlutterImplicitEngineBridge) {{
    {REGISTERED}
  }}
}}
"""

# What the App Store wants declared: no tracking, nothing collected (a sync server gets sealed boxes), and,
# of the interfaces that could tell devices apart, those that the app uses, each with Apple's code for why.
PRIVACY = {
    "NSPrivacyTracking": False,
    "NSPrivacyTrackingDomains": [],
    "NSPrivacyCollectedDataTypes": [],
    "NSPrivacyAccessedAPITypes": [
        {
            "NSPrivacyAccessedAPIType": f"NSPrivacyAccessedAPICategory{kind}",
            "NSPrivacyAccessedAPITypeReasons": [why],
        }
        for kind, why in (
            ("FileTimestamp", "C617.1"),  # of files in the app's own folders: Python's os.stat
            ("SystemBootTime", "35F9.1"),  # to measure how long something takes: Python's time.monotonic
            ("UserDefaults", "CA92.1"),  # the app's own: Flutter's shared_preferences
        )
    ],
}
PRIVACY_FILE = "PrivacyInfo.xcprivacy"
PRIVACY_IDS = ("4B41455255000000000000F1", "4B41455255000000000000F2")
"""The entry in the build, the file."""
ASSETS_IDS = ("97C146FE1CF9000F007C117D", "97C146FD1CF9000F007C117D")
"""Those of Assets.xcassets, which has the same place in the project."""


def finish(project: Path, platform: str, settings: Mapping[str, Any]) -> None:
    """`platform` is flet-cli's: android or ios; `settings` the whole of pyproject.toml."""
    if platform == "android":
        _finish_android(project / "android" / "app", settings)
    elif platform == "ios":
        _finish_ios(project / "ios", settings["tool"]["kaeru"]["ios"])


# --- Android ---------------------------------------------------------------------------------------------


def _finish_android(app: Path, settings: Mapping[str, Any]) -> None:
    manifest = app / "src" / "main" / "AndroidManifest.xml"
    gradle = app / "build.gradle.kts"
    # The receivers that ring and that set alarms again after a restart; what Gradle needs for the plug-in.
    patcher.patch_manifest(manifest)
    _ring_less_after_a_restart(manifest, app / "src" / "main" / "java" / "app" / "kaeru" / "alarms")
    patcher.patch_gradle(gradle)
    if "isCoreLibraryDesugaringEnabled" not in gradle.read_text(encoding="utf-8"):
        _refuse(gradle, "a compileOptions block")
    flet = settings["tool"]["flet"]["android"]
    hosts = settings["tool"]["kaeru"]["android"]["deep_linking_hosts"]
    _open_links(manifest, flet["deep_linking"]["scheme"], hosts)
    _place_icons(app / "src" / "main" / "res", flet["adaptive_icon_background"])


def _ring_less_after_a_restart(manifest: Path, package: Path) -> None:
    """Put our receiver in the plug-in's place, which rings all that fell due while the phone was off."""
    ET.register_namespace("android", ANDROID)
    tree = ET.parse(manifest)  # noqa: S314 - flet-cli wrote it a moment ago
    application = tree.getroot().find("application")
    name = f"{{{ANDROID}}}name"
    receivers = {each.get(name): each for each in application or ()}
    plugins, ours = receivers.get(PLUGIN_BOOT_RECEIVER), receivers.get(BOOT_RECEIVER)
    if application is None or plugins is None:
        _refuse(manifest, "a receiver for restarts")
    if ours is None:
        plugins.set(name, BOOT_RECEIVER)
    else:
        application.remove(plugins)
    tree.write(manifest, encoding="utf-8", xml_declaration=True)
    package.mkdir(parents=True, exist_ok=True)
    for source in JAVA.glob("*.java"):
        shutil.copyfile(source, package / source.name)


def _open_links(manifest: Path, scheme: str, hosts: Sequence[str]) -> None:
    """flet-cli declares one host; a link's host is its first word: kaeru://pair, kaeru://job/…"""
    ET.register_namespace("android", ANDROID)
    tree = ET.parse(manifest)  # noqa: S314 - flet-cli wrote it a moment ago
    found = [
        (intent, data)
        for intent in tree.getroot().iter("intent-filter")
        for data in intent.findall("data")
        if data.get(f"{{{ANDROID}}}scheme") == scheme
    ]
    if not found:
        _refuse(manifest, f"an intent filter for {scheme}: links")
    intent = found[0][0]
    there = {data.get(f"{{{ANDROID}}}host") for _intent, data in found}
    for host in hosts:
        if host not in there:
            attributes = {f"{{{ANDROID}}}scheme": scheme, f"{{{ANDROID}}}host": host}
            ET.SubElement(intent, "data", attributes)
    tree.write(manifest, encoding="utf-8", xml_declaration=True)


def _place_icons(resources: Path, ground: str) -> None:
    """The icon of one colour that themed home screens and the status bar want, beside flet-cli's icons."""
    foregrounds = sorted(resources.glob("*/ic_launcher_foreground.png"))
    if not foregrounds:
        _refuse(resources, "ic_launcher_foreground.png")
    folder = foregrounds[0].parent.name.partition("-")[0]
    _write(resources / "mipmap-anydpi-v26" / "ic_launcher.xml", ADAPTIVE_ICON.format(folder=folder))
    _write(resources / "values" / "kaeru.xml", COLOURS.format(ground=ground))
    _write(resources / "raw" / "kaeru_keep.xml", KEPT)
    for source, target in (
        ("icons/monochrome-512.png", "drawable-nodpi/kaeru_monochrome.png"),
        ("phone/status.png", "drawable-xxxhdpi/kaeru_status.png"),
    ):
        (resources / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ASSETS / source, resources / target)


# --- iOS -------------------------------------------------------------------------------------------------


def _finish_ios(ios: Path, settings: Mapping[str, Any]) -> None:
    minimum = settings["minimum_version"]
    _replace(
        ios / "Runner.xcodeproj" / "project.pbxproj",
        r"IPHONEOS_DEPLOYMENT_TARGET = [\d.]+;",
        f"IPHONEOS_DEPLOYMENT_TARGET = {minimum};",
    )
    # The stores' pictures are an iPhone's; on an iPad the installed web app has the whole screen.
    _replace(
        ios / "Runner.xcodeproj" / "project.pbxproj",
        r'TARGETED_DEVICE_FAMILY = "?1(,2)?"?;',
        "TARGETED_DEVICE_FAMILY = 1;",
    )
    _replace(ios / "Podfile", r"platform :ios, '[\d.]+'", f"platform :ios, '{minimum}'")
    delegate = ios / "Runner" / "AppDelegate.swift"
    if DELEGATE not in delegate.read_text(encoding="utf-8"):
        _replace(delegate, r"( +)(return super\.application\()", rf"\1{DELEGATE}\n\1\2")
        _replace(delegate, r"\Aimport UIKit\n", "import UIKit\nimport UserNotifications\n")
    if REGISTERED not in delegate.read_text(encoding="utf-8"):
        _replace(
            delegate, r"AppDelegate: FlutterAppDelegate \{", _class_line("FlutterImplicitEngineDelegate")
        )
        _replace(delegate, r" +GeneratedPluginRegistrant\.register\(with: self\)\n", "")
        _replace(delegate, r"\n\}\s*\Z", f"\n{ENGINE_DELEGATE}")
    _complete_information(ios / "Runner" / "Info.plist")
    _declare_privacy(ios)
    _translate_questions(ios, translations())


def _class_line(protocol: str) -> str:
    return f"AppDelegate: FlutterAppDelegate, {protocol} {{"


def _complete_information(path: Path) -> None:
    """Flet's project lets an app speak http with anybody; this one needs it at most in the own network."""
    with path.open("rb") as file:
        information = plistlib.load(file)
    information["NSAppTransportSecurity"] = {"NSAllowsLocalNetworking": True}
    information["UIApplicationSceneManifest"] = SCENES
    information["CFBundleLocalizations"] = sorted(catalogues.languages())
    with path.open("wb") as file:
        plistlib.dump(information, file)


def _declare_privacy(ios: Path) -> None:
    """Write the privacy manifest and make it one of the app's resources."""
    with (ios / "Runner" / PRIVACY_FILE).open("wb") as file:
        plistlib.dump(PRIVACY, file)
    _add_resource(ios, PRIVACY_FILE, "text.xml", PRIVACY_IDS)


def translations() -> dict[str, dict[str, str]]:
    """What iOS asks in the app's name, by language: ios.json of its folder, where it has one."""
    folders = {language: catalogues.ROOT / "locales" / language for language in catalogues.translations()}
    return {
        language: json.loads((folder / "ios.json").read_text(encoding="utf-8"))
        for language, folder in folders.items()
        if (folder / "ios.json").exists()
    }


def _translate_questions(ios: Path, translations: Mapping[str, Mapping[str, str]]) -> None:
    """What the system asks the user in the app's name, by language: a folder of resources for each."""
    for number, (language, texts) in enumerate(sorted(translations.items()), start=1):
        lines = (f"{key} = {json.dumps(text, ensure_ascii=False)};\n" for key, text in texts.items())
        _write(ios / "Runner" / f"{language}.lproj" / "InfoPlist.strings", "".join(lines))
        ids = (f"4B41455255000000000001{number:02X}", f"4B41455255000000000002{number:02X}")
        _add_resource(ios, f"{language}.lproj", "folder", ids)


def _add_resource(ios: Path, name: str, kind: str, ids: tuple[str, str]) -> None:
    """Name a file of Runner/ in the Xcode project in the four places that name Assets.xcassets."""
    project = ios / "Runner.xcodeproj" / "project.pbxproj"
    text = project.read_text(encoding="utf-8")
    if ids[0] in text:
        return
    lines = []
    for line in text.splitlines(keepends=True):
        lines.append(line)
        if re.search(rf"({'|'.join(ASSETS_IDS)}) /\* Assets\.xcassets", line):
            copy = line.replace("Assets.xcassets", name).replace("folder.assetcatalog", kind)
            for known, ours in zip(ASSETS_IDS, ids, strict=True):
                copy = copy.replace(known, ours)
            lines.append(copy)
    if len(lines) - text.count("\n") != 4:
        _refuse(project, "the four lines about Assets.xcassets that a resource takes")
    project.write_text("".join(lines), encoding="utf-8")


# --- both ------------------------------------------------------------------------------------------------


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _replace(path: Path, pattern: str, text: str) -> None:
    changed, count = re.subn(pattern, text, path.read_text(encoding="utf-8"))
    if not count:
        _refuse(path, pattern)
    path.write_text(changed, encoding="utf-8")


def _refuse(path: Path, what: str) -> NoReturn:
    sys.exit(f"kaeru: Flet's project has changed: {path} has no {what}. Look at build/phone_project.py.")

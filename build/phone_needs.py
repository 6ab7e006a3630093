"""What a machine must have before it can build the phone app, each missing thing in a sentence."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

KEY_STORE = "FLET_ANDROID_SIGNING_KEY_STORE"
KEY_STORE_PASSWORD = "FLET_ANDROID_SIGNING_KEY_STORE_PASSWORD"  # noqa: S105 - a variable's name
IOS_SIGNING = ("KAERU_IOS_PROFILE", "KAERU_IOS_CERTIFICATE", "KAERU_IOS_TEAM")

Which = Callable[[str], str | None]


def missing(
    target: str,
    environment: Mapping[str, str],
    which: Which = shutil.which,
    system: str = sys.platform,
) -> list[str]:
    """What keeps `target` (apk, aab or ipa) from being built here; empty where nothing does."""
    needs = _ios if target == "ipa" else _android
    return [*_flutter(which), *needs(target, environment, which, system)]


def _flutter(which: Which) -> Iterator[str]:
    if which("flutter") is None:
        from flet.version import flutter_version

        yield f"Flutter {flutter_version} is missing: `make flutter` fetches it, or put your own on the PATH."


def _android(target: str, environment: Mapping[str, str], which: Which, _system: str) -> Iterator[str]:
    sdk = environment.get("ANDROID_HOME") or environment.get("ANDROID_SDK_ROOT")
    if not sdk:
        yield "The Android SDK is missing: install Android Studio, then set ANDROID_HOME to the SDK's folder."
    elif not (Path(sdk) / "platforms").is_dir():
        yield f"ANDROID_HOME is {sdk}, but there is no Android SDK in it: it has no folder platforms."
    if which("java") is None:
        yield "Java is missing: Gradle needs a JDK of version 17 or newer."
    store = environment.get(KEY_STORE)
    if store and not Path(store).is_file():
        yield f"{KEY_STORE} names {store}, and there is no such file."
    elif store and not environment.get(KEY_STORE_PASSWORD):
        yield f"{KEY_STORE_PASSWORD} is not set: without it the key that signs the app cannot be opened."
    elif not store and target == "aab":
        yield (
            f"Google Play takes signed bundles only: set {KEY_STORE} and {KEY_STORE_PASSWORD} "
            "(docs/phone.md says how to make a key)."
        )


def _ios(_target: str, environment: Mapping[str, str], which: Which, system: str) -> Iterator[str]:
    if system != "darwin":
        yield "An iPhone app can be built on a Mac only: Xcode runs nowhere else."
        return
    if which("xcodebuild") is None:
        yield "Xcode is missing: install it from the App Store and open it once."
    if which("pod") is None:
        yield "CocoaPods is missing: brew install cocoapods."
    unset = [name for name in IOS_SIGNING if not environment.get(name)]
    if unset:
        yield (
            f"An IPA must be signed: set {', '.join(unset)} to your provisioning profile, certificate and "
            "team (docs/phone.md says where to find them)."
        )

"""The phone app's packaging, as far as it goes without Flutter: what would be in it, and under which name."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from importlib.metadata import version as metadata_version
from pathlib import Path
from typing import Any

import phone
import phone_files
import phone_packages
import pytest
from packaging.requirements import Requirement
from PIL import Image

from tests.build import flet_build

ROOT = Path(phone.ROOT)
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SIGNING = {
    "KAERU_IOS_PROFILE": "Kaeru App Store",
    "KAERU_IOS_CERTIFICATE": "Apple Distribution",
    "KAERU_IOS_TEAM": "ABCDE12345",
}

# Native here for speed, and pure on a phone.
PURE_TOO = {"sqlalchemy"}


@pytest.fixture(scope="module")
def android(tmp_path_factory: pytest.TempPathFactory) -> flet_build.DryBuild:
    return flet_build.build("apk", tmp_path_factory.mktemp("android"), {})


@pytest.fixture(scope="module")
def ios(tmp_path_factory: pytest.TempPathFactory) -> flet_build.DryBuild:
    return flet_build.build("ipa", tmp_path_factory.mktemp("ios"), SIGNING)


# --- the configuration -----------------------------------------------------------------------------------


@pytest.mark.parametrize("built", ["android", "ios"])
def test_flet_reads_the_configuration_without_a_warning(built: str, request: pytest.FixtureRequest) -> None:
    said = request.getfixturevalue(built).said
    assert "Successfully" in said
    assert not re.search("warning|invalid|deprecated|ignored", said, re.IGNORECASE), said


def test_it_says_who_the_app_is(android: flet_build.DryBuild) -> None:
    told = android.template_data
    assert told["product_name"] == "Kaeru"
    assert told["bundle_id"] == "app.kaeru.mobile"
    assert told["options"]["deep_linking"] == {"scheme": "kaeru", "host": "message"}
    assert told["options"]["python_version"] == "3.14"
    assert told["splash"]["color"] != told["splash"]["dark_color"]


def test_the_version_is_the_apps_own_and_its_number_grows() -> None:
    namespace: dict[str, Any] = {}
    exec((ROOT / "app" / "__init__.py").read_text(), namespace)
    given = phone.arguments("apk", {})
    assert given[given.index("--build-version") + 1] == namespace["__version__"]
    versions = ["0.1.0", "0.1.1", "0.2.0", "1.0.0", "1.0.12", "1.1.0"]
    numbers = [phone.build_number(version) for version in versions]
    assert numbers == sorted(set(numbers))


def test_android_asks_for_what_sync_and_reminders_need_and_no_more(
    android: flet_build.DryBuild,
) -> None:
    asked = android.template_data["options"]["android_permissions"]
    assert {name.removeprefix("android.permission.") for name, wanted in asked.items() if wanted} == {
        "INTERNET", "ACCESS_NETWORK_STATE", "POST_NOTIFICATIONS", "SCHEDULE_EXACT_ALARM",
        "RECEIVE_BOOT_COMPLETED", "VIBRATE",
    }  # fmt: skip


def test_each_permission_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text.partition("[tool.flet.android.permission]")[2].partition("\n\n")[0]
    for line in section.splitlines():
        if line.endswith("= true") or "= true #" in line:
            assert re.search(r"= true # .{15,}", line), line


def test_ios_is_given_the_reasons_for_what_it_asks(ios: flet_build.DryBuild) -> None:
    told = ios.template_data["options"]["info_plist"]
    assert [name for name in told if name.endswith("UsageDescription")] == ["NSLocalNetworkUsageDescription"]


def test_every_icon_is_there_at_the_size_its_place_wants(
    android: flet_build.DryBuild,
) -> None:
    resources = android.flutter_dir / "android/app/src/main/res"
    densities = {"mdpi": 1, "hdpi": 1.5, "xhdpi": 2, "xxhdpi": 3, "xxxhdpi": 4}
    for density, scale in densities.items():
        for path, dp in (
            (f"mipmap-{density}/ic_launcher.png", 48),
            (f"drawable-{density}/ic_launcher_foreground.png", 108),
            (f"drawable-{density}/android12splash.png", 288),
        ):
            with Image.open(resources / path) as image:
                assert image.size == (round(dp * scale), round(dp * scale)), path
    # The launcher's mask may cut all but the circle in the middle two thirds; the frog is inside.
    with Image.open(resources / "drawable-xxxhdpi/ic_launcher_foreground.png") as image:
        left, top, right, bottom = image.getchannel("A").getbbox() or (0, 0, 0, 0)
        assert min(left, top) >= 432 / 6
        assert max(right, bottom) <= 432 * 5 / 6


def test_the_icons_of_the_app_store_have_no_transparency(ios: flet_build.DryBuild) -> None:
    icons = sorted(ios.flutter_dir.glob("ios/Runner/Assets.xcassets/AppIcon.appiconset/*.png"))
    assert any("1024" in icon.name for icon in icons)
    for icon in icons:
        with Image.open(icon) as image:
            assert image.mode == "RGB", icon.name


@pytest.mark.parametrize(
    ("name", "side"), [("phone/icon", 1024), ("icons/monochrome-512", 512), ("phone/status", 96)]
)
def test_the_sources_of_the_icons_are_large_enough(name: str, side: int) -> None:
    with Image.open(ROOT / "assets" / f"{name}.png") as image:
        assert image.size == (side, side)
        assert image.getchannel("A").getextrema()[0] == 0


# --- what would be packaged ------------------------------------------------------------------------------


def packaged(command: flet_build.DryBuild) -> set[str]:
    """The files that would be in the app, by the packager's own words: a copy of the folder but for these."""
    (arguments,) = command.commands
    excluded = {arguments[at + 1] for at, word in enumerate(arguments) if word == "--exclude"}
    folder = Path(arguments[arguments.index("package") + 1])
    names = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        name.as_posix()
        for name in names
        if not excluded & {name.as_posix(), *(str(parent) for parent in name.parents)}
    }


def test_the_app_holds_the_client_and_nothing_else(android: flet_build.DryBuild) -> None:
    names = packaged(android)
    assert {
        "main.py", "app/ui/app.py", "app/platform/native.py", "locales/ja/LC_MESSAGES/kaeru.mo",
    } <= names  # fmt: skip
    assert {name.partition("/")[0] for name in names} == {"main.py", "app", "locales"}
    assert {Path(name).suffix for name in names} <= {".py", ".md", ".json", ".mo"}
    assert not [name for name in names if name.startswith(("app/server", "app/ui/warm", "app/platform/web"))]


def test_what_lies_about_in_the_project_is_not_packaged(tmp_path: Path) -> None:
    for name in ("main.py", "app/a.py", "app/server/b.py", ".env", "app/upload.jks", "app/key.pem", "x.p8"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "pyproject.toml").write_text("")
    ours = {name for name in phone_files.files(tmp_path) if not name.startswith(("locales/", "assets/"))}
    assert ours == {"main.py", "app/a.py", "pyproject.toml"}


def test_no_module_of_the_app_imports_what_is_left_out(android: flet_build.DryBuild) -> None:
    names = packaged(android)
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names}
    missing = {
        f"{name}: {imported}"
        for name in names
        if name.endswith(".py") and name != "app/platform/__init__.py"  # chooses the browser's by itself
        for imported in imports(ROOT / name)
        if imported.startswith("app.") and imported not in modules
    }
    assert not missing


def imports(path: Path) -> set[str]:
    """The modules a file names in its import statements."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_every_dependency_runs_on_a_phone() -> None:
    """Pure Python, by the files it is installed as, or built for phones by Flet in the version we name."""
    native = set()
    for name in dependencies(set(), SETTINGS["project"]["dependencies"]):
        code = (
            "import sys, importlib.metadata as m; print(*(f for f in m.files(sys.argv[1]) or ()), sep='\\n')"
        )
        files = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=True)
        if re.search(r"\.(so|pyd|dylib)$", files.stdout, re.MULTILINE):
            native.add(name)
    assert native - PURE_TOO == phone_packages.FOR_PHONES.keys() - {"pydantic"}


def test_what_flet_builds_for_phones_fits_all_that_want_it() -> None:
    wanted = dependencies(set(), SETTINGS["project"]["dependencies"]) - {"pydantic"}  # its core is its own
    texts = [
        *SETTINGS["project"]["dependencies"],
        *(text for name in wanted for text in requires(name) or ()),
    ]
    needs = [need for need in map(Requirement, texts) if not (need.marker and "extra" in str(need.marker))]
    checked = [need for need in needs if need.name.lower().replace("_", "-") in phone_packages.FOR_PHONES]
    assert {"cryptography", "msgpack", "pydantic"} <= {need.name for need in checked}
    for need in checked:
        version = phone_packages.FOR_PHONES[need.name.lower().replace("_", "-")]
        assert need.specifier.contains(version), f"{need} does not take {version}"


def test_all_else_is_what_the_tests_ran_with(android: flet_build.DryBuild) -> None:
    (arguments,) = android.commands
    asked = [arguments[at + 1] for at, word in enumerate(arguments) if word == "-r"]
    (constraint,) = (text for text in asked if text.startswith("--constraint="))
    held = dict(line.split("==") for line in Path(constraint.partition("=")[2]).read_text().splitlines())
    for name in dependencies(set(), SETTINGS["project"]["dependencies"]) - phone_packages.FOR_PHONES.keys():
        assert held[name] == metadata_version(name), name
    assert held["pydantic"] == phone_packages.FOR_PHONES["pydantic"]


def dependencies(known: set[str], wanted: list[str]) -> set[str]:
    """Everything that these bring along where there is no browser, by name."""
    for text in wanted:
        need = Requirement(text)
        name = need.name.lower().replace("_", "-")
        if name not in known and (need.marker is None or need.marker.evaluate({"extra": ""})):
            known.add(name)
            dependencies(known, requires(name) or [])
    return known


def test_the_app_imports_only_what_it_says_it_needs() -> None:
    modules = {
        "dateutil": "python-dateutil",
        "flet_notifications": "flet-notifications",
        "flet_secure_storage": "flet-secure-storage",
        "pydantic": "sqlmodel",  # which is made of it
        "typing_extensions": "sqlalchemy",  # which needs it
    }
    declared = {Requirement(text).name for text in SETTINGS["project"]["dependencies"]}
    used = {
        name.partition(".")[0]
        for path, _content in phone_files.files().items()
        if path.endswith(".py") and path not in {"app/platform/web.py", "app/platform/fetch.py"}
        for name in imports(ROOT / path)
    } - set(sys.stdlib_module_names)
    assert {modules.get(name, name) for name in used} - {"app"} <= declared


def test_packages_get_their_checksums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone, "ROOT", tmp_path)
    for name in ("kaeru.apk", "Kaeru.ipa", "app-release.aab", "output-metadata.json"):
        (tmp_path / name).write_text(json.dumps(name))
    phone.write_checksums(tmp_path)
    sums = sorted(path.name for path in tmp_path.glob("*.sha256"))
    assert sums == ["Kaeru.ipa.sha256", "app-release.aab.sha256", "kaeru.apk.sha256"]
    subprocess.run(["sha256sum", "--check", *sums], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)

"""flet-cli itself, run on our configuration up to where Dart would take over."""

import json
import types
from pathlib import Path
from typing import Any

import phone
import phone_files
import pytest
from flet_cli.commands import build_base, flutter_base

# As python-build's list has it: what flet-cli would ask the network for.
MANIFEST = {
    "default_python_version": "3.14",
    "pythons": {
        "3.14": {
            "full_version": "3.14.2",
            "pyodide_version": "314.0.7",
            "android_abis": ["arm64-v8a", "x86_64"],
        }
    },
}


class DryBuild(phone.PhoneBuild):
    """All of `flet build`, with each command to Dart, Flutter or git noted instead of run."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.commands: list[list[str]] = []
        self.said = ""
        self.dart_exe, self.flutter_exe = "dart", "flutter"
        self.emojis = dict.fromkeys(("checkmark", "loading", "success", "directory"), "")

    def run(self, args: list[str], **_options: Any) -> Any:
        self.commands.append(args)
        (self.build_dir / "python-app").mkdir(parents=True, exist_ok=True)
        return types.SimpleNamespace(returncode=0, stdout="", stderr="")

    def create_flutter_project(self, second_pass: bool = False) -> bool:
        self.template_digest = "template"
        # Of iOS's icons flet-cli replaces those that are there.
        icons = self.flutter_dir / "ios" / "Runner" / "Assets.xcassets" / "AppIcon.appiconset"
        icons.mkdir(parents=True, exist_ok=True)
        for name in ("1024x1024@1x", "60x60@3x", "20x20@2x"):
            (icons / f"Icon-App-{name}.png").touch()
        return False

    def preflight_ios_signing(self) -> None:
        """Looks for profiles on this machine."""

    def run_flutter(self) -> None:
        """Ours finishes the project of a template, which is not here."""

    def copy_build_output(self) -> None:
        """There is none."""


def look_for_no_flutter(_command: DryBuild) -> None:
    """In the place of what would install it."""


def build(target: str, folder: Path, environment: dict[str, str]) -> DryBuild:
    """The command as it ended; `said` is all that flet-cli told."""
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLET_PYTHON_BUILD_MANIFEST", str(folder / "manifest.json"))
        patch.setattr(flutter_base.BaseFlutterCommand, "initialize_command", look_for_no_flutter)
        patch.setattr(phone, "PhoneBuild", DryBuild)
        patch.setattr(phone, "STAGE", folder / "phone")
        patch.setattr(phone, "OUT", folder / "out")
        phone_files.lay_out(folder / "phone")
        made, options = phone.command(phone.arguments(target, environment))
        assert isinstance(made, DryBuild)
        made.current_platform = "Darwin" if target == "ipa" else "Linux"
        # flet-cli always ends its process.
        with build_base.console.capture() as said, pytest.raises(SystemExit) as end:
            made.handle(options)
    assert not end.value.code, said.get()
    made.said = said.get()
    return made

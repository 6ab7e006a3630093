"""Packages the phone app with flet-cli: `python build/phone.py apk|aab|ipa`, after `… flutter` if need be.

The app is laid out in build/out/phone; what comes of it is put into build/out/<target>, with its checksum.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import catalogues
import phone_files
import phone_needs
import phone_package
import phone_packages
import phone_project
from flet.version import flutter_version
from flet_cli.commands.build import Command

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "out"
STAGE = OUT / "phone"
FLUTTER = OUT / "flutter"
TARGETS = ("apk", "aab", "ipa")


class PhoneBuild(Command):  # type: ignore[misc] # flet-cli carries no types
    """`flet build`, of the packages we choose, with our finishing touches to its project."""

    get_pyproject: Any

    def package_python_app(self) -> None:
        settings = self.get_pyproject

        def held(setting: str | None = None) -> Any:
            found = settings(setting)
            if setting == "project.dependencies":  # flet-cli hands each to pip, options too
                return phone_packages.arguments(found, OUT / "phone-packages")
            return found

        self.get_pyproject = held
        super().package_python_app()

    def run_flutter(self) -> None:
        phone_project.finish(self.flutter_dir, self.config_platform, self.get_pyproject())
        super().run_flutter()


def version() -> str:
    """The app's, as app/__init__.py has it; read and not imported, for that is not this program's app."""
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "app" / "__init__.py").read_text(encoding="utf-8"))
    if found is None:
        sys.exit("kaeru: app/__init__.py has no __version__.")
    return found[1]


def build_number(name: str) -> int:
    """What the stores tell builds apart by: it must grow with the version. 1.2.3 is 10203."""
    major, minor, patch = (int(part) for part in name.split("."))
    return major * 10_000 + minor * 100 + patch


def unused_files() -> list[str]:
    """Of the packages: what the configuration says, and Babel's data but for locales like the app's."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        files: list[str] = tomllib.load(file)["tool"]["flet"]["cleanup"]["package_files"]
    kept = sorted({*catalogues.languages(), "root"})
    firsts = sorted({language[0] for language in kept} | {"L"})  # and the data's licence
    data = [f"[!{''.join(firsts)}]*"]
    for first in sorted({language[0] for language in kept}):
        like = [language[:2] for language in kept if language[0] == first]
        data += [f"{first}[!{''.join(language[1] for language in like)}]*", *(f"{each}_*" for each in like)]
    return [*(f"babel/locale-data/{name}" for name in data), *files]


def arguments(target: str, environment: dict[str, str]) -> list[str]:
    """The command line of `flet build`."""
    name = version()
    given = [
        target, str(STAGE), "--output", str(OUT / target), "--yes",
        "--build-version", name, "--build-number", str(build_number(name)),
        "--cleanup-package-files", *unused_files(),
    ]  # fmt: skip
    if target == "ipa":
        options = ("--ios-provisioning-profile", "--ios-signing-certificate", "--ios-team-id")
        for option, variable in zip(options, phone_needs.IOS_SIGNING, strict=True):
            given += [option, environment[variable]]
        given += ["--ios-export-method", "app-store-connect"]
    return given


def command(given: list[str]) -> tuple[PhoneBuild, Any]:
    """The command and its options, as flet-cli's own entry point makes them."""
    parser = argparse.ArgumentParser("flet build")
    made = PhoneBuild(parser)
    return made, parser.parse_args(given)


def write_checksums(folder: Path) -> None:
    """SHA-256 of each package, beside it, in the form that `sha256sum --check` reads."""
    for package in sorted(folder.glob("*.[ai][pa]*")):
        if package.suffix[1:] in TARGETS:
            digest = hashlib.sha256(package.read_bytes()).hexdigest()
            package.with_name(f"{package.name}.sha256").write_text(f"{digest}  {package.name}\n")
            print(f"· {package.relative_to(ROOT)} ({package.stat().st_size / 1e6:.1f} MB)")


def fetch_flutter() -> None:
    """The version that Flet's project is written for, where the machine has none of its own."""
    if found := shutil.which("flutter"):
        print(f"· Flutter is here: {found}")
        return
    source = "https://github.com/flutter/flutter.git"
    unfinished = FLUTTER.with_name("flutter.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    print(f"· Fetching Flutter {flutter_version} …", flush=True)
    clone = ["git", "clone", "--quiet", "--depth", "1", "--branch", flutter_version, source, str(unfinished)]
    if subprocess.run(clone, check=False).returncode != 0:
        sys.exit(f"kaeru: Flutter {flutter_version} could not be fetched from {source}.")
    unfinished.rename(FLUTTER)


def main() -> None:
    parser = argparse.ArgumentParser(description="Package the phone app.")
    parser.add_argument("target", choices=[*TARGETS, "flutter"])
    target = parser.parse_args().target
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), str(FLUTTER / "bin")])
    if target == "flutter":
        fetch_flutter()
        return
    if problems := phone_needs.missing(target, os.environ):
        sys.exit("\n".join(f"kaeru: {problem}" for problem in problems))
    phone_files.lay_out(STAGE)
    build, options = command(arguments(target, dict(os.environ)))
    try:
        build.handle(options)
    except SystemExit as end:  # flet-cli always ends its process
        if end.code:
            raise
    write_checksums(OUT / target)
    packages = sorted((OUT / target).glob(f"*.{target}"))
    if wrong := [problem for package in packages for problem in phone_package.check(package)]:
        sys.exit("\n".join(f"kaeru: {problem}" for problem in wrong))


if __name__ == "__main__":
    main()

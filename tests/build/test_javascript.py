"""The checks of JavaScript: what they cover, that they find something, and what they are installed from."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import environment
import javascript
import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "assets" / "web"
PROGRAMS = ROOT / "build" / "javascript"
LOCK = ROOT / "package-lock.json"
SCRIPTS = (".js", ".mjs", ".cjs")
# One expression of a kind that only the compiler minds, and a statement of one that only the linter does.
MISTYPED = "export const length = Math.abs('three');\n"
UNAWAITED = "fetch('/');\nexport {};\n"


def _config(program: str) -> dict[str, object]:
    """The configuration of a program as the compiler reads it, with the files that it finds."""
    command: list[str | Path] = [javascript.NODE, *javascript.COMPILER, "--showConfig", "-p"]
    path = PROGRAMS / f"tsconfig.{program}.json"
    shown = subprocess.run([*command, path], capture_output=True, text=True, check=True)
    config: dict[str, object] = json.loads(shown.stdout)
    return config


def _files(config: dict[str, object]) -> set[Path]:
    assert isinstance(config["files"], list)
    return {(PROGRAMS / str(name)).resolve() for name in config["files"]}


@pytest.mark.parametrize(
    ("program", "folder"), [("page", "page/**/*"), ("worker", "worker/**/*"), ("service-worker", "*")]
)
def test_every_script_of_the_app_is_type_checked_strictly(program: str, folder: str) -> None:
    config = _config(program)
    scripts = {path for path in WEB.glob(folder) if path.suffix in SCRIPTS}
    assert scripts
    assert scripts <= _files(config)
    options = config["compilerOptions"]
    assert isinstance(options, dict)
    assert options["strict"]
    assert options["checkJs"]


def test_no_script_of_the_app_is_outside_the_checked_folders() -> None:
    checked = set.union(*(_files(_config(program)) for program in ("page", "worker", "service-worker")))
    assert {path for path in WEB.rglob("*") if path.suffix in SCRIPTS} <= checked


def test_every_program_is_part_of_the_check() -> None:
    named = set(re.findall(r'"path": "([^"]+)"', (ROOT / "tsconfig.json").read_text(encoding="utf-8")))
    programs = {path.relative_to(ROOT).as_posix() for path in PROGRAMS.glob("tsconfig.*.json")}
    assert named == programs - {"build/javascript/tsconfig.base.json"}


def test_no_script_turns_a_check_off() -> None:
    for path in WEB.rglob("*.js"):
        assert not re.search(r"@ts-|oxlint-|eslint-", path.read_text(encoding="utf-8")), path


def test_defects_in_new_scripts_of_any_folder_are_found(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("assets/web", "build/javascript"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / ".oxlintrc.json", tmp_path)
    # What Node runs is not in the copy.
    text = (ROOT / "tsconfig.json").read_text(encoding="utf-8")
    tests = re.compile(r',\s*\{ "path": "build/javascript/tsconfig.tests.json" \}')
    (tmp_path / "tsconfig.json").write_text(tests.sub("", text), encoding="utf-8")
    assert javascript.check(tmp_path) == 0, capfd.readouterr().out

    folders = ["assets/web", "assets/web/page", "assets/web/page/absent/wasm", "assets/web/worker"]
    for folder in folders:
        (tmp_path / folder / "mistyped.js").write_text(MISTYPED, encoding="utf-8")
        (tmp_path / folder / "unawaited.js").write_text(UNAWAITED, encoding="utf-8")
    assert javascript.check(tmp_path) == 1
    # In continuous integration the linter writes in colour, and frames the place with other characters.
    said = re.sub(r"\x1b\[[\d;]*m", "", capfd.readouterr().out)
    for folder in folders:
        assert f"{folder}/mistyped.js(1,32): error TS2345" in said
        assert re.search(rf"no-floating-promises[^\[]*\[{folder}/unawaited\.js", said)


def test_the_lock_file_pins_by_hash_and_names_no_registry() -> None:
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert packages.pop("")["devDependencies"] == wanted
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_locked_packages_are_installed_only_when_the_lock_file_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installations = []

    def install(command: list[str], *, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
        installations.append(command[-1])
        shutil.rmtree(cwd / "node_modules", ignore_errors=True)  # as npm does
        (cwd / "node_modules").mkdir()
        return subprocess.CompletedProcess(command, returncode=0)

    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(subprocess, "run", install)
    (tmp_path / "package-lock.json").write_text("{}", encoding="utf-8")
    environment.main(["javascript"])
    environment.main(["javascript"])
    assert installations == ["ci"]
    (tmp_path / "package-lock.json").write_text("{ }", encoding="utf-8")
    environment.main(["javascript"])
    assert installations == ["ci", "ci"]


def test_a_failed_installation_says_so_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, stdout="", stderr="npm error EINTEGRITY")

    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(subprocess, "run", refuse)
    (tmp_path / "package-lock.json").write_text("{}", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(SystemExit, match="EINTEGRITY"):
            environment.main(["javascript"])

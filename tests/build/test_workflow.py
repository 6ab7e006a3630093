"""The release workflow, which runs where these tests cannot: its form, its mistakes, what it relies on."""

import re
import subprocess
import sys
from pathlib import Path

import phone_needs
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"
TEXT = WORKFLOW.read_text(encoding="utf-8")
BESIDE_PYTHON = Path(sys.executable).parent


@pytest.mark.parametrize(
    "linter",
    [
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
        # Offline: it asks nobody about the actions, which are pinned by hash.
        ["zizmor", "--offline", "--no-progress", "--persona", "regular"],
    ],
    ids=lambda command: command[0],
)
def test_the_linters_find_nothing(linter: list[str]) -> None:
    command = [BESIDE_PYTHON / linter[0], *linter[1:], WORKFLOW]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_it_runs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+(?: [a-z-]+)*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    steps = [step for job in YAML(typ="safe").load(TEXT)["jobs"].values() for step in job["steps"]]
    wanted = {word for step in steps for word in re.findall(r"\bmake ([a-z-]+)", step.get("run", ""))}
    assert {"pwa", "flutter", "ipa"} <= wanted <= known
    assert {"apk", "aab"} <= known
    assert (ROOT / ".ci" / "run").is_file()


def test_it_gives_each_build_what_it_must_have_to_sign() -> None:
    for name in (phone_needs.KEY_STORE, phone_needs.KEY_STORE_PASSWORD, *phone_needs.IOS_SIGNING):
        assert re.search(rf"^ +{name}: ", TEXT, re.MULTILINE), name


def test_each_secret_is_explained_to_whoever_sets_it() -> None:
    explained = (ROOT / "docs" / "phone.md").read_text(encoding="utf-8")
    secrets = set(re.findall(r"secrets\.(\w+)", TEXT))
    assert len(secrets) >= 7
    assert not [name for name in secrets if f"`{name}`" not in explained]

"""The workflows, which run where these tests cannot: their form, their mistakes, what they rely on."""

import re
import subprocess
import sys
from pathlib import Path

import phone_needs
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
TEXT = (GITHUB / "workflows" / "release.yml").read_text(encoding="utf-8")
BESIDE_PYTHON = Path(sys.executable).parent


# Offline: it asks nobody about the actions, which are pinned by hash.
AUDIT = ["zizmor", "--offline", "--no-progress", "--persona", "regular"]
LINTERS = [
    *(["check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(each)] for each in WORKFLOWS),
    ["check-jsonschema", "--builtin-schema", "vendor.dependabot", str(GITHUB / "dependabot.yml")],
    [*AUDIT, *map(str, WORKFLOWS), str(GITHUB / "dependabot.yml")],
]


@pytest.mark.parametrize("linter", LINTERS, ids=lambda command: f"{command[0]}-{Path(command[-1]).stem}")
def test_the_linters_find_nothing(linter: list[str]) -> None:
    command = [BESIDE_PYTHON / linter[0], *linter[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_push_to_main_and_a_pull_request_run_what_must_pass() -> None:
    check = YAML(typ="safe").load((GITHUB / "workflows" / "check.yml").read_text(encoding="utf-8"))
    assert set(check["on"]) == {"push", "pull_request"}
    (job,) = check["jobs"].values()
    assert job["steps"][-1]["run"] == ".ci/run"


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

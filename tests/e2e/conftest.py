"""One packaged app, one server, and one warmed-up profile for all browser tests."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from tests.e2e.browser import ACTION_MS, ROOT, Phone, Server, package, wait_for_snapshot
from tests.e2e.desk import Desk
from tests.e2e.native import NativeApp, show

expect.set_options(timeout=ACTION_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    browsers = [item for item in items if here in item.path.parents]
    for item in browsers:
        item.add_marker("e2e")
    # The longest first: started last, a story would run alone at the end.
    browsers.sort(key=lambda item: not item.path.name.startswith("test_story"))
    items[:] = [item for item in items if here not in item.path.parents] + browsers


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged app in a folder of the test run, where `publish` can put other versions."""
    folder = tmp_path_factory.mktemp("web") / "web"
    shutil.copytree(package(), folder)
    return folder


@pytest.fixture(scope="session")
def server(web: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server; a test that stops it must start it again."""
    running = Server(web, tmp_path_factory.mktemp("server") / "log")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def warm_profile(server: Server, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A browser profile after one visit: it holds the app and a snapshot, but no data."""

    def visit(profile: Path) -> None:
        phone = Phone(playwright, profile, server.url, locale="en-US")
        wait_for_snapshot(phone.start())
        phone.close()

    folder = tmp_path_factory.getbasetemp()
    # Parallel test processes have a folder each inside a common one.
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return made_once(shared / "warm-profile", visit)


@pytest.fixture
def make_phone(
    playwright: Playwright, server: Server, warm_profile: Path, tmp_path: Path
) -> Iterator[Callable[..., Phone]]:
    """Create phones that already have the app; `locale`, `color_scheme`, … are Playwright options."""
    phones: list[Phone] = []

    def make(like: Path = warm_profile, **options: object) -> Phone:
        profile = copy_profile(like, tmp_path / f"profile-{len(phones)}")
        phones.append(Phone(playwright, profile, server.url, **{"locale": "en-US", **options}))
        return phones[-1]

    yield make
    for phone in phones:
        phone.close()


@pytest.fixture
def phone(make_phone: Callable[..., Phone]) -> Phone:
    """A phone that already has the app, in English."""
    return make_phone()


@pytest.fixture
def make_native(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[..., tuple[NativeApp, Phone]]]:
    """Start the app on CPython with a browser that shows it; options as for `make_phone`."""
    made: list[tuple[NativeApp, Phone]] = []

    def make(**options: str) -> tuple[NativeApp, Phone]:
        folder = tmp_path / f"native-{len(made)}"
        folder.mkdir()
        app = NativeApp(folder / "data", options["locale"], options["timezone_id"])
        app.start()
        made.append((app, Phone(playwright, folder / "profile", app.url, **options)))
        return made[-1]

    yield make
    for app, phone in made:
        phone.close()
        app.stop()
        assert app.complaints() == []


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("KAERU_DATA", str(tmp_path / "desk"))
    running = Desk(tmp_path / "desk")
    yield running
    running.close()


@pytest.fixture(params=["browser", "native"])
def start_story(request: pytest.FixtureRequest) -> Callable[..., Page]:
    """Open the app for a story, as the PWA and on CPython; options are Playwright's."""

    def start(**options: object) -> Page:
        options["permissions"] = ["clipboard-read", "clipboard-write"]
        if request.param == "browser":
            return request.getfixturevalue("make_phone")(**options).start()
        _app, phone = request.getfixturevalue("make_native")(**options)
        return show(phone)

    return start


@pytest.fixture
def new_phone(playwright: Playwright, server: Server, tmp_path: Path) -> Iterator[Phone]:
    """A phone without the app."""
    phone = Phone(playwright, tmp_path / "new-profile", server.url, locale="en-US")
    yield phone
    phone.close()


@pytest.fixture
def publish(web: Path, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Serve another version of the app from now on, with extra Python lines at the start of its main.py."""

    def publish_version(first_lines: str) -> None:
        source = tmp_path / "source"
        if not source.exists():
            for folder in ("app", "locales"):
                shutil.copytree(ROOT / folder, source / folder)
        (source / "main.py").write_text(f"{first_lines}\n{(ROOT / 'main.py').read_text()}")
        package(web, source)

    yield publish_version
    package(web)


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder filled by `make`; the first process to ask fills it, the others wait."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_suffix(".part")
            make(unfinished)
            unfinished.rename(folder)
    return folder


def copy_profile(profile: Path, target: Path) -> Path:
    """Copy the profile of a closed browser without caches and locks."""

    def copy(source: str, copied: str) -> None:
        if "/Code Cache/" not in source and not Path(source).name.startswith("Singleton"):
            shutil.copy2(source, copied)

    # A browser marks its profile with dangling symlinks.
    return Path(shutil.copytree(profile, target, symlinks=True, copy_function=copy))

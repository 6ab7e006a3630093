"""Web Push end to end in Firefox: from a planned reminder to a button pressed on a desktop."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.entities import Client, utc_now
from app.reminders.plan import Reminder
from app.sync.errors import PlanMovedError
from tests.e2e.browser import Server
from tests.e2e.desk import CLIENT, Desk, agree_both, wait_until
from tests.e2e.desktop import Desktop, desktop
from tests.e2e.firefox import Firefox
from tests.e2e.hands import Hands
from tests.e2e.push_service import DELIVERED, PushService

BEFORE = timedelta(hours=2)
# Seconds until the planned reminder is due: a larger value for each retry.
AHEAD = (8, 16, 32, 64)


@pytest.fixture
def push_service() -> Iterator[PushService]:
    with PushService().running() as running:
        yield running


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Desktop]:
    with desktop(tmp_path / "desktop") as running:
        yield running


@pytest.fixture
def server(web: Path, tmp_path: Path, push_service: PushService) -> Iterator[Server]:
    """A server that may use the push service of this machine."""
    settings = {"KAERU_PUSH_SERVICES": "127.0.0.1", "KAERU_PUSH_TESTING": "true"}
    running = Server(web, tmp_path / "log", settings)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def firefox(screen: Desktop, push_service: PushService, tmp_path: Path) -> Iterator[Firefox]:
    profile, service = tmp_path / "firefox", f"ws://{push_service.address}/"
    with Firefox.running(profile, screen.environment, service) as running:
        yield running


def test_a_reminder_is_shown_and_answered_on_the_desktop(
    firefox: Firefox, server: Server, push_service: PushService, screen: Desktop, desk: Desk
) -> None:
    open_account(desk, server)
    inviter = desk.invite()
    firefox.page.start(inviter.link)
    anna = Hands(firefox.page)
    agree_both(anna, desk, inviter)
    turn_on(anna)
    assert push_service.subscriptions == 1
    anna.tap(anna.say("Send a test"))
    wait_until(lambda: titles(screen) == ["Kaeru can ring here"])

    server.forget_requests()
    push_service.forget_browsers()
    wait_until(lambda: "/api/v1/push/subscription" in server.requests())
    anna.tap("2 hours", "checkbox")
    wait_until(lambda: rings_before(desk) == [60, 120])
    anna.back()
    anna.tap(anna.say("Sync"))
    reminders = plan_reminder(anna, desk)
    firefox.page.goto("about:blank")

    wait_until(lambda: len(titles(screen)) == 2)
    assert titles(screen)[1].startswith("Almost due: reply to Lemoine by ")
    assert screen.shown()[1][1] == "The invoice"
    assert push_service.acknowledged == [DELIVERED, DELIVERED]
    screen.press("Replied")
    wait_until(lambda: desk.answered("invoice"))
    assert not planned_on_server(desk, reminders)
    assert not [each for each in desk.plan() if each.item == ("message", "invoice")]
    assert screen.count() == 1  # that of the test notification
    assert not firefox.complaints


def open_account(desk: Desk, server: Server) -> None:
    """Start an account whose settings allow reminders at any time."""

    async def start() -> None:
        settings = desk.store.settings()
        settings.quiet_hours, settings.ring_on_days_off = [], True
        settings.working_hours = {str(day): [["00:00", "24:00"]] for day in range(7)}
        desk.store.save(settings, Client(id=CLIENT, name="Lemoine"))
        await desk.sync.start(server.url, "Desk")
        await desk.sync.sync_once()

    desk.do(start())


def turn_on(h: Hands) -> None:
    h.see(h.say("In step"))
    h.tap(h.say("Go on"))
    h.tap(h.say("Settings"))
    h.tap(h.say("Notifications"))
    h.tap(h.say("Turn off"))  # the browser has granted the permission before
    h.tap(h.say("Turn notifications on"))
    h.see(h.say("This device rings, also while Kaeru is closed."))


def rings_before(desk: Desk) -> list[int]:
    """The reminder minutes in the settings after one more sync session."""

    async def look() -> list[int]:
        await desk.sync.sync_once()
        return desk.store.settings().reminder_minutes

    return desk.do(look())


def plan_reminder(h: Hands, desk: Desk) -> list[Reminder]:
    """Store a message on the desk and sync from the sync screen until the server has its reminder."""
    for seconds in AHEAD:
        desk.owe("invoice", "The invoice", BEFORE + timedelta(seconds=seconds))
        reminders = [each for each in desk.plan() if each.item == ("message", "invoice")]
        while utc_now() < reminders[0].fire_at:
            h.tap(h.say("Sync now"))
            if planned_on_server(desk, reminders) == reminders:
                return reminders
    raise AssertionError(f"Nothing is planned:\n{h.said()}")


def titles(screen: Desktop) -> list[str]:
    return [title for title, _text in screen.shown()]


def planned_on_server(desk: Desk, reminders: list[Reminder]) -> list[Reminder]:
    """Those of the reminders that are in the server's plan."""

    async def ask() -> list[Reminder]:
        member = desk.sync._member
        assert member
        try:
            await member.client.put_reminders(0, (), ())
        except PlanMovedError as moved:
            return [each for each in reminders if member.plan.name(each.key) in moved.ids]
        return []

    return desk.do(ask())

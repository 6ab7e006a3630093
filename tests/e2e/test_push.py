"""A push message to a closed app, in Chromium: shown, answered with and without a network, and withdrawn."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from playwright.sync_api import CDPSession, Worker

from app.reminders.plan import Reminder
from app.reminders.planner import planned_reminders
from app.sync import keys
from app.sync.keyring import SYNC_KEY
from app.sync.reminder_plan import PlanContext, ReminderPlanSync, notification
from app.sync.sealing import seal_reminders
from app.sync.wire import encode
from tests.e2e.browser import Phone, Server
from tests.e2e.desk import Desk, reminder_wording, start_syncing, sync_at_once, wait_until
from tests.e2e.hands import Hands

IN_THREE_DAYS = timedelta(days=3)
# A press as the browser reports it; a headless browser has no notification to press.
PRESS = """async (action) => {
  const [notification] = await self.registration.getNotifications();
  let done;
  const event = new NotificationEvent("notificationclick", { notification, action });
  event.waitUntil = (promise) => { done = promise; };
  self.dispatchEvent(event);
  await done;
}"""
# Counts notifications shown: listing them while one is being shown makes Chromium lose that one.
COUNT = """() => {
  const show = self.registration.showNotification.bind(self.registration);
  self.count = 0;
  self.registration.showNotification = async (...one) => {
    await show(...one);
    self.count += 1;
  };
}"""
CLEAR = "async () => (await self.registration.getNotifications()).forEach((shown) => shown.close())"
SHOWN = """async () => (await self.registration.getNotifications()).map(({ title, body, lang, actions }) =>
  ({ title, body, lang, actions: actions.map(({ action }) => action) }))"""


class Pushes:
    """A push service that delivers to this browser."""

    def __init__(self, phone: Phone) -> None:
        context = phone.context
        assert context
        self.origin = phone.url
        self.worker: Worker = context.service_workers[0]
        self.session: CDPSession = context.new_cdp_session(context.pages[0])
        registrations: list[str] = []
        self.session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda news: registrations.extend(each["registrationId"] for each in news["registrations"]),
        )
        self.session.send("ServiceWorker.enable")
        wait_until(lambda: bool(context.pages[0].wait_for_timeout(50) or registrations))
        self.registration = registrations[0]
        self.worker.evaluate(COUNT)
        self.waited_for = 0

    def deliver(self, message: str) -> None:
        where = {"origin": self.origin, "registrationId": self.registration, "data": message}
        self.session.send("ServiceWorker.deliverPushMessage", where)

    def network_is_back(self) -> None:
        where = {"origin": self.origin, "registrationId": self.registration}
        self.session.send(
            "ServiceWorker.dispatchSyncEvent", {**where, "tag": "kaeru-answers", "lastChance": False}
        )

    def wait(self) -> list[dict[str, Any]]:
        """Wait for one more notification; returns all that are shown."""
        self.waited_for += 1
        wait_until(lambda: self.worker.evaluate("() => self.count") >= self.waited_for)
        return self.shown()

    def shown(self) -> list[dict[str, Any]]:
        return list(self.worker.evaluate(SHOWN))

    def press(self, action: str = "") -> None:
        self.worker.evaluate(PRESS, action)


def test_a_reminder_answered_offline_reaches_the_other_device(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    phone = make_phone(permissions=["notifications"])
    anna = Hands(phone.start())
    desk.do(desk.sync.join(start_syncing(anna), server.url, "Desk"))
    pushes = Pushes(phone)
    turn_on(anna)
    anna.tap(anna.say("Send a test"))
    assert [shown["title"] for shown in pushes.wait()] == ["Kaeru can ring here"]
    pushes.worker.evaluate(CLEAR)
    desk.sync.reminders.plan_with(lambda now: planned_reminders(desk.store, now, reminder_wording))
    desk.owe("invoice", "The invoice", IN_THREE_DAYS)
    planned = desk.plan()

    pushes.deliver(sealed(desk, planned[0]))
    shown = pushes.wait()[0]
    assert shown["title"] == planned[0].wording.title
    assert (shown["body"], shown["lang"]) == ("The invoice", "en")
    assert shown["actions"] == ["replied", "snooze"]

    anna.page.goto("about:blank")
    server.stop()
    pushes.press("replied")
    assert pushes.shown() == []
    server.start()
    assert not desk.answered("invoice")
    pushes.network_is_back()
    wait_until(lambda: desk.answered("invoice"))
    assert not [each for each in desk.plan() if each.item == ("message", "invoice")]

    pushes.deliver("{}")  # an unreadable message
    assert pushes.wait()[0]["title"] == "Kaeru reminds you"
    pushes.worker.evaluate(CLEAR)

    ben = Hands(phone.start())  # the app applies the answer
    ben.see(ben.say("Nothing waits for you today"))
    desk.owe("contract", "The contract", IN_THREE_DAYS)
    pushes.deliver(sealed(desk, first_about(desk, "contract")))
    pushes.wait()
    sync_at_once(ben)
    pushes.press()
    ben.see("The contract", ben.say("Replied"))
    assert not phone.complaints

    ben.back()
    desk.owe("quote", "The quote", IN_THREE_DAYS)
    sync_at_once(ben)
    ben.see("The quote")
    pushes.deliver(sealed(desk, first_about(desk, "quote")))
    pushes.wait()
    server.stop()
    pushes.press("replied")
    ben.see_no("The quote")  # an open app applies the answer itself
    server.start()
    wait_until(lambda: sync_at_once(ben) and desk.answered("quote"))


def test_an_answer_sealed_with_an_old_key_is_kept_and_sent_by_the_app(
    make_phone: Callable[..., Phone], desk: Desk, server: Server
) -> None:
    phone = make_phone(permissions=["notifications"])
    anna = Hands(phone.start())
    desk.do(desk.sync.join(start_syncing(anna), server.url, "Desk"))
    pushes = Pushes(phone)
    desk.owe("invoice", "The invoice", IN_THREE_DAYS)
    sync_at_once(anna)
    wait_until(lambda: desk.do(knows_all(desk)))
    pushes.deliver(sealed(desk, first_about(desk, "invoice")))
    pushes.wait()

    anna.page.goto("about:blank")
    desk.do(desk.sync.change_key([]))
    server.forget_requests()
    pushes.press("replied")  # sealed with the old key, which the server refuses
    wait_until(lambda: "/api/v1/sync" in server.requests())
    assert not desk.answered("invoice")
    Hands(phone.start())  # the app adopts the new key and sends the answer
    wait_until(lambda: desk.answered("invoice"))


async def knows_all(desk: Desk) -> bool:
    """Whether every device can follow a key change."""
    await desk.sync.sync_once()
    return all(device.follows for device in await desk.sync.devices.fetch())


def first_about(desk: Desk, message: str) -> Reminder:
    return next(each for each in desk.plan() if each.item == ("message", message))


def turn_on(h: Hands) -> None:
    """Turn notifications on from the sync screen. No push service is reachable here, and the app says so."""
    h.back()
    h.tap(h.say("Notifications"))
    h.see(h.say("What rings next"))
    h.tap(h.say("Turn off"))  # the browser has granted the permission before
    h.tap(h.say("Turn notifications on"))
    h.see(h.say("This device rings while Kaeru is open. The server cannot reach it while Kaeru is closed."))


def sealed(desk: Desk, reminder: Reminder) -> str:
    """The push message of a reminder as the server sends it."""

    async def seal() -> str:
        platform = desk.platform
        derived = keys.derive(await platform.vault.read(SYNC_KEY) or b"")
        keeper = ReminderPlanSync(derived.reminders)
        content = notification(reminder, PlanContext("en", desk.store.sync_store.stamp))
        content["tag"] = keeper.name(reminder.group)
        id_ = keeper.name(reminder.key)
        box = (await seal_reminders(platform.sealer(derived.sealing), [(id_, content)]))[0]
        return json.dumps({"v": 1, "id": id_, "group": content["tag"], "box": encode(box)})

    return desk.do(seal())

"""Sentences on how reminders reach this device: when they ring, what they miss, and the next step."""

from app.i18n import _
from app.platform.base import NotificationCapability


def how(ringing: NotificationCapability, *, syncs: bool) -> str:
    """When this device rings, once reminders are turned on."""
    if ringing.possible == "alarms" or (ringing.subscribed and syncs):
        return _("This device rings, also while Kaeru is closed.")
    if ringing.possible == "local":
        return _("This browser rings while Kaeru is open. It cannot be reached while Kaeru is closed.")
    if not syncs:
        return _(
            "This device rings while Kaeru is open. Turn on sync, and it rings also while Kaeru is closed: "
            "the server keeps the time and cannot read a word."
        )
    return _("This device rings while Kaeru is open. The server cannot reach it while Kaeru is closed.")


def late() -> str:
    """By how much inexact alarms may be late; see MOST_LATE."""
    return _(
        "Android may show reminders up to an hour late, and later still while the phone saves power. Kaeru "
        "therefore sets those that come before something is due an hour earlier. For reminders on time, "
        "allow exact alarms: your phone opens the page “Alarms & reminders”."
    )


def elsewhere(server: str) -> str:
    """What alarms of a closed app miss if there is an account: records of other devices.

    `server` is the address from which Android can install the PWA, which the server can wake; empty on other
    phones.
    """
    known = _(
        "While Kaeru is closed, this phone does not learn what you record on your other devices. New "
        "reminders from there are set the next time you open Kaeru here. Until then, a reminder that you "
        "have answered elsewhere can still ring."
    )
    if not server:
        return known
    return (
        known
        + "\n\n"
        + _(
            "If you often record elsewhere, open {server} in Chrome, choose “Install app” in its menu, and "
            "join there as one more device. The server then reminds you of everything. Turn notifications "
            "off here, so that nothing rings twice."
        ).format(server=server)
    )


def cannot(*, in_browser: bool) -> str:
    if not in_browser:
        return _(
            "Kaeru cannot reach the notifications of this device at the moment. Close the app, open it again "
            "and come back to this page."
        )
    return _(
        "This browser cannot show notifications. Use a current Chrome, Edge, Firefox or Safari, "
        "and not a private window."
    )


def home_screen() -> str:
    return _(
        "On iPhone and iPad, Kaeru can ring once it is on your home screen: tap Share in Safari, then "
        "Add to Home Screen, and open it from there. Sync brings along what you have noted here."
    )


def denied(ringing: NotificationCapability) -> str:
    if ringing.possible == "alarms":
        return _(
            "Notifications from Kaeru are blocked on this phone. Open its settings, find Kaeru under Apps, "
            "and allow notifications. Then come back."
        )
    return _(
        "Notifications from Kaeru are blocked in this browser. Tap the icon beside the address, or open the "
        "browser's settings for this site, and allow notifications. Then come back."
    )

"""The sync status in words, and sync commands whose failures are explained."""

import math
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from app.i18n import Formatter, _, n_
from app.store.transactions import StorageError
from app.sync.addresses import server_address
from app.sync.checked_text import KeyTextError
from app.sync.errors import SyncError
from app.sync.pairing_secret import PairingEntry, read_entry
from app.sync.status import Status, SyncDevice
from app.viewmodels import data as data_model
from app.viewmodels.services import AppServices
from app.viewmodels.sync_notices import Notice, explain, key_message

if TYPE_CHECKING:
    from app.sync.pairing_messages import Offer

HAS_TO_LEAVE = frozenset(
    {"revoked", "unauthorized", "no_account", "wrong_secret", "no_grant", "no_key", "locked_key"}
)
"""Error codes after which this device can only leave its account or wait."""

Command = Callable[[], Awaitable[None]]


# --- status ----------------------------------------------------------------------------------------------


def headline(status: Status) -> str:
    """The state in two or three words."""
    if status.state == "error":
        return _("Sync needs you")
    return {
        "off": _("Off"),
        "idle": _("In step"),
        "syncing": _("Exchanging…"),
        "offline": _("Waiting for the server"),
    }[status.state]


def progress_line(status: Status, formatter: Formatter) -> str:
    if status.sealing and status.total is not None:
        return _("{done} of {total} sealed with the new key").format(
            done=formatter.number(status.done), total=formatter.number(status.total)
        )
    if not status.done:
        return _("Asking the server…")
    if status.total is None:
        return n_("{n} entry exchanged so far", "{n} entries exchanged so far", status.done)
    return _("{done} of {total} sent").format(
        done=formatter.number(status.done), total=formatter.number(status.total)
    )


def lines(app: AppServices, status: Status) -> list[str]:
    """Detail lines shown below the headline."""
    found = []
    if status.state == "syncing":
        found.append(progress_line(status, app.format))
    if status.at is not None:
        found.append(_("Last in step: {when}").format(when=app.format.when(status.at, app.now)))
    elif status.state != "syncing":
        found.append(_("Not in step yet"))
    waiting = waiting_count(app)
    if waiting and status.state != "syncing":
        found.append(n_("{n} change waits to be sent", "{n} changes wait to be sent", waiting))
    following = app.sync.next_session()
    if following is not None and status.state == "offline":
        found.append(_("Next try: {when}").format(when=app.format.time(following)))
    return found


def waiting_count(app: AppServices) -> int:
    try:
        return app.store.sync_store.count_outgoing()
    except StorageError:
        return 0  # database errors are reported by writes


def seen_line(device: SyncDevice, now: datetime, formatter: Formatter) -> str:
    """When a device was last seen and added, to distinguish devices with the same name."""
    if device.this:
        return _("This device")
    seen = _("Last seen: {day}").format(day=formatter.day_within(device.seen_at, now))
    added = _("Added: {when}").format(when=formatter.when(device.created_at, now))
    return f"{seen} · {added}"


def added_line(device: SyncDevice, now: datetime, formatter: Formatter) -> str:
    """When and how a device was added. The method is the device's own statement; the rest is the server's."""
    when = formatter.when(device.created_at, now)
    if not device.listed:
        return _(
            "Added: {when}. The server does not list it: it has left again, or the server hides it. "
            "If it was not you, shut it out for good, so that the sync key is changed."
        ).format(when=when)
    if device.added_here:
        return _("Added with this device: {when}.").format(when=when)
    if device.added_by:
        return _("Added with {device}: {when}.").format(device=device.added_by, when=when)
    if device.method == "key":
        return _("Added with the sync key: {when}.").format(when=when)
    return _("Added: {when}. It does not say how.").format(when=when)


def waiting_line() -> str:
    """The text shown while a key rotation waits for the server's answer."""
    return _("The sync key is being changed. Kaeru goes on with it as soon as the server answers.")


# --- keys ------------------------------------------------------------------------------------------------


def plain_key(text: str) -> str:
    """Strip the text and convert full-width letters and digits, as Japanese keyboards produce, to ASCII."""
    return unicodedata.normalize("NFKC", text).strip()


def entry_of(text: str) -> PairingEntry:
    """Parse an invitation or sync key that was typed, pasted or opened as a link. Raises KeyTextError."""
    return read_entry(plain_key(text))


def entry_problem(text: str) -> str:
    """Why `text` is not a valid invitation or sync key; empty if it is."""
    try:
        entry_of(text)
    except KeyTextError as error:
        return key_message(error)
    return ""


def server_problem(app: AppServices, typed: str) -> str:
    """Why `typed` is not a usable server address; empty if it is."""
    try:
        server_address(typed, app.platform.origin)
    except SyncError as error:
        if error.code == "insecure_address":
            return explain(error, app.format).text
        return _("Enter your server's address, for example https://kaeru.example.com.")
    return ""


def joining_line(app: AppServices) -> str:
    """What joining an account does to the data already on this device."""
    counts = {
        kind: number for kind, number in app.store.sync_store.count_shared().items() if kind != "settings"
    }
    if not counts:
        return _(
            "Everything from this account's devices arrives here. "
            "What you note here from now on goes to all of them."
        )
    return _(
        "What is here ({counts}) goes to all devices of this account, and what they have arrives here. "
        "The settings become theirs."
    ).format(counts=data_model.counts_line(counts, app.format))


def devices_line(offer: "Offer", formatter: Formatter) -> str:
    """The names of the account's other devices."""
    names = [name or _("A device without a name") for name in offer.names]
    more = offer.others - len(offer.names)
    if more > 0:
        names.append(n_("{n} more device", "{n} more devices", more))
    return formatter.listed(names)


def lifetime_line(expires_at: datetime | None, now: datetime) -> str:
    """How long an invitation remains valid, in minutes rounded up."""
    if expires_at is None:
        return ""
    minutes = max(1, math.ceil((expires_at - now).total_seconds() / 60))
    return n_(
        "The invitation works once, for {n} more minute.",
        "The invitation works once, for {n} more minutes.",
        min(minutes, 10),
    )


# --- commands --------------------------------------------------------------------------------------------


async def attempt(command: Command, formatter: Formatter) -> Notice | None:
    """Run a command of `Sync`; returns a notice if it failed."""
    try:
        await command()
    except (SyncError, StorageError, KeyTextError, OSError) as error:
        return explain(error, formatter)
    return None

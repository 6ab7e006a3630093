"""Messages and remedies for every error code of app/sync/errors.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from app.i18n import Formatter, _, n_
from app.store.transactions import Reason, StorageError
from app.sync.checked_text import KeyTextError
from app.sync.errors import SyncError
from app.sync.status import Status
from app.viewmodels.services import storage_message

Way = Literal["retry", "leave", "update"]
"""A remedy offered as a button."""


@dataclass(frozen=True)
class Notice:
    """A problem and its remedies, the best first."""

    text: str
    ways: tuple[Way, ...] = ()


def notice_of(status: Status, formatter: Formatter) -> Notice | None:
    """The notice for a sync status; None if it reports no problem."""
    if status.state not in {"error", "offline"}:
        return None
    return notice(status.code, status.detail, formatter)


def explain(error: Exception, formatter: Formatter) -> Notice:
    """The notice for an exception raised by a `Sync` command."""
    if isinstance(error, SyncError):
        return notice(error.code, error.detail, formatter)
    if isinstance(error, StorageError):
        return Notice(storage_message(error))
    if isinstance(error, KeyTextError):
        return Notice(key_message(error))
    return Notice(_("This device does not let Kaeru keep the key. Nothing was changed."))


def notice(code: str, detail: Mapping[str, Any], formatter: Formatter) -> Notice:
    """The notice for an error code of app/sync/errors.py; `detail` holds its parameters."""
    if code in {"clock", "restored"}:
        return (_clock if code == "clock" else _restored)(detail, formatter)
    if code == "protocol":
        return _protocol(detail)
    if code == "quota":
        return Notice(
            _(
                "There is no more room for you on the server. What others write still arrives, "
                "but nothing new leaves this device. Ask whoever runs the server for more."
            ),
            ("retry",),
        )
    if code in {"too_large", "unopened"}:
        return _entries(code, len(detail.get("ids", ())) or 1)
    if code == "storage":
        reason: Reason = detail["reason"] if detail.get("reason") in get_args(Reason) else "unavailable"
        return Notice(storage_message(StorageError(reason)), ("retry",))
    return _plain(code)


def _plain(code: str) -> Notice:
    """Notices without parameters. Unknown codes, sent by newer servers, count as server problems."""
    unknown_key = Notice(
        _("The server knows nothing under this key. Compare the key, or start anew on one device."),
        ("leave",),
    )
    server_problem = Notice(_("The server has a problem. Kaeru tries again by itself."), ("retry",))
    notices = {
        "offline": Notice(_("The server cannot be reached. Kaeru tries again by itself."), ("retry",)),
        "busy": Notice(_("The server asks to wait a little. Kaeru tries again by itself.")),
        "no_server": Notice(_("There is no Kaeru server at this address."), ("retry",)),
        "insecure_address": Notice(_("This address is not secure. It must begin with https.")),
        "newer": Notice(
            _("Another device writes with a newer Kaeru. Update Kaeru here to go on."), ("update", "retry")
        ),
        "no_account": unknown_key,
        "wrong_secret": unknown_key,
        "old_key": Notice(
            _(
                "This sync key was changed. Enter the new one: "
                "your other devices show it in Settings, Sync, Show the sync key."
            ),
        ),
        "no_grant": Notice(
            _(
                "Another device changed the sync key. Stop syncing here and keep what is on this device, "
                "then add it again. Nothing is lost: everything is merged."
            ),
            ("leave",),
        ),
        "key_changed": Notice(
            _("Another device has just changed the sync key. Try again in a moment."), ("retry",)
        ),
        "devices_changed": Notice(
            _("Devices came or went meanwhile. Look at the list, then try again."), ("retry",)
        ),
        "closed": Notice(
            _(
                "This server takes nobody new. Add this device to an account you have, or ask whoever runs "
                "it, or run a server of your own."
            )
        ),
        "too_many_devices": Notice(
            _("There is no room for one more device. Shut one out on another device first.")
        ),
        "revoked": Notice(
            _(
                "This device was shut out from another one. What is on it stays. Nothing new arrives, and "
                "what you note here reaches no other device. If it was a mistake, stop syncing here, keep "
                "the data, and add this device again."
            ),
            ("leave",),
        ),
        "unauthorized": Notice(
            _(
                "The server no longer knows this device: perhaps all was deleted there. "
                "What is on this device stays."
            ),
            ("leave",),
        ),
        "push_service": Notice(
            _("This server does not ring through this browser's push service. Whoever runs it can allow it.")
        ),
        "no_subscription": Notice(
            _("The server does not know yet how to ring this device. Turn notifications off and on again.")
        ),
        "no_device": Notice(_("That device is no longer there."), ("retry",)),
        "locked_key": Notice(
            _(
                "This device does not give Kaeru the sync key just now. Unlock it and try again. "
                "Nothing is lost."
            ),
            ("retry", "leave"),
        ),
        "no_key": Notice(
            _("This device has lost its key. Stop syncing here, then add it again. Nothing is lost."),
            ("leave",),
        ),
        "member": Notice(
            _("This device belongs to an account already. Stop syncing here first."), ("leave",)
        ),
        "no_pairing": Notice(_("This invitation has expired. Make a new one on the other device.")),
        "pairing_used": Notice(
            _("Another device has used this invitation. Make a new one on the other device.")
        ),
        "pairing_step": Notice(_("The other device has ended this. Make a new invitation there.")),
        "pairing_broken": Notice(
            _("What arrived is not what the other device sent. Make a new invitation there.")
        ),
        "off": Notice(_("Sync is off on this device.")),
    }
    return notices.get(code, server_problem)


def _entries(code: str, number: int) -> Notice:
    """The notice for records that cannot be synced while all others are."""
    if code == "too_large":
        return Notice(
            n_(
                "One entry is too long to be sent. Shorten it; all the rest is in step.",
                "{n} entries are too long to be sent. Shorten them; all the rest is in step.",
                number,
            )
        )
    return Notice(
        n_(
            "This device cannot read what the server has of one entry. Your changes to it stay here for now. "
            "Open Kaeru on your other devices. Everything else is in step.",
            "This device cannot read what the server has of {n} entries. Your changes to them stay here for "
            "now. Open Kaeru on your other devices. Everything else is in step.",
            number,
        ),
        ("retry",),
    )


def _clock(facts: Mapping[str, Any], formatter: Formatter) -> Notice:
    seconds = float(facts.get("seconds", 0))
    length = formatter.duration(timedelta(seconds=abs(seconds)))
    if seconds > 0:
        text = _("This device's date is {length} ahead. Set it right, then sync: nothing is lost.")
    else:
        text = _("This device's date is {length} behind. Set it right, then sync: nothing is lost.")
    return Notice(text.format(length=length), ("retry",))


def _restored(facts: Mapping[str, Any], formatter: Formatter) -> Notice:
    try:
        until = formatter.date(datetime.fromisoformat(str(facts.get("until"))))
    except ValueError:
        text = _(
            "The server was restored from a backup and may not know who was shut out before. So that no such "
            "device can take over, nobody can be shut out and the sync key cannot be changed for some days. "
            "Whoever runs the server can end this sooner."
        )
        return Notice(text, ("retry",))
    text = _(
        "The server was restored from a backup and may not know who was shut out before. So that no such "
        "device can take over, nobody can be shut out and the sync key cannot be changed until {until}. "
        "Whoever runs the server can end this sooner."
    )
    return Notice(text.format(until=until), ("retry",))


def _protocol(facts: Mapping[str, Any]) -> Notice:
    """The notice for a protocol mismatch, naming the side that needs an update."""
    from app.sync.wire import PROTOCOL

    newest = facts.get("max")
    if isinstance(newest, int) and newest < PROTOCOL:
        return Notice(_("The server is older than this Kaeru: whoever runs it must update it."), ("retry",))
    return Notice(_("The server is newer than this Kaeru. Update Kaeru here to go on."), ("update", "retry"))


def key_message(error: KeyTextError) -> str:
    return {
        "length": _("Too short or too long: an invitation has 8 groups of 4, a sync key has 14."),
        "character": _("Only digits and Latin letters are used here. One character is something else."),
        "checksum": _("A character is wrong, or two are swapped. Compare the text, group by group."),
    }[error.code]

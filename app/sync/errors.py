"""What can keep devices from meeting, each by a code that the screens have words and a way on for."""

from collections.abc import Mapping
from typing import Any, Literal

SyncErrorCode = Literal[
    "offline",  # no network, or no server there: tried again by itself
    "busy",  # the server asks to wait: tried again by itself
    "server",  # the server failed: tried again by itself
    "no_server",  # what answers at this address is no Kaeru server
    "insecure_address",  # a server elsewhere must be reached over https
    "protocol",  # the server speaks only other versions of the protocol: update the app or the server
    "newer",  # a newer app wrote something this version cannot open: update the app
    "clock",  # this device's date is more than a day off (`seconds` ahead of the server's): set it right
    "no_account",  # nothing is known under this key: it is another server's, or was deleted
    "old_key",  # this key was changed: only the new one opens the account
    "key_changed",  # another device changed the key (`epoch`): followed by itself
    "no_grant",  # the key was changed, and this device was given no way to the new one: pair it anew
    "devices_changed",  # devices came or went while the key was being changed
    "restored",  # the server was restored from a backup: `until` then it shuts nobody out who was not before
    "wrong_secret",  # the server knows the account by another secret
    "closed",  # the server takes no new accounts
    "too_many_devices",  # revoke one first
    "revoked",  # this device was shut out from another one: leave, or join again
    "unauthorized",  # the server does not know this device any more: the account was deleted
    "no_device",  # that device is not there any more
    "quota",  # no more room on the server (`used` and `limit`, bytes): what others write still arrives
    "unopened",  # changed records (`ids`) wait: what the server has of them does not open with this key
    "too_large",  # something is too long to be sent (`ids`): all the rest is in step
    "push_service",  # the server does not send to this browser's push service
    "no_subscription",  # the server does not know how to ring this device (any more)
    "storage",  # this device cannot store what arrives (`reason` as in StorageError)
    "locked_key",  # this device does not give the key out now: tried again when the app is looked at
    "member",  # this device belongs to an account already: leave first
    "no_pairing",  # the pairing has expired, was cancelled, or was replaced by a newer one
    "pairing_used",  # another device used the pairing first
    "pairing_step",  # the other device has ended the pairing meanwhile
    "pairing_broken",  # what came over the pairing is not what the other device can have sent: begin anew
    "no_key",  # this device has lost the key: join again
    "off",  # asked for something that needs sync while it is off
]

PASSING = frozenset({"offline", "busy", "server"})
"""What is likely to go away while one waits."""


class SyncError(Exception):
    """Sync cannot go on, or not with everything. `detail` holds what the code's message needs, no secret."""

    def __init__(
        self, code: SyncErrorCode, detail: Mapping[str, Any] | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(code)
        self.code: SyncErrorCode = code
        self.detail: Mapping[str, Any] = detail or {}
        self.retry_after = retry_after  # seconds the server asks to wait


class PlanMovedError(SyncError):
    """Another device has put reminders since: these are there now, at that revision."""

    def __init__(self, rev: int, ids: frozenset[str]) -> None:
        super().__init__("server")
        self.rev, self.ids = rev, ids


class ServerSetBackError(SyncError):
    """The server knows less than it did: it was restored from a backup. Everything is compared anew."""

    def __init__(self) -> None:
        super().__init__("server")

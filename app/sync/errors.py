"""Reasons why sync fails, by codes for which the screens have messages and remedies."""

from collections.abc import Mapping
from typing import Any, Literal

SyncErrorCode = Literal[
    "offline",  # no network or server; retried automatically
    "busy",  # the server asks to wait; retried automatically
    "server",  # the server failed; retried automatically
    "no_server",  # not a Kaeru server
    "insecure_address",  # a remote server requires https
    "protocol",  # no common protocol version: update the app or the server
    "newer",  # written by a newer app: update the app
    "clock",  # the local date is more than a day off (`seconds` ahead of the server's): correct it
    "no_account",  # no account with this key: it belongs to another server, or was deleted
    "old_key",  # the key was changed: only the new one opens the account
    "key_changed",  # another device changed the key (`epoch`); followed automatically
    "no_grant",  # the key was changed, and this device got no grant for the new one: pair it again
    "devices_changed",  # the device list changed during a key rotation
    "restored",  # the server was restored from a backup and does not revoke older devices until `until`
    "wrong_secret",  # the server has another secret for the account
    "closed",  # the server accepts no new accounts
    "too_many_devices",  # revoke one first
    "revoked",  # another device revoked this one: leave, or join again
    "unauthorized",  # the server does not know this device any more: the account was deleted
    "no_device",  # the device no longer exists
    "quota",  # the server's storage is full (`used` and `limit`, bytes); remote changes still arrive
    "unopened",  # changed records (`ids`) wait because their server version cannot be decrypted
    "too_large",  # records too large to be sent (`ids`); all others are synced
    "push_service",  # the server does not support this browser's push service
    "no_subscription",  # the server has no push subscription of this device (any more)
    "storage",  # received data cannot be stored (`reason` as in StorageError)
    "locked_key",  # the vault is locked; retried when the app is in the foreground
    "member",  # this device already belongs to an account: leave first
    "no_pairing",  # the pairing has expired, was cancelled, or was replaced
    "pairing_used",  # another device used the pairing first
    "pairing_step",  # the other device has ended the pairing
    "pairing_broken",  # an invalid pairing message, which the other device cannot have sent: start again
    "no_key",  # the key is lost on this device: join again
    "off",  # the command requires sync
]

PASSING = frozenset({"offline", "busy", "server"})
"""Codes of errors that are likely to be temporary."""


class SyncError(Exception):
    """Sync failed, wholly or in part. `detail` has the values for the code's message, and no secrets."""

    def __init__(
        self, code: SyncErrorCode, detail: Mapping[str, Any] | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(code)
        self.code: SyncErrorCode = code
        self.detail: Mapping[str, Any] = detail or {}
        self.retry_after = retry_after  # seconds


class PlanMovedError(SyncError):
    """Another device changed the reminder plan: its current revision and reminder ids."""

    def __init__(self, rev: int, ids: frozenset[str]) -> None:
        super().__init__("server")
        self.rev, self.ids = rev, ids


class ServerSetBackError(SyncError):
    """The server was restored from a backup, so everything is compared again."""

    def __init__(self) -> None:
        super().__init__("server")

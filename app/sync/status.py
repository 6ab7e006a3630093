"""The state of sync as plain values for the screens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

SyncPhase = Literal["off", "idle", "syncing", "offline", "error"]


@dataclass(frozen=True)
class Status:
    """The state of sync. `code` and `detail` are those of SyncError.

    "off"; "idle" (in sync since `at`); "syncing" (`done` of `total` records; None if only the server knows
    the total; with `sealing`, records are being sealed again after a key rotation); "offline" (retried
    automatically; `code` has the reason); "error" (needs the user; `code` has the reason).
    """

    state: SyncPhase = "off"
    at: datetime | None = None  # when a session last completed; None: never
    done: int = 0
    total: int | None = None
    code: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    sealing: bool = False


@dataclass(frozen=True)
class SyncDevice:
    id: str
    name: str  # empty if its label cannot be read
    created_at: datetime
    seen_at: datetime  # to the day
    this: bool
    known: bool = True  # confirmed by the user on this device, or present at the first check
    follows: bool = True  # gets rotated keys automatically; otherwise it must be paired again
    method: str = ""  # how it joined: "start", "pairing", "key"; empty if unknown
    added_by: str = ""  # name of the device that paired it, according to its record
    added_here: bool = False  # whether this device paired it, according to its record
    listed: bool = True  # on the server; otherwise only its record exists: it left, or the server hides it

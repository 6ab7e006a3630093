"""What a screen shows of sync, in plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

SyncPhase = Literal["off", "idle", "syncing", "offline", "error"]


@dataclass(frozen=True)
class Status:
    """How sync stands. `code` and `detail` are those of SyncError.

    "off"; "idle" (in step since `at`); "syncing" (`done` of `total` records; None: only the server knows);
    `sealing`: records are being sealed anew with a changed key.
    "offline" (goes on by itself; `code` says why); "error" (needs the person; `code` says what for).
    """

    state: SyncPhase = "off"
    at: datetime | None = None  # when everything had last been exchanged; None: not yet
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
    known: bool = True  # the person has said so on this device, or it was there first
    follows: bool = True  # gets the new key by itself when the key is changed; else it is paired anew
    method: str = ""  # how it came: "start", "pairing", "key"; empty if it does not tell
    added_by: str = ""  # the name of the device that paired it, as the new one tells
    added_here: bool = False  # it says that this device paired it
    listed: bool = True  # by the server; else only its record tells of it: it left, or the server hides it

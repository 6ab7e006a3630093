"""What a screen shows of sync, in plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

State = Literal["off", "idle", "syncing", "offline", "error"]


@dataclass(frozen=True)
class Status:
    """How sync stands. `code` and `detail` are those of SyncError.

    "off"; "idle" (in step since `at`); "syncing" (`done` of `total` records; None: only the server knows);
    "offline" (goes on by itself; `code` says why); "error" (needs the person; `code` says what for).
    """

    state: State = "off"
    at: datetime | None = None  # when everything had last been exchanged; None: not yet
    done: int = 0
    total: int | None = None
    code: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Device:
    id: str
    name: str  # empty if its label cannot be read
    created_at: datetime
    seen_at: datetime  # to the day
    this: bool

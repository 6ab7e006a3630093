"""Limits of sizes, counts and rates, for an account, an address or the server."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from app.server.settings import ServerSettings

BOX_BYTES = 65_536
LABEL_BYTES = 1_024
CHANGES = 500  # per request, and per response
PAGE_BYTES = 2_000_000  # of boxes in a response's changes, unless a single box is larger
CONFLICT_BYTES = 4_000_000  # of boxes in a response's conflicts, unless a single box is larger
REQUEST_BYTES = 8_000_000
BODY_VALUES = 20_000  # JSON values in a body; the largest reminder plan has some 5,000
REMINDERS = 500  # of an account that have not rung yet
REMINDER_BYTES = 2_048  # of a box; push services accept 4096 bytes, including base64 and envelope
KEYRING_BYTES = 65_536  # of the box with an account's earlier keys
GRANT_BYTES = 1_024
KEY_CHANGE_DEVICES = 1_000  # named in a request that changes the key
KEY_EPOCHS = 1_000  # by which a key change may advance the epoch
KEY_CHANGE_BYTES = 1_000_000  # of a key change request: a label and a grant for each device
PLAN_BYTES = 2_000_000  # of a request that changes the reminder plan
REFUSALS = 30  # of a token a minute; more are rate-limited by token, not by address
TESTS = 10  # test notifications of an account an hour
PAIRING_BYTES = 8_192  # of each box exchanged during pairing
PAIRING_MINUTES = 10  # from the offer until it expires
PAIRINGS = 5  # open offers of an account; another one replaces the oldest
GUARDED_DAYS = 14  # guard period after a restore, in which most devices sync; see receipts.py
REVOKED_DEVICES = 100  # kept per account, so that they learn of it; the oldest are deleted


@dataclass(frozen=True)
class Limits:
    """The configured limits of accounts."""

    new_accounts: bool
    accounts: int  # on the whole server; 0: unlimited
    accounts_an_hour: int
    idle_days: int  # until an unused account expires; 0: never
    bytes: int
    records: int
    devices: int

    @classmethod
    def of(cls, settings: ServerSettings) -> "Limits":
        return cls(
            new_accounts=settings.new_accounts,
            accounts=settings.accounts,
            accounts_an_hour=settings.accounts_an_hour,
            idle_days=settings.idle_days,
            bytes=settings.account_megabytes * 1_000_000,
            records=settings.account_records,
            devices=settings.account_devices,
        )


class RateLimit:
    """Allows each key `count` uses per `seconds`, in a burst or spread out.

    Implements the generic cell rate algorithm (ITU-T I.371): the only state of a key is when its next use
    would be due if uses were spread evenly. Kept in memory, so every process counts separately.
    """

    SWEEP = 10_000  # number of keys at which idle ones are removed

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = seconds / count
        self._window = seconds
        self._clock = clock
        self._due: dict[Hashable, float] = {}
        self._sweep_at = self.SWEEP

    def wait(self, key: Hashable) -> float:
        """Count a use and return 0; if the limit is reached, return the seconds to wait instead."""
        if too_early := self.wait_before(key):
            return too_early
        now = self._clock()
        self._due[key] = max(now, self._due.get(key, now)) + self._interval
        if len(self._due) >= self._sweep_at:
            self._due = {key: due for key, due in self._due.items() if due > now}
            self._sweep_at = max(self.SWEEP, 2 * len(self._due))
        return 0

    def wait_before(self, key: Hashable) -> float:
        """Return the seconds until the next use is allowed, 0 if now, without counting one."""
        now = self._clock()
        too_early = max(now, self._due.get(key, now)) + self._interval - self._window - now
        return too_early if too_early > 1e-9 else 0


def network_of(address: str) -> str:
    """Return what an address is counted as: for IPv6 its /64 network, which a client gets as a whole."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))

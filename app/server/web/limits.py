"""What one account or one address may take: sizes, amounts, rates."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from app.server.settings import ServerSettings

BOX_BYTES = 65_536
LABEL_BYTES = 1_024
CHANGES = 500  # in one request, and in one answer
PAGE_BYTES = 2_000_000  # of boxes in one answer's changes, unless a single box is larger
CONFLICT_BYTES = 4_000_000  # of boxes in one answer's conflicts, unless a single box is larger
REQUEST_BYTES = 8_000_000
BODY_VALUES = 20_000  # JSON values in one body; the fullest plan has some 5,000
REMINDERS = 500  # of an account that are still to ring
REMINDER_BYTES = 2_048  # of a box; push services take 4096 bytes, in base64 and with the rest around it
KEYRING_BYTES = 65_536  # of the box that holds an account's earlier keys
GRANT_BYTES = 1_024
KEY_CHANGE_DEVICES = 1_000  # named in a request that changes the key
KEY_EPOCHS = 1_000  # by which one change of the key may move its epoch on
KEY_CHANGE_BYTES = 1_000_000  # of a request that changes the key: a label and a grant for each device
PLAN_BYTES = 2_000_000  # of a request that changes the plan
REFUSALS = 30  # of one token in a minute, answered as such; further ones cost its address nothing
TESTS = 10  # pushes to try whether they arrive, of an account in an hour
PAIRING_BYTES = 8_192  # of each box that two devices exchange while they pair
PAIRING_MINUTES = 10  # from the offer to its end
PAIRINGS = 5  # offers of an account that are open; one more takes the place of the oldest
GUARDED_DAYS = 14  # after a restore: in that time most devices come by, see receipts.py
REVOKED_DEVICES = 100  # remembered, so that they can be told; the oldest are forgotten


@dataclass(frozen=True)
class Limits:
    """What one account may have."""

    new_accounts: bool
    accounts: int  # of the whole server; 0: any number
    accounts_an_hour: int
    idle_days: int  # until an account that nobody uses expires; 0: never
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
    """Lets each key do something `count` times in `seconds`, at once or spread out.

    The generic cell rate algorithm (ITU-T I.371): a key's only state is when its next use would be due if all
    were spread evenly. Kept in memory, so each process counts for itself.
    """

    SWEEP = 10_000  # keys, beyond which those that are idle are forgotten

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = seconds / count
        self._window = seconds
        self._clock = clock
        self._due: dict[Hashable, float] = {}
        self._sweep_at = self.SWEEP

    def wait(self, key: Hashable) -> float:
        """Count one use and give 0; or, where it is one too many, give the seconds to wait for the next."""
        if too_early := self.wait_before(key):
            return too_early
        now = self._clock()
        self._due[key] = max(now, self._due.get(key, now)) + self._interval
        if len(self._due) >= self._sweep_at:
            self._due = {key: due for key, due in self._due.items() if due > now}
            self._sweep_at = max(self.SWEEP, 2 * len(self._due))
        return 0

    def wait_before(self, key: Hashable) -> float:
        """The seconds to wait for the next use, without counting one; 0 where there is room."""
        now = self._clock()
        too_early = max(now, self._due.get(key, now)) + self._interval - self._window - now
        return too_early if too_early > 1e-9 else 0


def network_of(address: str) -> str:
    """Whom to count an address as: IPv6 hands out whole /64 networks, so one of them is one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))

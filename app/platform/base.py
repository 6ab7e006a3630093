"""The one interface through which the app sees its device."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import flet as ft
    import httpx

Event = Literal["update-ready", "online", "open", "answers"]
ThemeName = Literal["system", "light", "dark"]

MOST_LATE = timedelta(hours=1)
"""By so much Android may delay an alarm that is not exact; by more while the phone saves power."""


class Vault(Protocol):
    """Keeps small secrets on this device, by name, out of the database and its backups.

    Raises OSError where the device refuses.
    """

    async def read(self, name: str) -> bytes | None: ...

    async def write(self, name: str, secret: bytes) -> None: ...

    async def forget(self, name: str) -> None:
        """Forgetting what is not there does nothing."""


class Sealer(Protocol):
    """AES-256-GCM under one key, for many boxes at a time.

    A box is a random nonce of 12 bytes, the ciphertext, and the tag of 16.
    """

    async def seal(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """The boxes of (associated data, plaintext) pairs."""

    async def open(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """The plaintexts of (associated data, box) pairs; None for a box that this key does not open."""


@dataclass(frozen=True)
class KeyPair:
    """A key pair of P-256: the private key as PKCS #8 (DER), the public one as a point (65 bytes)."""

    private: bytes = field(repr=False)
    public: bytes


class Hpke(Protocol):
    """Seals messages to a public key: HPKE (RFC 9180) in base mode, one message a context.

    DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. A box is the encapsulated key (65 bytes), the
    ciphertext and the tag of 16. `info` is bound to the box: it opens with the same `info` only.
    """

    async def generate(self) -> KeyPair: ...

    async def seal(self, public: bytes, info: bytes, plain: bytes) -> bytes:
        """The box of a message. Raises ValueError if `public` is not a point of the curve."""

    async def open(self, private: bytes, info: bytes, box: bytes) -> bytes | None:
        """The message in a box; None if this key and `info` do not open it."""


@dataclass(frozen=True)
class NotificationCapability:
    """How this device can ring, and whether it may.

    `possible`: "push" (also while the app is closed), "alarms" (the same, set ahead on the device itself),
    "local" (only while it is open), "home-screen" (once the app is on the home screen: iOS), "no".
    `permission` is the person's word for it; `subscribed`: a push service reaches this device. Of alarms,
    the device holds `alarms` at a time, and rings them on the minute if `punctual`, else within `MOST_LATE`.
    """

    possible: Literal["push", "alarms", "local", "home-screen", "no"]
    permission: Literal["default", "granted", "denied"] = "default"
    subscribed: bool = False
    alarms: int = 0
    punctual: bool = True

    @property
    def lateness(self) -> timedelta | None:
        """By how much its own alarms may ring late; None where it sets none."""
        if self.possible != "alarms":
            return None
        return timedelta() if self.punctual else MOST_LATE


@dataclass(frozen=True)
class Alarm:
    """A notification to be shown at a time; `key` is another one once anything of it is.

    After `until` it is of no use: a phone that was off by then does not show it.
    """

    key: str
    at: datetime
    until: datetime
    notification: Mapping[str, object]


@dataclass(frozen=True)
class PushSubscription:
    """Where and how a push service reaches this device (RFC 8291); the keys as base64url."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class NotificationAnswer:
    """What was answered on a notification while no app ran: an event record's id and stamped fields."""

    id: str
    fields: dict[str, list[Any]]


class Notifications(Protocol):
    """Notifications of this device."""

    async def state(self) -> NotificationCapability: ...

    async def ask(self) -> NotificationCapability:
        """Ask the person. To be called right after a press, or browsers refuse without asking."""

    async def ask_punctual(self) -> NotificationCapability:
        """Ask the person to let alarms ring on the minute, where that is another question."""

    async def name(self, title: str, about: str) -> None:
        """What the system's own settings call Kaeru's alarms, in the person's language."""

    async def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Have the device ring these and no others, the nearest as far as it holds them.

        Of those whose time has passed, the system still rings what it has not; the others are left out.
        Raises OSError where the system does not answer; then it is worth trying again.
        """

    async def shown(self) -> frozenset[str]:
        """The tags of what is on the screen of notifications. Raises OSError."""

    async def withdraw(self, tags: Collection[str]) -> None:
        """Take away what is shown under these tags; of each other tag, all but the latest. Raises OSError."""

    async def subscribe(self, key: str) -> PushSubscription | None:
        """Have a push service reach this device for the server of that key; None if it will not."""

    async def unsubscribe(self) -> None: ...

    def show(self, notification: Mapping[str, object]) -> None:
        """Show one, replacing the one with its `tag`; see `app.sync.reminder_plan.notification`."""

    def badge(self, count: int) -> None:
        """What is due, on the app's icon; 0 for none."""

    async def answers(self) -> list[NotificationAnswer]:
        """What has been answered and not forgotten yet, oldest first."""

    async def forget(self, answers: Sequence[NotificationAnswer]) -> None: ...

    async def forget_everything(self) -> None:
        """Leave nothing on this device of what was shown and answered. Raises OSError."""

    async def opened_path(self) -> str:
        """Where a notification that was pressed leads, once; empty if none was."""


class Platform(Protocol):
    """A device that Kaeru runs on."""

    async def attach(
        self, page: "ft.Page", start: Callable[[], Awaitable[None]], stop: Callable[[], None]
    ) -> None:
        """Learn what only the page can tell, before anything else is asked; once for each page.

        `start` runs the app on this page (again), `stop` ends it: for devices that cannot start the process
        anew, and whose process outlives a page.
        """

    @property
    def database_path(self) -> Path:
        """Where the SQLite file belongs; its folder exists."""

    @property
    def languages(self) -> list[str]:
        """The person's languages as BCP 47 tags, the best first; may be empty."""

    @property
    def time_zone(self) -> str:
        """The device's time zone by its IANA name; "UTC" where the device does not tell."""

    @property
    def origin(self) -> str:
        """The address the app itself came from, where its server is too; empty for an installed app."""

    @property
    def device_name(self) -> str:
        """What to call this device until the person renames it."""

    @property
    def vault(self) -> Vault: ...

    @property
    def notifications(self) -> Notifications: ...

    def sealer(self, key: bytes) -> Sealer:
        """What seals with a key of 32 bytes."""

    @property
    def hpke(self) -> Hpke: ...

    def transport(self) -> "httpx.AsyncBaseTransport | None":
        """How requests travel; None for httpx's own way."""

    def subscribe(self, handler: Callable[[Event], None]) -> None:
        """Call `handler` when something happens to the app itself.

        "update-ready": a newer version has been downloaded and runs once `apply_update` is called, or after
        the app has been closed. "online": there is a network again. "open": a notification was pressed, see
        `Notifications.opened_path`. "answers": one was answered.
        """

    def take_pairing_text(self) -> str:
        """What stood behind "#" in a pairing link, once; empty if there is none (any more)."""

    async def keeps_storage(self) -> bool:
        """Whether data stays until the person deletes it; else a browser short of space may clear it."""

    def apply_update(self) -> None:
        """Start again with the version that waits. Does nothing where none does."""

    def restart(self) -> None:
        """Start the app again, with its database closed and opened anew."""

    def ask_before_leaving(self, unsaved: bool) -> None:
        """Say whether something typed would be lost, so that the person is asked before the app is closed."""

    def tick(self) -> None:
        """Let the finger feel that something was done, where devices do that."""

    def set_look(self, language: str, theme: ThemeName) -> None:
        """Let what is shown before the app runs, and what a screen reader assumes, match the settings."""

    def leave_glance(self, glance: Mapping[str, object] | None) -> None:
        """Keep what the next start shows before the app runs (JSON, see app/ui/glance.py); None for nothing.

        It stays on the device.
        """

"""The interface between the app and its device."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import httpx

Event = Literal["update-ready", "online", "open", "answers"]
ThemeName = Literal["system", "light", "dark"]

MOST_LATE = timedelta(hours=1)
"""Maximum delay of inexact alarms on Android, except while the phone saves power."""


class Vault(Protocol):
    """Stores small secrets on this device, by name, outside the database and its backups.

    Raises OSError if the device refuses.
    """

    async def read(self, name: str) -> bytes | None: ...

    async def write(self, name: str, secret: bytes) -> None: ...

    async def forget(self, name: str) -> None:
        """Delete a secret; does nothing if it does not exist."""


class Sealer(Protocol):
    """AES-256-GCM with one key, for many boxes at once.

    A box is a random nonce of 12 bytes, the ciphertext, and the tag of 16.
    """

    async def seal(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """The boxes of (associated data, plaintext) pairs."""

    async def open(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """The plaintexts of (associated data, box) pairs; None if this key does not open the box."""


@dataclass(frozen=True)
class KeyPair:
    """A P-256 key pair: the private key as PKCS #8 (DER), the public key as a point (65 bytes)."""

    private: bytes = field(repr=False)
    public: bytes


class Hpke(Protocol):
    """Public-key encryption: HPKE (RFC 9180) in base mode, one message per context.

    DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. A box is the encapsulated key (65 bytes), the
    ciphertext and the tag of 16. `info` is authenticated: opening a box requires the same `info`.
    """

    async def generate(self) -> KeyPair: ...

    async def seal(self, public: bytes, info: bytes, plain: bytes) -> bytes:
        """The box of a message. Raises ValueError if `public` is not a point on the curve."""

    async def open(self, private: bytes, info: bytes, box: bytes) -> bytes | None:
        """The message in a box; None if this key and `info` do not open it."""


@dataclass(frozen=True)
class NotificationCapability:
    """How this device can show reminders, and whether it may.

    `possible`: "push" (also while the app is closed), "alarms" (the same, scheduled on the device), "local"
    (only while the app is open), "home-screen" (after adding the app to the home screen: iOS), "no".
    `permission` is the user's choice; `subscribed`: whether there is a push subscription. `alarms` is the
    maximum number of scheduled alarms; they are shown on the minute if `punctual`, otherwise within
    `MOST_LATE`.
    """

    possible: Literal["push", "alarms", "local", "home-screen", "no"]
    permission: Literal["default", "granted", "denied"] = "default"
    subscribed: bool = False
    alarms: int = 0
    punctual: bool = True

    @property
    def lateness(self) -> timedelta | None:
        """Maximum delay of alarms; None without alarms."""
        if self.possible != "alarms":
            return None
        return timedelta() if self.punctual else MOST_LATE


@dataclass(frozen=True)
class Alarm:
    """A notification to be shown at a time; `key` changes whenever any field changes.

    It is useless after `until`: a phone that was off until then does not show it.
    """

    key: str
    at: datetime
    until: datetime
    notification: Mapping[str, object]


@dataclass(frozen=True)
class PushSubscription:
    """A push subscription of this device (RFC 8291); the keys as base64url."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class NotificationAnswer:
    """An answer given on a notification while no app ran: id and timestamped fields of an event record."""

    id: str
    fields: dict[str, list[Any]]


class Notifications(Protocol):
    """The notifications of this device."""

    async def state(self) -> NotificationCapability: ...

    async def ask(self) -> NotificationCapability:
        """Ask for permission. Call right after a press, or browsers refuse without asking."""

    async def ask_punctual(self) -> NotificationCapability:
        """Ask for permission to show alarms on the minute, if that is separate."""

    async def name(self, title: str, about: str) -> None:
        """Set the name and description of Kaeru's alarms in the system's settings, in the user's language."""

    async def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Schedule exactly these alarms, the nearest if there are more than the limit.

        Past ones that are still pending stay scheduled; other past ones are skipped. Raises OSError if the
        system does not respond; then retrying is useful.
        """

    async def shown(self) -> frozenset[str]:
        """The tags of the visible notifications. Raises OSError."""

    async def withdraw(self, tags: Collection[str]) -> None:
        """Remove visible notifications with these tags, and all but the latest of each other tag. Raises
        OSError.
        """

    async def subscribe(self, key: str) -> PushSubscription | None:
        """Create a push subscription for the server of that key; None if refused."""

    async def unsubscribe(self) -> None: ...

    def show(self, notification: Mapping[str, object]) -> None:
        """Show a notification, replacing one with its `tag`; see `app.sync.reminder_plan.notification`."""

    def badge(self, count: int) -> None:
        """Set the number of due items on the app's icon; 0 removes it."""

    async def answers(self) -> list[NotificationAnswer]:
        """All answers that have not been deleted, oldest first."""

    async def forget(self, answers: Sequence[NotificationAnswer]) -> None: ...

    async def forget_everything(self) -> None:
        """Delete all notifications and answers from this device. Raises OSError."""

    async def opened_path(self) -> str:
        """The path of the notification that was pressed; returned once; empty if none."""


class Platform(Protocol):
    """A device that Kaeru runs on."""

    @property
    def database_path(self) -> Path:
        """The path of the SQLite file; its folder exists."""

    @property
    def languages(self) -> list[str]:
        """The user's languages as BCP 47 tags, best first; may be empty."""

    @property
    def time_zone(self) -> str:
        """The IANA name of the device's time zone; "UTC" if unknown."""

    @property
    def origin(self) -> str:
        """The origin that served the app, which is also its server; empty for an installed app."""

    @property
    def device_name(self) -> str:
        """The default name of this device."""

    @property
    def vault(self) -> Vault: ...

    @property
    def notifications(self) -> Notifications: ...

    def sealer(self, key: bytes) -> Sealer:
        """A sealer with a key of 32 bytes."""

    @property
    def hpke(self) -> Hpke: ...

    def transport(self) -> "httpx.AsyncBaseTransport | None":
        """The transport for requests; None for httpx's default."""

    def subscribe(self, handler: Callable[[Event], None]) -> None:
        """Call `handler` on events of the app.

        "update-ready": a newer version was downloaded, and runs after `apply_update` or the next start.
        "online": the network is back. "open": a notification was pressed, see `Notifications.opened_path`.
        "answers": one was answered.
        """

    def take_pairing_text(self) -> str:
        """The part after "#" of a pairing link; returned once; empty if there is none."""

    async def keeps_storage(self) -> bool:
        """Whether data is kept until the user deletes it, even if the browser is short of space."""

    def apply_update(self) -> None:
        """Restart with the downloaded version, if there is one."""

    def restart(self) -> None:
        """Restart the app with a reopened database."""

    def ask_before_leaving(self, unsaved: bool) -> None:
        """Set whether there is unsaved input, so that the user is asked before the app is closed."""

    def tick(self) -> None:
        """Give haptic feedback, if the device supports it."""

    def set_look(self, language: str, theme: ThemeName) -> None:
        """Set language and theme of the start screen and for screen readers."""

    def leave_glance(self, glance: Mapping[str, object] | None) -> None:
        """Store what the next start shows before the app runs (JSON, see app/ui/glance.py); None for nothing.

        It stays on the device.
        """

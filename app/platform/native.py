"""CPython: development on a desktop, and the base of the phone platform."""

import locale
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.platform.base import (
    Alarm,
    Event,
    KeyPair,
    NotificationAnswer,
    NotificationCapability,
    Notifications,
    PushSubscription,
    ThemeName,
    Vault,
)

if TYPE_CHECKING:
    import flet as ft
    import httpx

NONCE_BYTES = 12


class NativePlatform:
    """A process with files. The system installs updates, so no events occur."""

    async def attach(
        self, page: "ft.Page", start: Callable[[], Awaitable[None]], stop: Callable[[], None]
    ) -> None:
        pass

    @property
    def database_path(self) -> Path:
        folder = data_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / "kaeru.db"

    @property
    def languages(self) -> list[str]:
        names = [*os.environ.get("LANGUAGE", "").split(":"), locale.getlocale()[0] or ""]
        tags = (name.split(".")[0].replace("_", "-") for name in names)
        return [tag for tag in tags if tag not in {"", "C", "POSIX"}]

    @property
    def time_zone(self) -> str:
        return os.environ.get("TZ", "").removeprefix(":") or zone_of_clock(Path("/etc/localtime"))

    @property
    def origin(self) -> str:
        return ""

    @property
    def device_name(self) -> str:
        return platform.node() or platform.system()

    @property
    def vault(self) -> Vault:
        return FileVault(data_folder() / "secrets")

    @property
    def notifications(self) -> Notifications:
        return Silent()

    def sealer(self, key: bytes) -> "NativeSealer":
        return NativeSealer(key)

    @property
    def hpke(self) -> "NativeHpke":
        return NativeHpke()

    def transport(self) -> "httpx.AsyncBaseTransport | None":
        return None

    def subscribe(self, handler: Callable[[Event], None]) -> None:
        pass

    def take_pairing_text(self) -> str:
        return ""  # links open in a browser

    async def keeps_storage(self) -> bool:
        return True

    def apply_update(self) -> None:
        pass

    def restart(self) -> None:
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the command of this process

    def ask_before_leaving(self, unsaved: bool) -> None:
        pass  # phones keep the app's form in memory; closing a window is intended

    def tick(self) -> None:
        pass

    def set_look(self, language: str, theme: ThemeName) -> None:
        pass

    def leave_glance(self, glance: Mapping[str, object] | None) -> None:
        pass


class Silent:
    """No notifications, for a terminal."""

    async def state(self) -> NotificationCapability:
        return NotificationCapability("no")

    async def ask(self) -> NotificationCapability:
        return NotificationCapability("no")

    async def ask_punctual(self) -> NotificationCapability:
        return await self.state()

    async def name(self, title: str, about: str) -> None:
        pass

    async def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        pass

    async def shown(self) -> frozenset[str]:
        return frozenset()

    async def withdraw(self, tags: Collection[str]) -> None:
        pass

    async def subscribe(self, key: str) -> PushSubscription | None:
        return None

    async def unsubscribe(self) -> None:
        pass

    def show(self, notification: Mapping[str, object]) -> None:
        pass

    def badge(self, count: int) -> None:
        pass

    async def answers(self) -> list[NotificationAnswer]:
        return []

    async def forget(self, answers: Sequence[NotificationAnswer]) -> None:
        pass

    async def forget_everything(self) -> None:
        pass

    async def opened_path(self) -> str:
        return ""


class FileVault:
    """One file per secret, readable by the user only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    async def write(self, name: str, secret: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f"{name}.part"
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600, exist_ok=False)
        unfinished.write_bytes(secret)
        unfinished.replace(self._folder / name)

    async def forget(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)


class NativeSealer:
    """A sealer by the `cryptography` package, imported on first use."""

    def __init__(self, key: bytes) -> None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)
        self._invalid = InvalidTag

    async def seal(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        boxes = []
        for associated, plain in items:
            nonce = os.urandom(NONCE_BYTES)
            boxes.append(nonce + self._cipher.encrypt(nonce, plain, associated))
        return boxes

    async def open(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        return [self._open(associated, box) for associated, box in items]

    def _open(self, associated: bytes, box: bytes) -> bytes | None:
        try:
            return self._cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], associated)
        except (self._invalid, ValueError):  # ValueError: too short for a nonce
            return None


class NativeHpke:
    """HPKE by the `cryptography` package, imported on first use."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives import hpke

        self._suite = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)

    async def generate(self) -> KeyPair:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return KeyPair(private, public)

    async def seal(self, public: bytes, info: bytes, plain: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric import ec

        try:
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        except ValueError as error:
            raise ValueError("not a point of P-256") from error
        return self._suite.encrypt(plain, key, info=info)

    async def open(self, private: bytes, info: bytes, box: bytes) -> bytes | None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_der_private_key

        key = load_der_private_key(private, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("not an elliptic curve key")
        try:
            return self._suite.decrypt(box, key, info=info)
        except (InvalidTag, ValueError):  # ValueError: `enc` is not a point
            return None


def data_folder() -> Path:
    """KAERU_DATA, the folder of Flet's packaged apps, or the system's default for user data."""
    for variable in ("KAERU_DATA", "FLET_APP_STORAGE_DATA"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Kaeru"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Kaeru"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "kaeru"


def zone_of_clock(link: Path) -> str:
    """The IANA name of the target of the system's clock link, or UTC."""
    _before, found, name = os.path.realpath(link).partition("zoneinfo/")
    return name if found else "UTC"

"""What makes this device one of an account's: held while it syncs, and kept in the vault between two runs."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from app.domain.entities import new_id
from app.platform.base import Platform, Vault
from app.sync import keyring, keys
from app.sync.errors import SyncError
from app.sync.keyring import KEY_NAME, KEYRING, SEALING_KEY, SYNC_KEY, Keyring

if TYPE_CHECKING:
    from app.platform.base import Sealer
    from app.sync.api_client import ApiClient
    from app.sync.reminder_plan import ReminderPlanSync

TOKEN, DEVICE_KEY = "device-token", "device-key"
"""Names in the vault, beside those of the keyring. The device key is its public and its private part."""
PUBLIC_BYTES = 65

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JoinOrigin:
    """How this device came into its account; `added_by` is the id of the device that brought it in."""

    method: Literal["start", "pairing", "key"]
    added_by: str = ""


@dataclass(frozen=True)
class Membership:
    """What this device holds while it syncs."""

    device: str
    ring: Keyring
    keys: keys.Keys  # derived from the current key
    client: "ApiClient"
    sealer: "Sealer"
    plan: "ReminderPlanSync"


async def enter(
    platform: Platform,
    now: Callable[[], datetime],
    server: str,
    key: bytes,
    name: str,
    *,
    origin: JoinOrigin,
    device: str = "",
) -> Membership:
    """Register this device with the account of a key, or with a new one, and keep what the next run needs.

    `device` is the id it takes, a new one if there is none: the same for each attempt, it is listed once.
    Raises SyncError, and OSError from a vault that refuses; then the server has been told to forget it.
    """
    from app.sync.api_client import ApiClient
    from app.sync.sealing import seal_label

    joining = origin.method != "start"
    device, derived, ring = device or new_id(), keys.derive(key), Keyring.of(key)
    label = await seal_label(platform.sealer(derived.sealing), device, name)
    client = ApiClient(server, now, platform.transport())
    try:
        await client.info()
        token = await client.register(derived.account, derived.secret, device, label, create=not joining)
    finally:
        await client.close()
    member = hold(platform, now, server, device, ring, token)
    try:
        if client.key_epoch:
            ring = await _with_earlier_keys(member, key)
            await member.client.close()
            member = hold(platform, now, server, device, ring, token)
        await keep(platform.vault, ring, token)
    except (OSError, SyncError):
        await take_back(member.client, device, derived.secret, joining=joining)
        await member.client.close()
        raise
    return member


async def _with_earlier_keys(member: Membership, key: bytes) -> Keyring:
    """The keyring of an account whose key was changed before this device came. Raises SyncError."""
    current = await member.client.account_key()
    if current.account != keys.derive(key).account:
        raise SyncError("old_key")  # it was changed once more just now
    earlier = await keyring.open_keyring(member.sealer, current.epoch, current.keyring)
    return Keyring.of(key, current.epoch, earlier)


def hold(
    platform: Platform, now: Callable[[], datetime], server: str, device: str, ring: Keyring, token: str
) -> Membership:
    """What a registered device holds."""
    from app.sync.api_client import ApiClient
    from app.sync.reminder_plan import ReminderPlanSync

    derived = keys.derive(ring.current)
    client = ApiClient(server, now, platform.transport(), token, derived.name)
    sealer = keyring.KeyringSealer(platform, ring)
    return Membership(device, ring, derived, client, sealer, ReminderPlanSync(derived.reminders))


async def keep(vault: Vault, ring: Keyring, token: str) -> None:
    """Keep what the next run goes on with. Raises OSError where the device refuses."""
    await vault.forget(DEVICE_KEY)  # of the account before
    await keyring.make_current(vault, ring)
    await vault.write(TOKEN, token.encode())


async def recall(vault: Vault) -> tuple[Keyring, str] | None:
    """The sync keys and the device's token; None where they are gone. Raises OSError where it is locked."""
    key, token = await vault.read(SYNC_KEY), await vault.read(TOKEN)
    return None if key is None or token is None else (await keyring.load(vault, key), token.decode())


async def device_key(platform: Platform) -> tuple[bytes, bytes]:
    """This device's public and private key (HPKE), made the first time. Raises OSError."""
    kept = await platform.vault.read(DEVICE_KEY)
    if kept is None:
        pair = await platform.hpke.generate()
        kept = pair.public + pair.private
        await platform.vault.write(DEVICE_KEY, kept)
    return kept[:PUBLIC_BYTES], kept[PUBLIC_BYTES:]


async def forget(vault: Vault) -> None:
    """A vault that refuses keeps nobody in: nothing reads what stays there, and joining again replaces it."""
    try:
        for name in (TOKEN, SEALING_KEY, KEY_NAME, SYNC_KEY, KEYRING, DEVICE_KEY):
            await vault.forget(name)
    except OSError as error:
        log.warning("the vault forgets nothing: %s", error)


async def take_back(client: "ApiClient", device: str, secret: bytes, *, joining: bool) -> None:
    """Undo a registration that this device could not keep, as far as the server can be reached."""
    with suppress(SyncError):
        await (client.revoke(device) if joining else client.delete_account(secret))


async def say_goodbye(member: Membership) -> bool:
    """Whether the server no longer lists this device."""
    try:
        await member.client.revoke(member.device)
    except SyncError as error:
        return error.code in {"revoked", "unauthorized", "no_device"}
    return True

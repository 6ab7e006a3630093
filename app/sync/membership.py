"""This device's membership in an account: in memory while it syncs, in the vault between runs."""

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
"""Vault entries beside those of the keyring. The device key is its public part followed by the private."""
PUBLIC_BYTES = 65

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JoinOrigin:
    """How this device joined its account; `added_by` is the id of the device that paired it."""

    method: Literal["start", "pairing", "key"]
    added_by: str = ""


@dataclass(frozen=True)
class Membership:
    """What this device needs to sync."""

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
    """Register this device with the account of a key, or with a new account, and store keys and token.

    `device` is the device's id; use the same one for repeated attempts, so that it is listed once. Raises
    SyncError, and OSError from the vault; then the registration is undone on the server.
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
    member = create_membership(platform, now, server, device, ring, token)
    try:
        if client.key_epoch:
            ring = await _with_earlier_keys(member, key)
            await member.client.close()
            member = create_membership(platform, now, server, device, ring, token)
        await keep(platform.vault, ring, token)
    except (OSError, SyncError):
        await undo_registration(member.client, device, derived.secret, joining=joining)
        await member.client.close()
        raise
    return member


async def _with_earlier_keys(member: Membership, key: bytes) -> Keyring:
    """The keyring of an account whose key was rotated before this device joined. Raises SyncError."""
    current = await member.client.account_key()
    if current.account != keys.derive(key).account:
        raise SyncError("old_key")  # rotated again in this moment
    earlier = await keyring.open_keyring(member.sealer, current.epoch, current.keyring)
    return Keyring.of(key, current.epoch, earlier)


def create_membership(
    platform: Platform, now: Callable[[], datetime], server: str, device: str, ring: Keyring, token: str
) -> Membership:
    """Create the membership of a registered device."""
    from app.sync.api_client import ApiClient
    from app.sync.reminder_plan import ReminderPlanSync

    derived = keys.derive(ring.current)
    client = ApiClient(server, now, platform.transport(), token, derived.name)
    sealer = keyring.KeyringSealer(platform, ring)
    return Membership(device, ring, derived, client, sealer, ReminderPlanSync(derived.reminders))


async def keep(vault: Vault, ring: Keyring, token: str) -> None:
    """Store what the next run needs. Raises OSError if the vault refuses."""
    await vault.forget(DEVICE_KEY)  # of a previous account
    await keyring.make_current(vault, ring)
    await vault.write(TOKEN, token.encode())


async def load_membership(vault: Vault) -> tuple[Keyring, str] | None:
    """The sync keys and the device's token, or None. Raises OSError if the vault is locked."""
    key, token = await vault.read(SYNC_KEY), await vault.read(TOKEN)
    return None if key is None or token is None else (await keyring.load(vault, key), token.decode())


async def device_key(platform: Platform) -> tuple[bytes, bytes]:
    """This device's public and private key (HPKE), created on first use. Raises OSError."""
    kept = await platform.vault.read(DEVICE_KEY)
    if kept is None:
        pair = await platform.hpke.generate()
        kept = pair.public + pair.private
        await platform.vault.write(DEVICE_KEY, kept)
    return kept[:PUBLIC_BYTES], kept[PUBLIC_BYTES:]


async def forget(vault: Vault) -> None:
    """Delete all entries. Errors are ignored: leftover entries are never read, and joining replaces them."""
    try:
        for name in (TOKEN, SEALING_KEY, KEY_NAME, SYNC_KEY, KEYRING, DEVICE_KEY):
            await vault.forget(name)
    except OSError as error:
        log.warning("the vault forgets nothing: %s", error)


async def undo_registration(client: "ApiClient", device: str, secret: bytes, *, joining: bool) -> None:
    """Undo a registration that this device could not store, if the server is reachable."""
    with suppress(SyncError):
        await (client.revoke(device) if joining else client.delete_account(secret))


async def revoke_self(member: Membership) -> bool:
    """Revoke this device. Returns whether the server no longer lists it."""
    try:
        await member.client.revoke(member.device)
    except SyncError as error:
        return error.code in {"revoked", "unauthorized", "no_device"}
    return True

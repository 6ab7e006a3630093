"""What makes this device one of an account's: held while it syncs, and kept in the vault between two runs."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.platform.base import Vault
from app.sync import keys
from app.sync.errors import SyncError

if TYPE_CHECKING:
    from app.platform.base import Sealer
    from app.sync.client import Client
    from app.sync.reminders import PlanKeeper

SYNC_KEY, TOKEN, SEALING_KEY = "sync-key", "device-token", "sealing-key"
"""Names in the vault. The sealing key has its own for the service worker, which opens notifications."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Membership:
    """What this device holds while it syncs."""

    device: str
    keys: keys.Keys
    client: "Client"
    sealer: "Sealer"
    plan: "PlanKeeper"


async def keep(vault: Vault, key: bytes, sealing: bytes, token: str) -> None:
    """Keep what the next run goes on with. Raises OSError where the device refuses."""
    await vault.write(SYNC_KEY, key)
    await vault.write(SEALING_KEY, sealing)
    await vault.write(TOKEN, token.encode())


async def recall(vault: Vault) -> tuple[bytes, str] | None:
    """The sync key and the device's token; None where they are gone. Raises OSError where it is locked."""
    key, token = await vault.read(SYNC_KEY), await vault.read(TOKEN)
    return None if key is None or token is None else (key, token.decode())


async def forget(vault: Vault) -> None:
    """A vault that refuses keeps nobody in: nothing reads what stays there, and joining again replaces it."""
    try:
        for name in (TOKEN, SEALING_KEY, SYNC_KEY):
            await vault.forget(name)
    except OSError as error:
        log.warning("the vault forgets nothing: %s", error)


async def take_back(client: "Client", device: str, secret: bytes, *, joining: bool) -> None:
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

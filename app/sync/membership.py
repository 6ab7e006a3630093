"""What makes this device one of an account's: held while it syncs, and kept in the vault between two runs."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from app.domain.entities import new_id
from app.platform.base import Platform, Vault
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
class JoinOrigin:
    """How this device came into its account; `added_by` is the id of the device that brought it in."""

    method: Literal["start", "pairing", "key"]
    added_by: str = ""


@dataclass(frozen=True)
class Membership:
    """What this device holds while it syncs. `origin` is known only in the run in which it came in."""

    device: str
    keys: keys.Keys
    client: "Client"
    sealer: "Sealer"
    plan: "PlanKeeper"
    origin: JoinOrigin | None = None


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
    from app.sync.client import Client
    from app.sync.sealing import seal_label

    joining = origin.method != "start"
    device, derived = device or new_id(), keys.derive(key)
    label = await seal_label(platform.sealer(derived.sealing), device, name)
    client = Client(server, now, platform.transport())
    try:
        await client.info()
        token = await client.register(derived.account, derived.secret, device, label, create=not joining)
    finally:
        await client.close()
    member = replace(hold(platform, now, server, device, key, token), origin=origin)
    try:
        await keep(platform.vault, key, derived.sealing, token)
    except OSError:
        await take_back(member.client, device, derived.secret, joining=joining)
        await member.client.close()
        raise
    return member


def hold(
    platform: Platform, now: Callable[[], datetime], server: str, device: str, key: bytes, token: str
) -> Membership:
    """What a registered device holds."""
    from app.sync.client import Client
    from app.sync.reminders import PlanKeeper

    derived = keys.derive(key)
    client = Client(server, now, platform.transport(), token)
    return Membership(
        device, derived, client, platform.sealer(derived.sealing), PlanKeeper(derived.reminders)
    )


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

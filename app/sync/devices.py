"""The devices of an account, as its server lists them; their names are sealed: it cannot read them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from app.sync.status import Device

if TYPE_CHECKING:
    from app.sync.membership import Membership

NAME_LENGTH = 100
"""Characters of a device's name."""


class Devices:
    """Part of `Sync`. Commands raise SyncError, "off" while this device does not sync."""

    def __init__(self, conversation: Callable[[], AbstractAsyncContextManager["Membership"]]) -> None:
        self._conversation = conversation

    async def fetch(self) -> list[Device]:
        """This one first, then by when they were last seen."""
        from app.sync.sealing import open_label

        async with self._conversation() as member:
            entries = await member.client.devices()
            names = [await open_label(member.sealer, entry.id, entry.label) for entry in entries]
        devices = [
            Device(entry.id, name, entry.created_at, entry.seen_at, entry.this)
            for entry, name in zip(entries, names, strict=True)
        ]
        return sorted(devices, key=lambda device: (not device.this, -device.seen_at.timestamp(), device.id))

    async def rename(self, device: str, name: str) -> None:
        """Call a device something else, for every device to see. SyncError "no_device"."""
        from app.sync.sealing import seal_label

        async with self._conversation() as member:
            await member.client.relabel(device, await seal_label(member.sealer, device, name[:NAME_LENGTH]))

    async def revoke(self, device: str) -> None:
        """Shut another device out: it keeps what it has and gets nothing more. SyncError "no_device"."""
        async with self._conversation() as member:
            await member.client.revoke(device)

"""The devices of an account, combining the server's list with their own sealed records."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.store.records import SeenDevice
from app.store.store import Store
from app.sync.errors import SyncError
from app.sync.status import SyncDevice

if TYPE_CHECKING:
    from app.platform.base import Platform
    from app.sync.membership import Membership
    from app.sync.wire import DeviceEntry

NAME_LENGTH = 100
"""Maximum length of a device's name."""
CHECK_INTERVAL = timedelta(minutes=15)
"""How often the server's list is checked for devices that have no record."""
METHODS = frozenset({"start", "pairing", "key"})
"""How a device joined: it created the account, was paired by another device, or was given the key."""


class Devices:
    """Part of `Sync`. Commands raise SyncError ("off" while this device does not sync) and StorageError.

    `new` are the devices that the user has not confirmed on this device. Confirmations made on other devices
    do not count, because an intruder's device could confirm itself.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        connected: Callable[[], AbstractAsyncContextManager["Membership"]],
        changed: Callable[[], None],
    ) -> None:
        self.new: tuple[SyncDevice, ...] = ()
        self._store = store
        self._now = now
        self._connected = connected
        self._changed = changed
        self._checked: tuple[str, datetime] | None = None  # (own device id, time)

    async def fetch(self) -> list[SyncDevice]:
        """All devices: this one first, then the most recently seen ones."""
        async with self._connected() as member:
            devices = await self._fetch_list(member)
        return sorted(devices, key=lambda device: (not device.this, -device.seen_at.timestamp(), device.id))

    async def rename(self, device: str, name: str) -> None:
        """Rename a device on all devices. Raises SyncError "no_device"."""
        from app.sync.sealing import seal_label

        async with self._connected() as member:
            await member.client.relabel(device, await seal_label(member.sealer, device, name[:NAME_LENGTH]))

    async def revoke(self, device: str) -> None:
        """Revoke another device: it keeps its data but gets no more.

        Raises SyncError "no_device", "restored".
        """
        unlisted = {each.id for each in self.new if not each.listed}
        async with self._connected() as member:
            try:
                await member.client.revoke(device)
            except SyncError as error:
                if error.code != "no_device" or device not in unlisted:
                    raise
            self.note_revoked(device, member.device)
            with suppress(SyncError):  # otherwise the next check fetches the receipt
                await member.client.devices()
            self._store.sync_store.keep_receipt(member.client.receipt)
        self._drop({device})

    def acknowledge(self, device: str) -> None:
        """Mark a device as known to the user."""
        seen = self._store.sync_store.seen_devices().get(device) or SeenDevice(id=device)
        seen.acknowledged = True
        self._store.sync_store.remember_devices([seen])
        self._drop({device})

    # --- during a sync session -------------------------------------------------------------------------

    async def update_own_record(self, member: "Membership", platform: "Platform") -> None:
        """Update this device's own record. Raises OSError from the vault."""
        from app.sync.membership import device_key
        from app.sync.wire import encode

        public, _ = await device_key(platform)
        values: dict[str, Any] = {"public_key": encode(public)}
        if "method" not in self._store.sync_store.device_records().get(member.device, {}):
            values |= {"method": "unknown", "joined_at": None, "added_by": ""}
        self._store.sync_store.put_device_record(member.device, values)

    async def check(self, member: "Membership", *, at_once: bool = False) -> None:
        """Check the device list if it is time, or if a record announces a new or revoked device.

        Raises SyncError("revoked") if another device's record says that this one is revoked: a server
        restored from a backup may not know it any more.
        """
        records = self._store.sync_store.device_records()
        if _is_revoked(records.get(member.device, {})):
            raise SyncError("revoked")
        seen = self._store.sync_store.seen_devices()
        announced = {
            id_
            for id_, record in records.items()
            if (not _is_revoked(record) and id_ not in seen)
            or (_is_revoked(record) and not (id_ in seen and seen[id_].revoked))
        }
        as_device, at = self._checked or ("", self._now())
        due = as_device != member.device or self._now() - at >= CHECK_INTERVAL
        if at_once or due or announced:
            await self._fetch_list(member)

    async def _fetch_list(self, member: "Membership") -> list[SyncDevice]:
        """Fetch the active devices. Revokes again those that were revoked but are still listed."""
        from app.sync.sealing import open_label

        entries = await member.client.devices()
        if member.client.receipt:
            self._store.sync_store.keep_receipt(member.client.receipt)
        else:
            await send_last_receipt(self._store, member)
        records, seen = self._store.sync_store.device_records(), self._store.sync_store.seen_devices()
        self._remember(member.device, entries, records, seen)
        out = {
            entry.id
            for entry in entries
            if not entry.this and (seen[entry.id].revoked or _is_revoked(records.get(entry.id, {})))
        }
        for device in sorted(out):
            with suppress(SyncError):  # retried at the next check
                await member.client.revoke(device)
        active = [entry for entry in entries if entry.id not in out]
        names = {each.id: await open_label(member.sealer, each.id, each.label) for each in active}
        devices = [
            _device(each, names, records.get(each.id, {}), seen[each.id], member.device) for each in active
        ]
        self._checked = member.device, self._now()
        listed = {entry.id for entry in entries}
        unlisted = [
            _unlisted(id_, record, names, member.device, self._now())
            for id_, record in sorted(records.items())
            if id_ not in listed and not seen[id_].acknowledged and not seen[id_].revoked
        ]
        self._announce((*(device for device in devices if not device.known), *unlisted))
        return devices

    def _remember(
        self,
        this: str,
        entries: Iterable["DeviceEntry"],
        records: Mapping[str, Mapping[str, Any]],
        seen: dict[str, SeenDevice],
    ) -> None:
        """Store newly seen devices and keys. Devices that exist at the first check count as known."""
        first = this not in seen
        changed = []
        for id_ in {each.id for each in entries} | records.keys():
            record, known = records.get(id_, {}), seen.get(id_)
            public = record.get("public_key")
            now = SeenDevice(id=id_) if known is None else SeenDevice(**known.model_dump())
            now.acknowledged = now.acknowledged or first or id_ == this
            now.public_key = now.public_key or (public if isinstance(public, str) else "")
            now.revoked = now.revoked or _is_revoked(record)
            if known is None or now.model_dump() != known.model_dump():
                seen[id_] = now
                changed.append(now)
        if changed:
            self._store.sync_store.remember_devices(changed)

    def note_revoked(self, device: str, by: str) -> None:
        """Record the revocation for all devices, in case the server is restored from a backup."""
        sync_store = self._store.sync_store
        if not _is_revoked(sync_store.device_records().get(device, {})):
            at = self._now().isoformat()
            sync_store.put_device_record(device, {"revoked_at": at, "revoked_by": by})
        seen = sync_store.seen_devices().get(device) or SeenDevice(id=device)
        seen.revoked = True
        sync_store.remember_devices([seen])

    def forget(self) -> None:
        """Reset after this device has left the account."""
        self._checked = None
        self._announce(())

    def _drop(self, devices: set[str]) -> None:
        self._announce(tuple(each for each in self.new if each.id not in devices))

    def _announce(self, new: tuple[SyncDevice, ...]) -> None:
        if new != self.new:
            self.new = new
            self._changed()


async def send_last_receipt(store: Store, member: "Membership") -> None:
    """Send the last receipt to a server that has lost data after being restored from a backup."""
    state = store.sync_store.state()
    if state is not None and state.receipt:
        with suppress(SyncError):  # older servers do not accept receipts
            await member.client.send_receipt(state.receipt)


def _is_revoked(record: Mapping[str, Any]) -> bool:
    return bool(record.get("revoked_at"))


def _unlisted(
    id_: str, record: Mapping[str, Any], names: Mapping[str, str], this: str, now: datetime
) -> SyncDevice:
    """A device that has a record but is not in the server's list."""
    try:
        joined = datetime.fromisoformat(record["joined_at"])
    except (KeyError, TypeError, ValueError):
        joined = now
    at = joined if joined.tzinfo else now
    device = SyncDevice(id_, "", at, at, this=False, known=False, follows=False, listed=False)
    return _described(device, record, names, this)


def _device(
    entry: "DeviceEntry",
    names: Mapping[str, str],
    record: Mapping[str, Any],
    seen: SeenDevice,
    this: str,
) -> SyncDevice:
    device = SyncDevice(
        id=entry.id,
        name=names[entry.id],
        created_at=entry.created_at,
        seen_at=entry.seen_at,
        this=entry.this,
        known=seen.acknowledged,
        follows=entry.this or (seen.acknowledged and bool(seen.public_key)),
    )
    return _described(device, record, names, this)


def _described(
    device: SyncDevice, record: Mapping[str, Any], names: Mapping[str, str], this: str
) -> SyncDevice:
    """Add what the device's record says about how it joined."""
    by, method = record.get("added_by"), record.get("method")
    return replace(
        device,
        method=method if method in METHODS else "",
        added_by=names.get(by, "") if isinstance(by, str) else "",
        added_here=by == this,
    )

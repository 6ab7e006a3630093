"""Rotates the account's sync key, and follows rotations by other devices.

Every step can be interrupted. The new key is stored before the server is asked, and the server determines
which key is current. Pending work is in the vault.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from app.platform.base import Platform
from app.store.store import Store
from app.sync import keyring, keys, membership, wire
from app.sync.devices import send_last_receipt
from app.sync.errors import SyncError
from app.sync.keyring import Keyring, KeyringSealer, PendingKey
from app.sync.sealing import open_label, seal_label

if TYPE_CHECKING:
    from app.sync.membership import Membership

MAX_ATTEMPTS = 5
"""Attempts if other devices make changes at the same time."""


class KeyRotation:
    """Part of `Sync`; requires exclusive access to the server connection.

    `note_revoked` takes a device and the one that revoked it. `become` switches this device to another
    keyring and returns the resulting membership. All methods raise SyncError, StorageError, and OSError from
    the vault.
    """

    def __init__(
        self,
        store: Store,
        platform: Platform,
        note_revoked: Callable[[str, str], None],
        become: Callable[[Keyring], Awaitable["Membership"]],
    ) -> None:
        self._store = store
        self._platform = platform
        self._note_revoked = note_revoked
        self._become = become

    async def change(self, member: "Membership", shut_out: Iterable[str]) -> "Membership":
        """Replace the current key, and revoke these devices permanently.

        If the server is unreachable or the app stops, `resume` continues.
        """
        ring, before = member.ring, member.ring.pending
        key = before.key if before and before.epoch > ring.epoch else keys.new_key()
        wanted = dict.fromkeys((*(before.shut_out if before else ()), *shut_out))
        return await self.resume(
            await self._store_pending(ring, PendingKey(ring.epoch + 1, key, tuple(wanted)))
        )

    async def resume(self, member: "Membership") -> "Membership":
        """Continue a pending rotation; does nothing if there is none."""
        for _try in range(MAX_ATTEMPTS):
            pending = member.ring.pending
            if pending is None:
                return member
            if pending.epoch <= member.ring.epoch:
                return await self._finish(member, pending)
            try:
                await self._request_rotation(member, member.ring.epoch, member.ring.current, pending)
            except SyncError as error:
                if error.code == "key_changed":
                    member = await self.follow(member)
                elif error.code != "devices_changed":
                    if _is_final(error):
                        await self._store_pending(member.ring, None)
                    raise _explained(error) from error
            else:
                self._store.sync_store.keep_receipt(member.client.receipt)
                made = Keyring(pending.epoch, {**member.ring.keys, pending.epoch: pending.key}, pending)
                await keyring.make_current(self._platform.vault, made)
                member = await self._become(made)
        raise SyncError("busy")

    async def follow(self, member: "Membership") -> "Membership":
        """Adopt the account's current key. Raises SyncError "no_grant" if this device cannot get it."""
        current = await member.client.account_key()
        if current.epoch < member.ring.epoch:
            await send_last_receipt(self._store, member)
            await self._repeat_rotation(member, current)
            return member
        key = await self._current_key(member, current)
        if key is None:
            raise SyncError("no_grant")
        sealer = KeyringSealer(self._platform, Keyring.of(key, current.epoch))
        earlier = {epoch: each for epoch, each in member.ring.keys.items() if epoch < current.epoch}
        earlier |= await keyring.open_keyring(sealer, current.epoch, current.keyring)
        pending = member.ring.pending
        if pending is not None and pending.key != key:
            # Another device rotated the key first. Devices still to be revoked need another rotation.
            left = set(pending.shut_out) & {each.id for each in await member.client.devices()}
            again = PendingKey(current.epoch + 1, keys.new_key(), tuple(sorted(left)))
            pending = again if left else None
        self._store.sync_store.keep_receipt(member.client.receipt)
        ring = Keyring(current.epoch, {**earlier, current.epoch: key}, pending)
        await keyring.make_current(self._platform.vault, ring)
        return await self._become(ring)

    async def _store_pending(self, ring: Keyring, pending: PendingKey | None) -> "Membership":
        """Store the pending rotation in the vault."""
        planned = replace(ring, pending=pending)
        await keyring.save(self._platform.vault, planned)
        return await self._become(planned)

    async def _finish(self, member: "Membership", pending: PendingKey) -> "Membership":
        """Complete an accepted rotation: record the revoked devices."""
        for device in pending.shut_out:
            self._note_revoked(device, member.device)
        return await self._store_pending(member.ring, None)

    async def _current_key(self, member: "Membership", current: wire.AccountKey) -> bytes | None:
        """The current key: this device's current or pending one, or the one in its grant.

        Never returns an earlier key, because revoked devices have it. Raises SyncError "server" if the key is
        known with another epoch, which no rotation produces.
        """
        held = {member.ring.current: member.ring.epoch}
        if member.ring.pending is not None:
            held[member.ring.pending.key] = member.ring.pending.epoch
        for each, epoch in held.items():
            if keys.derive(each).account == current.account:
                if epoch != current.epoch:
                    raise SyncError("server", {"reason": "the key has another epoch"})
                return each
        if current.grant is None:
            return None
        _, private = await membership.device_key(self._platform)
        key = await keyring.open_grant(
            self._platform,
            private,
            member.ring,
            current.account,
            current.epoch,
            member.device,
            current.grant,
        )
        return key if key is not None and keys.derive(key).account == current.account else None

    async def _repeat_rotation(self, member: "Membership", current: wire.AccountKey) -> None:
        """Repeat the rotation with the same key, after the server was restored to before it."""
        base = member.ring.keys.get(current.epoch)
        if base is None or keys.derive(base).account != current.account:
            raise SyncError("no_grant")
        seen = self._store.sync_store.seen_devices()
        revoked = {each.id for each in seen.values() if each.revoked}
        # Devices that joined since, with the earlier key, which the rotation was to make useless.
        newcomers = {each.id for each in await member.client.devices()} - seen.keys()
        for _try in range(MAX_ATTEMPTS):
            shut_out = tuple(sorted(revoked | newcomers))
            again = PendingKey(member.ring.epoch, member.ring.current, shut_out)
            try:
                await self._request_rotation(member, current.epoch, base, again)
            except SyncError as error:
                if error.code == "key_changed":
                    return  # another device did it
                if error.code == "restored" and newcomers:
                    newcomers = set()  # they were there before
                elif error.code != "devices_changed":
                    raise
            else:
                for device in newcomers:
                    self._note_revoked(device, member.device)
                return
        raise SyncError("busy")

    async def _request_rotation(
        self, member: "Membership", base: int, base_key: bytes, new: PendingKey
    ) -> None:
        """Send the rotation to the server."""
        derived = keys.derive(new.key)
        sealer = KeyringSealer(self._platform, Keyring.of(new.key, new.epoch))
        earlier = {epoch: key for epoch, key in member.ring.keys.items() if epoch < new.epoch}
        known = Keyring(max(earlier), earlier)
        entries = await member.client.devices()
        keep = []
        for entry in entries:
            if entry.id in new.shut_out:
                continue
            name = await open_label(member.sealer, entry.id, entry.label)
            label = await seal_label(sealer, entry.id, name) if name else entry.label
            keep.append(wire.KeptDevice(entry.id, label, await self._grant(member, known, new, entry.id)))
        await member.client.change_key(
            wire.KeyChange(
                secret=keys.derive(base_key).secret,
                base=base,
                epoch=new.epoch,
                account=derived.account,
                new_secret=derived.secret,
                keyring=await keyring.seal_keyring(sealer, new.epoch, earlier),
                keep=keep,
                revoke=[entry.id for entry in entries if entry.id in new.shut_out],
            )
        )

    async def _grant(
        self, member: "Membership", known: Keyring, new: PendingKey, device: str
    ) -> bytes | None:
        """The new key sealed for a device that the user has confirmed; None if its public key is unknown."""
        if device == member.device:
            public, _ = await membership.device_key(self._platform)
        else:
            seen = self._store.sync_store.seen_devices().get(device)
            public = wire.decode(seen.public_key) if seen and seen.acknowledged else b""
        try:
            return await keyring.seal_grant(self._platform, public, known, new, device) if public else None
        except ValueError:
            return None


def _is_final(error: SyncError) -> bool:
    """Whether the server rejected the rotation permanently, so that it must not block sync."""
    status = error.detail.get("status", 0)
    refused = error.code == "server" and httpx.codes.is_client_error(status)
    return refused or error.code in {"too_large", "wrong_secret", "protocol", "restored"}


def _explained(error: SyncError) -> SyncError:
    """Servers of the first edition do not have this endpoint, and must be updated."""
    if error.code == "server" and error.detail.get("status") == httpx.codes.NOT_FOUND:
        return SyncError("protocol", {"max": 0})
    return error

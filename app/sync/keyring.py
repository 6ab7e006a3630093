"""An account's sync keys: the current one, earlier ones for old records, and a pending one.

In the vault, `sync-key` is the current key, and `keyring` holds all keys by epoch. Every vault write is
atomic, so a device killed between two writes finds either the earlier state or the new one.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.platform.base import Platform, Sealer, Vault
from app.sync import keys
from app.sync.wire import decode, encode

SYNC_KEY, SEALING_KEY, KEY_NAME, KEYRING = "sync-key", "sealing-key", "key-name", "keyring"
"""Vault entries. The service worker seals with the sealing key and sends the key's name in requests."""
VERSION = 1
MOST_EARLIER = 64
"""Earlier keys stored with an account; records sealed with even older ones have been sealed again."""
PROOFS = 8
"""Earlier keys used as proofs in a grant; a device that missed more rotations must be paired again."""


@dataclass(frozen=True)
class PendingKey:
    """A key rotation that was started; the server may or may not have accepted it."""

    epoch: int
    key: bytes = field(repr=False)
    shut_out: tuple[str, ...] = ()  # devices to revoke


@dataclass(frozen=True)
class Keyring:
    """Keys by epoch (the number of rotations before); `epoch` is the current one's."""

    epoch: int
    keys: Mapping[int, bytes] = field(repr=False)
    pending: PendingKey | None = None

    @classmethod
    def of(cls, key: bytes, epoch: int = 0, earlier: Mapping[int, bytes] | None = None) -> "Keyring":
        return cls(epoch, {**(earlier or {}), epoch: key})

    @property
    def current(self) -> bytes:
        return self.keys[self.epoch]

    @property
    def earlier(self) -> dict[int, bytes]:
        return {epoch: key for epoch, key in self.keys.items() if epoch < self.epoch}


async def load(vault: Vault, key: bytes) -> Keyring:
    """The keyring whose current key is `key`, the vault's sync key. Raises OSError.

    An entry without this key belongs to another account, and is ignored.
    """
    kept, pending = _from_json(await vault.read(KEYRING))
    known = kept | ({pending.epoch: pending.key} if pending else {})
    for epoch in sorted(known, reverse=True):
        if known[epoch] == key:
            return Keyring(epoch, {each: known[each] for each in known if each <= epoch}, pending)
    return Keyring.of(key)


async def save(vault: Vault, ring: Keyring) -> None:
    """Store all keys; `sync-key` still determines the current one. Raises OSError."""
    held: dict[str, Any] = {"v": VERSION, "keys": _keys_to_json(ring.keys)}
    if ring.pending is not None:
        held["pending"] = {
            "epoch": ring.pending.epoch,
            "key": encode(ring.pending.key),
            "shut_out": list(ring.pending.shut_out),
        }
    await vault.write(KEYRING, json.dumps(held).encode())


async def make_current(vault: Vault, ring: Keyring) -> None:
    """Store the keyring's current key as the vault's. Raises OSError.

    The order matters: the service worker reads the key's name before the sealing key, so it never names a
    newer key than it seals with. `sync-key` is written last, once everything else is in place.
    """
    derived = keys.derive(ring.current)
    await save(vault, ring)
    await vault.write(SEALING_KEY, derived.sealing)
    await vault.write(KEY_NAME, derived.name.encode())
    await vault.write(SYNC_KEY, ring.current)


# --- records sealed with several keys ----------------------------------------------------------------------


class KeyringSealer:
    """Seals with the current key; opens with the current or an earlier one."""

    def __init__(self, platform: Platform, ring: Keyring) -> None:
        self.epoch = ring.epoch
        self._sealers = {
            epoch: platform.sealer(keys.derive(key).sealing)
            for epoch, key in sorted(ring.keys.items(), reverse=True)
        }

    async def seal(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        return await self._sealers[self.epoch].seal(items)

    async def open(self, items: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        return [plain for plain, _ in await self.open_dated(items)]

    async def open_dated(
        self, items: Sequence[tuple[bytes, bytes]], oldest: int = 0
    ) -> list[tuple[bytes | None, int]]:
        """Each plaintext with the epoch of its key. Keys before `oldest` are not tried."""
        opened: list[tuple[bytes | None, int]] = [(None, self.epoch)] * len(items)
        left = list(range(len(items)))
        for epoch, sealer in self._sealers.items():
            if not left or epoch < oldest:
                break
            for at, plain in zip(left, await sealer.open([items[at] for at in left]), strict=True):
                opened[at] = (plain, epoch)
            left = [at for at in left if opened[at][0] is None]
        return opened


async def open_dated(
    sealer: Sealer, items: Sequence[tuple[bytes, bytes]], oldest: int
) -> list[tuple[bytes | None, int]]:
    """Like `KeyringSealer.open_dated`; the epoch is 0 for a sealer with one key."""
    if isinstance(sealer, KeyringSealer):
        return await sealer.open_dated(items, oldest)
    return [(plain, 0) for plain in await sealer.open(items)]


# --- the keyring and the grants on the server ---------------------------------------------------------------


async def seal_keyring(sealer: Sealer, epoch: int, earlier: Mapping[int, bytes]) -> bytes:
    """The earlier keys, sealed with the key of `epoch`."""
    content = {"v": VERSION, "keys": _keys_to_json(newest(earlier))}
    return (await sealer.seal([(_associated(epoch), json.dumps(content).encode())]))[0]


async def open_keyring(sealer: Sealer, epoch: int, box: bytes | None) -> dict[int, bytes]:
    """Decrypt the earlier keys; empty if that fails."""
    if box is None:
        return {}
    kept, _ = _from_json((await sealer.open([(_associated(epoch), box)]))[0])
    return newest({each: key for each, key in kept.items() if 0 <= each < epoch})


def newest(earlier: Mapping[int, bytes]) -> dict[int, bytes]:
    """The latest `MOST_EARLIER` keys."""
    return {epoch: earlier[epoch] for epoch in sorted(earlier)[-MOST_EARLIER:]}


async def seal_grant(platform: Platform, public: bytes, ring: Keyring, new: PendingKey, device: str) -> bytes:
    """Seal a new key for one device, with proofs that the sender holds the earlier keys.

    HPKE does not authenticate the sender, so a device accepts a grant only with a proof by a key it holds.
    Raises ValueError for an invalid public key.
    """
    info = grant_info(keys.derive(new.key).account, new.epoch, device)
    newest = sorted(ring.keys, reverse=True)[:PROOFS]
    proofs = {str(epoch): encode(_proof(ring.keys[epoch], info, new.key)) for epoch in newest}
    plain = json.dumps({"v": VERSION, "key": encode(new.key), "proofs": proofs}).encode()
    return await platform.hpke.seal(public, info, plain)


async def open_grant(
    platform: Platform, private: bytes, ring: Keyring, account: str, epoch: int, device: str, box: bytes
) -> bytes | None:
    """The key in a grant; None if undecryptable, or without a valid proof by this device's current key."""
    info = grant_info(account, epoch, device)
    plain = await platform.hpke.open(private, info, box)
    try:
        content = json.loads(plain or b"null")
        key, proof = decode(content["key"]), decode(content["proofs"][str(ring.epoch)])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    proven = hmac.compare_digest(proof, _proof(ring.current, info, key))
    return key if proven and len(key) == keys.KEY_BYTES else None


def grant_info(account: str, epoch: int, device: str) -> bytes:
    """HPKE's info for a grant, which binds it to the device, the key and the epoch."""
    return f"kaeru/1 grant {account} {epoch} {device}".encode()


def _proof(earlier: bytes, info: bytes, new: bytes) -> bytes:
    return hmac.digest(keys.derive(earlier).grants, info + b"\0" + new, "sha256")


def _associated(epoch: int) -> bytes:
    return f"keyring:{epoch}".encode()


def _keys_to_json(held: Mapping[int, bytes]) -> dict[str, str]:
    return {str(epoch): encode(key) for epoch, key in sorted(held.items())}


def _from_json(data: bytes | None) -> tuple[dict[int, bytes], PendingKey | None]:
    """Parse keys by epoch and the pending key; empty for malformed data."""
    try:
        held = json.loads(data or b"{}")
        kept = {int(epoch): decode(key) for epoch, key in held.get("keys", {}).items()}
        pending = held.get("pending")
        if pending is None:
            return kept, None
        return kept, PendingKey(int(pending["epoch"]), decode(pending["key"]), tuple(pending["shut_out"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}, None

"""Sync as used by the screens: starting, joining and leaving, and running sessions when necessary.

Importing this is cheap: the REST client and ciphers are imported once sync is on.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.platform.base import Platform
from app.store.store import Store
from app.store.transactions import StorageError
from app.sync import keyring, keys, membership
from app.sync.addresses import server_address
from app.sync.devices import NAME_LENGTH, Devices
from app.sync.errors import PASSING, SyncError
from app.sync.membership import JoinOrigin, Membership
from app.sync.pairing import Pairing
from app.sync.reminder_sync import ReminderSync
from app.sync.schedule import Schedule
from app.sync.status import Status, SyncPhase

if TYPE_CHECKING:
    from app.sync.engine import SyncProgress
    from app.sync.keyring import Keyring
    from app.sync.rotation import KeyRotation

REFRESH_INTERVAL = timedelta(seconds=2)
"""How often screens are refreshed during a long session."""

REVOKED_CODES = frozenset({"revoked", "unauthorized", "no_grant"})
MAX_ROTATIONS = 5
"""Maximum number of key rotations followed in one session."""

log = logging.getLogger(__name__)


class Sync:
    """The interface for the screens. Commands raise SyncError, StorageError, and OSError from the vault."""

    def __init__(self, store: Store, platform: Platform, now: Callable[[], datetime]) -> None:
        self.status = Status()
        self._store = store
        self._platform = platform
        self._now = now
        self._member: Membership | None = None
        self.reminders = ReminderSync(store, now, lambda: self._member, self._connected)
        self.devices = Devices(store, now, self._connected, self._notify_again)
        self._rotation: KeyRotation | None = None
        self.pairing = Pairing(
            platform,
            now,
            member=lambda: self._member,
            is_member=lambda: self.is_member,
            server=self.server,
            enter=self._join,
        )
        self._schedule = Schedule(random.random)
        self._wake = asyncio.Event()
        self._busy = asyncio.Lock()  # exclusive access to the server connection
        self._may_run = asyncio.Event()  # cleared while something else needs the store exclusively
        self._may_run.set()
        self._session: asyncio.Task[None] | None = None  # the current sync session
        self._interrupted = False  # prevents new sessions
        self._listeners: list[Callable[[Status], None]] = []
        self._session_since: datetime | None = None
        self._refreshed_at = now()
        self._has_news = False
        store.subscribe(self._on_store_change)

    def subscribe(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Call `listener` with each new status. Returns a function that unsubscribes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # --- joining and leaving ---------------------------------------------------------------------------

    @property
    def is_member(self) -> bool:
        """Whether this device belongs to an account, even if it cannot sync or was revoked."""
        if self._member is not None:
            return True
        try:
            return self._store.sync_store.state() is not None
        except StorageError:
            return True  # unknown, so joining another account must not be offered

    def fingerprint(self) -> str:
        """A short name of the account for people; empty while the key cannot be read."""
        return keys.account_fingerprint(self._member.keys.account) if self._member else ""

    def server(self) -> str:
        """The address of the account's server; empty without an account."""
        state = self._store.sync_store.state()
        return state.server if state else ""

    async def start(self, server: str = "", name: str = "") -> str:
        """Create an account for this device's data. Returns the key's text, which the user must save.

        `server` is an address, for installed apps; browsers use the app's origin. `name` is this device's
        name on other devices. Raises SyncError "member", "closed", "too_many_devices", "insecure_address", …
        """
        key = keys.new_key()
        await self._enter(key, server, name, JoinOrigin("start"))
        return keys.to_text(key)

    async def join(self, text: str, server: str = "", name: str = "") -> None:
        """Join the account of a sync key, given as text.

        Records on both sides are merged; the account's settings win. Raises keys.KeyTextError for a mistyped
        key, SyncError "no_account" for a key unknown to this server, "member" if this device already belongs
        to an account.
        """
        await self._enter(keys.from_text(text), server, name, JoinOrigin("key"))

    async def leave(self, *, wipe: bool) -> bool:
        """Stop syncing on this device, and keep its data or `wipe` it. Other devices are not affected.

        Stops a running session, keeping what it has stored. Returns False if the server was not reached: then
        it lists this device until another one revokes it. Also works for a device that has lost its key.
        """
        async with self._interrupting():
            member, was_reached = self._member, False
            if member is None and self._store.sync_store.state() is None:
                raise SyncError("off")
            if member is not None:
                was_reached = await membership.revoke_self(member)
            await self._forget(member)
            if wipe:
                self._store.wipe()
            return was_reached

    async def delete_account(self) -> None:
        """Delete everything on the server, for every device; the data on the devices is kept."""
        async with self._interrupting():
            if self._member is None:
                raise SyncError("off")
            member = self._member
            await member.client.delete_account(member.keys.secret)
            await self._forget(member)

    # --- the key ---------------------------------------------------------------------------------------

    async def key_text(self) -> str:
        """The sync key's text, for display. Raises SyncError "off"."""
        key = await self._platform.vault.read(keyring.SYNC_KEY)
        if key is None or self._member is None:
            raise SyncError("off")
        return keys.to_text(key)

    async def change_key(self, shut_out: Iterable[str]) -> str:
        """Revoke devices permanently: rotate the account's key, and grant it to all other devices.

        Returns the new key's text, which replaces the old one. If the server is unreachable (SyncError
        "offline"), the rotation happens as soon as possible: see `key_change_waits`.
        """
        async with self._connected() as member:
            try:
                changed = await self._key_rotation().change(member, shut_out)
            finally:
                self.sync_now()  # seals all records again, or continues the rotation
        return keys.to_text(changed.ring.current)

    @property
    def key_change_waits(self) -> bool:
        """Whether a key rotation started here has not reached the server yet."""
        return self._member is not None and self._member.ring.pending is not None

    @property
    def key_is_new(self) -> bool:
        """Whether the key was rotated since the user last saved it on this device."""
        state = self._store.sync_store.state()
        return self._member is not None and state is not None and self._member.ring.epoch > state.noted_epoch

    def note_key(self) -> None:
        """Store that the user has saved the current key."""
        if self._member is not None:
            self._store.sync_store.note_key(self._member.ring.epoch)
            self._notify_again()

    # --- scheduling ------------------------------------------------------------------------------------

    def sync_now(self) -> None:
        """Sync as soon as possible, at the user's request."""
        self._schedule.requested(time.monotonic())
        self._wake.set()

    def network_returned(self) -> None:
        """Sync now and in the next seconds, because the network has returned.

        Restarts a running session, which may wait for a response that was lost.
        """
        self._schedule.network_returned(time.monotonic())
        if self._session is not None:
            self._session.cancel()
        self._wake.set()

    def next_session(self) -> datetime | None:
        """The time of the next session; None if it needs a trigger."""
        due = self._schedule.due if self._member else None
        return None if due is None else self._now() + timedelta(seconds=max(0.0, due - time.monotonic()))

    def set_foreground(self, *, foreground: bool) -> None:
        """Set whether the app is in the foreground; only then it polls for remote changes."""
        self._schedule.foreground_changed(time.monotonic(), foreground=foreground)
        self._wake.set()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Wait for the current session to end, and prevent new ones, to use the store exclusively."""
        async with self._busy:
            self._may_run.clear()
            try:
                yield
            finally:
                self._may_run.set()
                self._wake.set()

    async def run(self) -> None:
        """Run sync sessions for as long as the app runs."""
        await self._may_run.wait()
        await self._resume()
        while True:
            self._wake.clear()
            due = self._schedule.due if self._member else None
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._wake.wait(), None if due is None else max(0.0, due - time.monotonic())
                )
            await self._may_run.wait()
            if self.status.code == "locked_key":
                await self._resume()
            await self._leave_if_wiped()
            due = self._schedule.due if self._member else None
            if due is not None and due <= time.monotonic():
                await self.sync_once()
                await self._leave_if_wiped()  # it may have been wiped during the session

    async def sync_once(self) -> None:
        """Run one sync session; the result is in `status`."""
        async with self._busy:
            if self._member is None or self._interrupted:
                return
            self._schedule.started()
            self._session_since = self._refreshed_at = self._now()
            try:
                await self._sync_once(self._member)
            except SyncError as error:
                self._on_error(error)
            except StorageError as error:
                self._on_error(SyncError("storage", {"reason": error.reason}))
            except Exception:
                log.exception("sync failed")  # a bug must not end sync for good
                self._on_error(SyncError("server"))
            else:
                self._schedule.succeeded(time.monotonic())
                self._set_status(Status("idle", at=self._synced_at()))
            finally:
                self._session_since = None
                self._refresh_screens()

    async def _sync_once(self, member: Membership) -> None:
        """Synchronise as a task that `_interrupting` can cancel."""
        self._session = asyncio.ensure_future(self._synchronise(member))
        try:
            await self._session
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # the app ends
            raise SyncError("offline", {"reason": "stopped"}) from None
        finally:
            self._session = None

    async def _synchronise(self, member: Membership) -> None:
        member = await self._key_rotation().resume(member)
        for _try in range(MAX_ROTATIONS):
            try:
                await self._exchange(member)
            except SyncError as error:
                if error.code != "key_changed":
                    raise
                member = await self._key_rotation().follow(member)
                member = await self._key_rotation().resume(member)
            else:
                return
        raise SyncError("busy")

    async def _exchange(self, member: Membership) -> None:
        from app.sync.engine import SyncContext, synchronise
        from app.sync.merge import merge

        await self.devices.update_own_record(member, self._platform)
        context = SyncContext(
            self._store.sync_store,
            member.client,
            member.sealer,
            self._now,
            self._on_progress,
            member.ring.epoch,
            # A restored server may list devices that were revoked after the backup.
            lambda: self.devices.check(member, at_once=True),
        )
        await synchronise(context)
        while self._store.sync_store.apply_events(merge):
            self._has_news = True
            await synchronise(context)
        await self.devices.check(member)
        await self.reminders.put_plan(member)

    # --- events ----------------------------------------------------------------------------------------

    def _on_store_change(self) -> None:
        if self._member is None or self._session_since is not None:
            return  # the session continues until nothing is left to send
        state = self._store.sync_store.state()
        if state is None or self._store.sync_store.count_outgoing():
            self._schedule.changed(time.monotonic())
            self._wake.set()

    def _on_progress(self, progress: "SyncProgress") -> None:
        if progress.to_seal:
            self._set_status(
                Status(
                    "syncing", self._synced_at(), done=progress.sealed, total=progress.to_seal, sealing=True
                )
            )
        elif progress.received or progress.to_send:
            total = None if progress.received else progress.to_send
            done = progress.received + progress.sent
            self._set_status(Status("syncing", self._synced_at(), done=done, total=total))
        if progress.received:
            self._has_news = True
            if self._now() - self._refreshed_at >= REFRESH_INTERVAL:
                self._refresh_screens()

    def _refresh_screens(self) -> None:
        """Refresh the screens. Not own_name for every page, because it takes time."""
        self._refreshed_at = self._now()
        if self._has_news:
            self._has_news = False
            self._store.sync_store.announce()

    def _on_error(self, error: SyncError) -> None:
        now = time.monotonic()
        if error.code in PASSING:
            self._schedule.failed(now, error.retry_after)
        elif error.code not in REVOKED_CODES:
            self._schedule.succeeded(now)  # the cause may be fixed elsewhere, so keep polling
        state: SyncPhase = "offline" if error.code in PASSING else "error"
        self._set_status(Status(state, self._synced_at(), code=error.code, detail=error.detail))

    def _notify_again(self) -> None:
        """Notify listeners of changes beside the status."""
        self._set_status(self.status)

    def _set_status(self, status: Status) -> None:
        self.status = status
        for listener in tuple(self._listeners):
            listener(status)

    def _synced_at(self) -> datetime | None:
        state = self._store.sync_store.state()
        return state.synced_at if state else None

    # --- internals of joining and leaving --------------------------------------------------------------

    @asynccontextmanager
    async def _interrupting(self) -> AsyncIterator[None]:
        """Cancel the running session, which a broken server could delay, and get exclusive access."""
        self._interrupted = True
        try:
            if self._session is not None:
                self._session.cancel()
            async with self._busy:
                yield
        finally:
            self._interrupted = False

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Membership]:
        async with self._busy:
            if self._member is None:
                raise SyncError("off")
            try:
                yield self._member
            except SyncError as error:
                if error.code != "key_changed":
                    raise
                self.sync_now()  # which follows the rotation, so that the command can be repeated
                raise SyncError("busy") from error

    def _key_rotation(self) -> "KeyRotation":
        from app.sync.rotation import KeyRotation

        if self._rotation is None:
            self._rotation = KeyRotation(
                self._store, self._platform, self.devices.note_revoked, self._use_keyring
            )
        return self._rotation

    async def _use_keyring(self, ring: "Keyring") -> Membership:
        """Switch to another keyring, as the same device."""
        before, state = self._member, self._store.sync_store.state()
        if before is None or state is None:
            raise SyncError("off")
        if ring.epoch == before.ring.epoch:
            self._member = replace(before, ring=ring)
        else:
            token = await self._platform.vault.read(membership.TOKEN) or b""
            self._member = membership.create_membership(
                self._platform, self._now, state.server, state.device, ring, token.decode()
            )
            self.pairing.forget()  # its offer would contain the earlier key
            self.reminders.reset_plan()
            await before.client.close()
        return self._member

    async def _resume(self) -> None:
        """Restore the membership from the vault at start-up."""
        state = self._store.sync_store.state()
        if state is None:
            return
        try:
            kept = await membership.load_membership(self._platform.vault)
        except OSError as error:
            log.warning("the vault cannot be read: %s", error)
            self._set_status(Status("error", state.synced_at, code="locked_key"))
            return
        if kept is None:
            self._set_status(Status("error", state.synced_at, code="no_key"))
            return
        self._activate(
            membership.create_membership(self._platform, self._now, state.server, state.device, *kept)
        )
        self._set_status(Status("idle", state.synced_at))

    async def _join(self, key: bytes, server: str, name: str, device: str, origin: JoinOrigin) -> None:
        await self._enter(key, server, name, origin, device)

    async def _enter(self, key: bytes, server: str, name: str, origin: JoinOrigin, device: str = "") -> None:
        address = server_address(server, self._platform.origin)
        own_name = (name or self._platform.device_name)[:NAME_LENGTH]
        async with self._busy:
            if self.is_member:
                raise SyncError("member")
            member = await membership.enter(
                self._platform, self._now, address, key, own_name, origin=origin, device=device
            )
            self._store.sync_store.begin(
                address, member.device, joining=origin.method != "start", key_epoch=member.ring.epoch
            )
            joined = {"joined_at": self._now().isoformat(), **asdict(origin)}
            self._store.sync_store.put_device_record(member.device, joined)
            self.devices.forget()
            self._activate(member)
            self._set_status(Status("syncing"))

    def _activate(self, member: Membership) -> None:
        self._member = member
        self._schedule = Schedule(random.random)
        self.sync_now()

    async def _forget(self, member: Membership | None) -> None:
        self._member = None
        self.pairing.forget()
        self.devices.forget()
        self._store.sync_store.end()
        await membership.forget(self._platform.vault)
        if member is not None:
            await member.client.close()
        self._set_status(Status())

    async def _leave_if_wiped(self) -> None:
        """Leave the account if everything on this device was deleted."""
        if self._member is None or self._store.sync_store.state() is not None:
            return
        async with self._connected() as member:
            await membership.revoke_self(member)
            await self._forget(member)

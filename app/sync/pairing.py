"""Adding a device to an account with a one-time link; the interface for both sides' screens."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from app.platform.base import Platform
from app.sync.addresses import server_address
from app.sync.errors import SyncError

if TYPE_CHECKING:
    from app.sync.inviter import Inviter
    from app.sync.joiner import Joiner
    from app.sync.membership import JoinOrigin, Membership

EnterAccount = Callable[[bytes, str, str, str, "JoinOrigin"], Awaitable[None]]
"""Join with (key, server, name of this device, its id, origin)."""


class Pairing:
    """Part of `Sync`."""

    def __init__(
        self,
        platform: Platform,
        now: Callable[[], datetime],
        *,
        member: Callable[[], "Membership | None"],
        is_member: Callable[[], bool],
        server: Callable[[], str],
        enter: EnterAccount,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._platform = platform
        self._now = now
        self._member = member
        self._is_member = is_member
        self._server = server
        self._enter = enter
        self._pause = pause
        self._inviter: Inviter | None = None

    def invite(self) -> "Inviter":
        """The current offer, or a new one. Raises SyncError "off"."""
        from app.sync.inviter import Inviter

        member = self._member()
        if member is None:
            raise SyncError("off")
        if self._inviter is None or self._inviter.has_ended:
            self._inviter = Inviter(self._platform, self._now, member, self._server(), self._pause)
        return self._inviter

    def join(self, secret: bytes, server: str = "") -> "Joiner":
        """Start joining with a pairing secret. Raises SyncError "member", "no_server", "insecure_address"."""
        from app.sync.joiner import Joiner
        from app.sync.pairing_secret import PairingSecret

        if self._is_member():
            raise SyncError("member")
        address = server_address(server, self._platform.origin)

        async def enter(key: bytes, name: str, device: str, origin: "JoinOrigin") -> None:
            await self._enter(key, address, name, device, origin)

        return Joiner(self._platform, self._now, PairingSecret.of(secret), address, enter, self._pause)

    def forget(self) -> None:
        """Discard the offer after this device has left the account."""
        self._inviter = None

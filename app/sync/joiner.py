"""The new device's side of a pairing: claims the offer, shows the account, and joins after both agree."""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal

from app.domain.entities import new_id
from app.platform.base import KeyPair, Platform
from app.sync import keys
from app.sync.api_client import ApiClient
from app.sync.errors import PASSING, SyncError
from app.sync.membership import JoinOrigin
from app.sync.pairing_client import PairingClient, PairingEnd
from app.sync.pairing_messages import (
    Offer,
    PairingBoxes,
    Request,
    check_commitment,
    code_of,
    distinct_name,
    open_answer,
    read_offer,
    read_reveal,
    request_to_json,
    transcript_of,
)
from app.sync.pairing_secret import PairingSecret
from app.sync.pairing_side import PairingSide

JoinerState = Literal[
    "claiming",  # the server is asked for the offer
    "waiting",  # for the member's answer; `offer` describes the account
    "comparing",  # the user compares `code` on both devices
    "agreed",  # confirmed here; the member has to confirm
    "joining",  # the key was received
    "done",
    "declined",  # on this device
    "refused",  # by the member
    "used",  # another device opened the link first
    "expired",
    "replaced",  # by a newer link, or the member cancelled
    "broken",  # an invalid message, which the member cannot have sent
    "failed",  # because of `error`
]

JoinWithKey = Callable[[bytes, str, str, JoinOrigin], Awaitable[None]]
"""Join with (key, name of this device, its id, origin). Raises as `Sync.join`."""


class Joiner(PairingSide[JoinerState]):
    """Created by `Sync.pairing.join`. Never raises; see `state`, `trouble` and `error`."""

    ended = frozenset({"done", "declined", "refused", "used", "expired", "replaced", "broken", "failed"})
    outcomes = {  # noqa: RUF012 - read only
        "no_pairing": "expired",
        "replaced": "replaced",
        "pairing_used": "used",
        "pairing_broken": "broken",
        "": "failed",
    }

    def __init__(
        self,
        platform: Platform,
        now: Callable[[], datetime],
        secret: PairingSecret,
        server: str,
        enter: JoinWithKey,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        super().__init__(now, pause)
        self.state = "claiming"
        self.server = server
        self.name = platform.device_name
        self.offer: Offer | None = None
        self.code = ""
        self._platform = platform
        self._secret = secret
        self._enter = enter
        self._device = new_id()  # kept, so that repeated registrations use the same id
        self._client = PairingClient(
            ApiClient(server, now, platform.transport()), secret.id, secrets.token_bytes(32)
        )
        self._boxes = PairingBoxes(platform, secret)
        self._has_claimed = False
        self._pair: KeyPair | None = None
        self._offer_plain = self._request_plain = self._request_box = self._transcript = b""

    async def follow(self) -> None:
        """As in the base class. A cancelled joiner cannot continue: leaving the screen declines."""
        try:
            await super().follow()
        finally:
            await self._client.client.close()

    async def agree(self) -> None:
        """Confirm that both devices show the same code; joins once the key arrives."""
        if self.state == "comparing":
            self._set_state("agreed")
            await self.step()

    async def decline(self) -> None:
        """Decline the pairing. Does nothing while the device is already joining."""
        if not self.has_ended and self.state != "joining":
            await self._end("declined")

    async def _advance(self) -> None:
        if self.state == "claiming":
            await self._claim()
        elif self.state != "joining":
            await self._poll()

    async def _claim(self) -> None:
        """Send the request only after the offer, in which the member commits to its nonce."""
        if self._pair is None:
            await self._client.client.info()
            self._has_claimed = True  # possibly, if the response is lost
            claimed = await self._client.claim()
            self.expires_at = claimed.expires_at - (self._client.client.skew or timedelta())
            self._offer_plain = await self._boxes.open("offer", claimed.offer)
            self.offer = read_offer(self._offer_plain)
            self.name = distinct_name(self.name, {self.offer.name, *self.offer.names})
            self._pair = await self._platform.hpke.generate()
            self._request_plain = request_to_json(Request(self.name, self._pair.public))
            self._request_box = await self._boxes.seal("request", self._request_plain)
        await self._client.request(self._request_box)
        self._set_state("waiting")

    async def _poll(self) -> None:
        progress = await self._client.watch()
        if progress.state == "refused":
            await self._end("refused")
        elif self.state == "waiting" and progress.reveal is not None:
            await self._compare(progress.reveal)
        elif self.state == "agreed" and progress.answer is not None:
            await self._join(progress.answer)

    async def _compare(self, box: bytes) -> None:
        assert self.offer is not None  # noqa: S101 - the request has gone out
        nonce = read_reveal(await self._boxes.open("reveal", box))
        check_commitment(self.offer.commitment, nonce)
        self._transcript = transcript_of(self._secret.id, self._offer_plain, self._request_plain, nonce)
        self.code = code_of(self._transcript)
        self._set_state("comparing")

    async def _join(self, box: bytes) -> None:
        self._set_state("joining")
        assert self.offer is not None  # noqa: S101
        assert self._pair is not None  # noqa: S101
        inner = await self._boxes.open("answer", box)
        answer = await open_answer(self._platform.hpke, self._pair.private, self._transcript, inner)
        if keys.account_fingerprint(answer.account) != self.offer.account:
            raise SyncError("pairing_broken")
        origin = JoinOrigin("pairing", self.offer.device)
        try:
            await self._enter(answer.key, self.name, self._device, origin)
        except SyncError as error:
            if error.code in PASSING:
                self._set_state("agreed")  # the answer is still valid: the next step joins
            raise
        await self._end("done")

    async def _conclude(self) -> None:
        outcomes: dict[JoinerState, PairingEnd] = {
            "done": "done",
            "declined": "declined",
            "failed": "failed",
            "broken": "failed",
        }
        outcome = outcomes.get(self.state)
        if outcome and self._has_claimed:
            with suppress(SyncError):
                await self._client.end(outcome)

"""The member's side of a pairing: offers to add a device, and gives it the key."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal

from app.platform.base import Platform
from app.sync import keys
from app.sync.errors import SyncError
from app.sync.keyring import SYNC_KEY
from app.sync.membership import Membership
from app.sync.pairing_client import PairingClient
from app.sync.pairing_messages import (
    Offer,
    PairingAnswer,
    PairingBoxes,
    Request,
    code_of,
    commitment_to,
    fit_names,
    new_nonce,
    offer_to_json,
    read_request,
    reveal_to_json,
    seal_answer,
    transcript_of,
)
from app.sync.pairing_secret import PairingSecret
from app.sync.pairing_side import PairingSide

InviterState = Literal[
    "making",  # the offer is being created
    "offered",  # the link can be opened
    "claimed",  # a device has opened the link
    "comparing",  # the user compares `code` on both devices; `guest` is the other one's name
    "giving",  # the user agreed; the other device has to finish
    "done",  # the other device has joined
    "cancelled",  # on this device
    "declined",  # on the other device
    "failed",  # the other device could not join
    "expired",
    "replaced",  # by a newer offer, or the server no longer knows this one
    "broken",  # an invalid message, which the other device cannot have sent
    "stopped",  # because of `error`
]


class Inviter(PairingSide[InviterState]):
    """Created by `Sync.pairing.invite`. Never raises; see `state`, `trouble` and `error`."""

    ended = frozenset({"done", "cancelled", "declined", "failed", "expired", "replaced", "broken", "stopped"})
    outcomes = {  # noqa: RUF012 - read only
        "no_pairing": "expired",
        "replaced": "replaced",
        "pairing_broken": "broken",
        "": "stopped",
    }

    def __init__(
        self,
        platform: Platform,
        now: Callable[[], datetime],
        member: Membership,
        server: str,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        super().__init__(now, pause)
        self.state = "making"
        self.secret = PairingSecret.new()
        self.server = server
        self.guest = ""  # the name of the new device
        self.code = ""
        self._platform = platform
        self._member = member
        self._client = PairingClient(member.client, self.secret.id)
        self._boxes = PairingBoxes(platform, self.secret)
        self._nonce = new_nonce()
        self._offer = b""
        self._request: Request | None = None
        self._request_plain = b""
        self._transcript = b""
        self._sealed: dict[str, bytes] = {}  # by step, to repeat the same message if a response is lost

    @property
    def link(self) -> str:
        return self.secret.link(self.server)

    @property
    def app_link(self) -> str:
        return self.secret.app_link(self.server)

    @property
    def given(self) -> bool:
        """Whether the key may have reached the other device."""
        return "answer" in self._sealed

    async def agree(self) -> None:
        """Confirm that both devices show the same code, and send the key."""
        async with self._stepping:
            if self.state == "comparing":
                await self._attempt(self._send_key)

    async def cancel(self) -> None:
        """Cancel the pairing, because the codes differ or no device is to be added."""
        if not self.has_ended:
            await self._end("cancelled")

    async def _advance(self) -> None:
        if self.state == "making":
            await self._create_offer()
            return
        progress = await self._client.progress()
        if progress.state == "done":
            await self._end("done")
        elif progress.state == "declined":
            await self._end("declined")
        elif progress.state == "failed":
            await self._end("failed")
        elif progress.state == "refused":
            await self._end("cancelled")
        elif progress.request is not None and self.state in {"offered", "claimed"}:
            await self._reveal(progress.request)
        elif progress.state == "claimed":
            self._set_state("claimed")

    async def _create_offer(self) -> None:
        if not self._offer:
            self._offer = offer_to_json(await self._offer_contents())
            self._sealed["offer"] = await self._boxes.seal("offer", self._offer)
        expires_at = await self._client.offer(self._sealed["offer"])
        self.expires_at = expires_at - (self._member.client.skew or timedelta())
        self._set_state("offered")

    async def _offer_contents(self) -> Offer:
        from app.sync.sealing import open_label

        member = self._member
        names = {
            entry.id: await open_label(member.sealer, entry.id, entry.label)
            for entry in await member.client.devices()
        }
        own = names.pop(member.device, "") or self._platform.device_name
        return Offer(
            server=self.server,
            account=keys.account_fingerprint(member.keys.account),
            device=member.device,
            name=own,
            names=fit_names(list(names.values())),
            others=len(names),
            commitment=commitment_to(self._nonce),
        )

    async def _reveal(self, box: bytes) -> None:
        """Answer the first request with the nonce, and reject any other request.

        The nonce may have been received even if the server reports a failure. Whoever has it could search for
        a second request that results in the other device's code.
        """
        plain = await self._boxes.open("request", box)
        if self._request is None:
            self._request, self._request_plain = read_request(plain), plain
        elif plain != self._request_plain:
            raise SyncError("pairing_broken")
        self._transcript = transcript_of(self.secret.id, self._offer, plain, self._nonce)
        if "reveal" not in self._sealed:
            self._sealed["reveal"] = await self._boxes.seal("reveal", reveal_to_json(self._nonce))
        await self._client.reveal(self._sealed["reveal"])
        self.guest, self.code = self._request.name, code_of(self._transcript)
        self._set_state("comparing")

    async def _send_key(self) -> None:
        if "answer" not in self._sealed:
            key = await self._platform.vault.read(SYNC_KEY)
            if key is None or self._request is None:
                raise SyncError("no_key")
            answer = PairingAnswer(self._member.keys.account, key)
            inner = await seal_answer(self._platform.hpke, self._request.public, self._transcript, answer)
            self._sealed["answer"] = await self._boxes.seal("answer", inner)
        await self._client.answer(self._sealed["answer"])
        self._set_state("giving")

    async def _conclude(self) -> None:
        if self.state in {"cancelled", "broken", "stopped"} and self._offer:
            with suppress(SyncError):
                await self._client.cancel()

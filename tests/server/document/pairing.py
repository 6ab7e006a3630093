"""Both sides of pairing, new device and member, as specified by docs/protocol.md under Pairing."""

import hashlib
import json
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from tests.server.document.client import DocumentClient
from tests.server.document.keys import (
    HPKE,
    PAIRING_SECRET,
    Key,
    decode,
    derive,
    encode,
    fingerprint,
    new_private_key,
    public_bytes,
    read_public,
    read_secret,
    seal,
    unseal,
    write_secret,
)

NAME = "Written from the document"


class Pairing:
    """A pairing, with what both sides have in common."""

    def __init__(self, secret: bytes) -> None:
        self.id = derive(secret, "id", 16, "kaeru/pair/1").hex()
        self._transport = derive(secret, "transport", 32, "kaeru/pair/1")
        self.offer = self.request = b""
        self.nonce = b""

    def seal(self, step: str, plain: bytes) -> str:
        return seal(self._transport, plain, f"pairing:{step}:{self.id}")

    def open(self, step: str, box: str) -> bytes:
        plain = unseal(self._transport, box, f"pairing:{step}:{self.id}")
        if plain is None:
            raise ValueError(f"the {step} does not open")
        return plain

    @property
    def transcript(self) -> bytes:
        said = hashlib.sha256(self.offer).digest() + hashlib.sha256(self.request).digest()
        whole = b"kaeru/pair/1/transcript" + bytes.fromhex(self.id) + said + self.nonce
        return hashlib.sha256(whole).digest()

    @property
    def code(self) -> str:
        digest = hashlib.sha256(b"kaeru/pair/1/code" + self.transcript).digest()
        return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"

    @property
    def info(self) -> bytes:
        return b"kaeru/pair/1/key" + self.transcript


def commitment(nonce: bytes) -> str:
    return encode(hashlib.sha256(b"kaeru/pair/1/commitment" + nonce).digest())


def dump(**members: Any) -> bytes:
    return json.dumps({"v": 1, **members}, ensure_ascii=False, separators=(",", ":")).encode()


class NewDevice:
    """The new device, which opens an invitation given as text."""

    def __init__(self, api: httpx.Client, text: str) -> None:
        self._api = api
        self._pairing = Pairing(read_secret(text, PAIRING_SECRET))
        self._claim = encode(os.urandom(32))
        self._private = new_private_key()
        self._offer = json.loads(self._open_offer())
        self._pairing.request = dump(name=NAME, public=encode(public_bytes(self._private)))
        self._post("request", box=self._pairing.seal("request", self._pairing.request))

    def compare(self) -> str | None:
        """Return the code, once the member has revealed its nonce."""
        box = self._post("watch")["reveal"]
        if box is None:
            return None
        nonce = decode(json.loads(self._pairing.open("reveal", box))["nonce"])
        if commitment(nonce) != self._offer["commitment"]:
            self._post("end", outcome="failed")
            raise ValueError("the member committed to another nonce")
        self._pairing.nonce = nonce
        return self._pairing.code

    def confirm(self, now: Callable[[], datetime]) -> DocumentClient | None:
        """Join the account, once the member has confirmed as well."""
        box = self._post("watch")["answer"]
        if box is None:
            return None
        answer = HPKE.decrypt(self._pairing.open("answer", box), self._private, self._pairing.info)
        found = json.loads(answer)
        key = Key(decode(found["key"]))
        if fingerprint(found["account"]) != self._offer["account"] or key.account != found["account"]:
            self._post("end", outcome="failed")
            raise ValueError("the key of another account")
        client = DocumentClient.join(self._api, key.text, now, "pairing", self._offer["device"])
        self._post("end", outcome="done")
        return client

    def _open_offer(self) -> bytes:
        self._pairing.offer = self._pairing.open("offer", self._post("claim")["offer"])
        return self._pairing.offer

    def _post(self, step: str, **members: Any) -> Any:
        body = {"id": self._pairing.id, "secret": self._claim, **members}
        answer = self._api.post(f"/api/v1/pairing/{step}", json=body, headers={"Kaeru-Protocol": "1"})
        answer.raise_for_status()
        return answer.json() if answer.content else None


class Member:
    """The member, a device of the account that invites the new one."""

    def __init__(self, client: DocumentClient, server: str) -> None:
        self._client = client
        secret = os.urandom(17)
        self.text = write_secret(secret, PAIRING_SECRET)
        self._pairing = Pairing(secret)
        self._pairing.nonce = os.urandom(32)
        self._pairing.offer = dump(
            server=server,
            account=fingerprint(client.key.account),
            device=client.id,
            name=NAME,
            names=[],
            others=len(client.request("GET", "/devices")["devices"]) - 1,
            commitment=commitment(self._pairing.nonce),
        )
        self._post("", box=self._pairing.seal("offer", self._pairing.offer))

    @property
    def state(self) -> str:
        return str(self._post("/progress")["state"])

    def compare(self) -> str | None:
        """Return the code, once the new device has sent its request."""
        box = self._post("/progress")["request"]
        if box is None:
            return None
        self._pairing.request = self._pairing.open("request", box)
        reveal = dump(nonce=encode(self._pairing.nonce))
        self._post("/reveal", box=self._pairing.seal("reveal", reveal))
        return self._pairing.code

    def confirm(self) -> None:
        public = read_public(decode(json.loads(self._pairing.request)["public"]))
        key = self._client.key
        answer = HPKE.encrypt(dump(account=key.account, key=encode(key.sync)), public, self._pairing.info)
        self._post("/answer", box=self._pairing.seal("answer", answer))

    def _post(self, step: str, **members: Any) -> Any:
        return self._client.request("POST", f"/pairing{step}", {"id": self._pairing.id, **members})

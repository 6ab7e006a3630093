"""HPKE with WebCrypto in a real browser: the RFC's vector, and both directions against `cryptography`."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.platform.native import NativePlatform
from tests.e2e.browser import ELSEWHERE, Phone

# RFC 9180, A.3.1: base mode, the first encryption.
PRIVATE = "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2"
ENC = (
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be"
    "863c403ce65c9bfcb9382657222d18c4"
)
CIPHERTEXT = "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434"
INFO = "4f6465206f6e2061204772656369616e2055726e"
AAD = "436f756e742d30"
PLAIN = "4265617574792069732074727574682c20747275746820626561757479"

OPEN = """async (given) => {
  const { open } = await import("/worker/hpke.js");
  const opened = await open(...given.map((part) => new Uint8Array(part)));
  return opened ? [...opened] : null;
}"""
SEAL = """async ([key, info, plain]) => {
  const { seal } = await import("/worker/hpke.js");
  const box = await seal(new Uint8Array(key), new Uint8Array(info), new Uint8Array(plain));
  return box ? [...box] : null;
}"""
GENERATE = """async () => {
  const { generate } = await import("/worker/hpke.js");
  const pair = await generate();
  return [[...pair.private], [...pair.public]];
}"""


def in_thread(task: Coroutine[Any, Any, Any]) -> Any:
    """Run the coroutine in another thread; Playwright's event loop occupies this one."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(asyncio.run, task).result()


def pkcs8(private: str) -> bytes:
    key = ec.derive_private_key(int(private, 16), ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_webcrypto_opens_the_vector_of_rfc_9180(make_phone: Callable[..., Phone]) -> None:
    page = make_phone().open(ELSEWHERE)
    given = [pkcs8(PRIVATE), bytes.fromhex(INFO), bytes.fromhex(ENC + CIPHERTEXT), bytes.fromhex(AAD)]
    assert bytes(page.evaluate(OPEN, [list(part) for part in given])) == bytes.fromhex(PLAIN)
    given[1] += b"!"
    assert page.evaluate(OPEN, [list(part) for part in given]) is None


def test_webcrypto_and_cryptography_open_each_other_s_boxes(make_phone: Callable[..., Phone]) -> None:
    page = make_phone().open(ELSEWHERE)
    native, info, message = NativePlatform().hpke, b"kaeru/test", "お返事".encode()
    private, public = (bytes(part) for part in page.evaluate(GENERATE))
    box = in_thread(native.seal(public, info, message))
    assert bytes(page.evaluate(OPEN, [list(private), list(info), list(box)])) == message
    assert in_thread(native.open(private, info, box)) == message
    pair = in_thread(native.generate())
    box = bytes(page.evaluate(SEAL, [list(pair.public), list(info), list(message)]))
    assert in_thread(native.open(pair.private, info, box)) == message


def test_webcrypto_refuses_an_invalid_curve_point(make_phone: Callable[..., Phone]) -> None:
    page = make_phone().open(ELSEWHERE)
    private, _public = page.evaluate(GENERATE)
    assert page.evaluate(SEAL, [[4] + [0] * 64, [], [1]]) is None
    for box in ([], [4] + [0] * 100, [0] * 65):
        assert page.evaluate(OPEN, [private, [], box]) is None

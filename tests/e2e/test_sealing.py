"""Sealing with WebCrypto and the vault in IndexedDB, in a real browser with the vectors of the unit tests."""

import json
from collections.abc import Callable
from pathlib import Path

from app.platform.web import pack, unpack
from tests.e2e.browser import ELSEWHERE, Phone

VECTORS = json.loads((Path(__file__).parents[1] / "unit" / "sync" / "vectors.json").read_text())

SEALING = """async ([key, given, plain]) => {
  const { seal, open } = await import("/worker/sealing.js");
  const bytes = (text) => new Uint8Array(text);
  const opened = await open(bytes(key), bytes(given));
  const boxes = await seal(bytes(key), bytes(plain));
  return [[...opened], [...boxes]];
}"""
REOPEN = """async ([key, boxes]) => {
  const { open } = await import("/worker/sealing.js");
  return [...await open(new Uint8Array(key), new Uint8Array(boxes))];
}"""
VAULT = """async () => {
  const { read, write, forget } = await import("/worker/vault.js");
  const before = await read("name");
  await write("name", new Uint8Array([1, 2, 3]));
  const kept = [...await read("name")];
  await forget("name");
  await forget("name");
  return [before, kept, await read("name")];
}"""

FORGOTTEN_DURING_REQUEST = """async () => {
  const vault = await import("/worker/vault.js");
  const answers = await import("/worker/answers.js");
  await vault.write("device-token", new Uint8Array([65]));
  await vault.write("sealing-key", new Uint8Array(32));
  await answers.keepAnswer("replied", { item: ["message", "invoice"], tag: "group" });
  const ids = JSON.parse(await answers.readAnswers()).map(({ id }) => id);
  const asked = [];
  globalThis.fetch = async (url, { method }) => {
    asked.push(`${method} ${url}`);
    await answers.forgetAnswers(JSON.stringify(ids));
    return new Response();
  };
  await answers.tellServer();
  return [asked, await answers.hasAnswers()];
}"""


def test_webcrypto_opens_boxes_of_cryptography_and_its_own(
    make_phone: Callable[..., Phone],
) -> None:
    page = make_phone().open(ELSEWHERE)
    key = list(bytes.fromhex(VECTORS["sealing"]))
    boxes = [(each["associated"].encode(), bytes.fromhex(each["box"])) for each in VECTORS["boxes"]]
    refused = [(each["associated"].encode(), bytes.fromhex(each["box"])) for each in VECTORS["unopened"]]
    plain = [(each["associated"].encode(), each["plain"].encode()) for each in VECTORS["boxes"]]
    opened, sealed = page.evaluate(SEALING, [key, list(pack(boxes + refused)), list(pack(plain))])
    texts = [text for _, text in plain]
    assert unpack(bytes(opened)) == texts + [None] * len(refused)
    own = [(name, box or b"") for (name, _), box in zip(plain, unpack(bytes(sealed)), strict=True)]
    assert unpack(bytes(page.evaluate(REOPEN, [key, list(pack(own))]))) == texts


def test_the_vault_keeps_a_secret_until_it_is_deleted(make_phone: Callable[..., Phone]) -> None:
    page = make_phone().open(ELSEWHERE)
    assert page.evaluate(VAULT) == [None, [1, 2, 3], None]


def test_an_answer_applied_by_the_app_during_the_request_is_not_kept(
    make_phone: Callable[..., Phone],
) -> None:
    asked, comes_back = make_phone().open(ELSEWHERE).evaluate(FORGOTTEN_DURING_REQUEST)
    assert asked == ["POST /api/v1/sync", "DELETE /api/v1/reminders/groups/group"]
    assert not comes_back

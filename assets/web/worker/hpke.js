// HPKE (RFC 9180) with WebCrypto, for app/platform/web.py: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base
// mode, one message a context. A sealed message is `enc` (65 bytes, an uncompressed point), ciphertext and tag, as
// Python's `cryptography` writes it. Private keys are PKCS #8, public keys uncompressed points.
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const POINT_BYTES = 65;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
const VERSION = text("HPKE-v1");
const KEM = bytes(text("KEM"), [0x00, 0x10]);
const SUITE = bytes(text("HPKE"), [0x00, 0x10, 0x00, 0x01, 0x00, 0x01]);
const BASE_MODE = [0];
const NONE = new Uint8Array();

/** @returns {Promise<{private: Bytes, public: Bytes}>} a new pair */
export async function generate() {
  const pair = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const [pkcs8, point] = await Promise.all([
    crypto.subtle.exportKey("pkcs8", pair.privateKey), crypto.subtle.exportKey("raw", pair.publicKey),
  ]);
  return { private: new Uint8Array(pkcs8), public: new Uint8Array(point) };
}

/**
 * @param {Bytes} publicKey
 * @param {Bytes} info
 * @param {Bytes} plain
 * @returns {Promise<Bytes | undefined>} the box; undefined if the key is no point of the curve
 */
export async function seal(publicKey, info, plain) {
  const recipient = await importPoint(publicKey);
  if (!recipient) return undefined;
  const pair = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const { key, iv } = await context(pair.privateKey, recipient, enc, publicKey, info);
  const algorithm = { name: "AES-GCM", iv, additionalData: NONE };
  return bytes(enc, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plain)));
}

/**
 * @param {Bytes} privateKey
 * @param {Bytes} info
 * @param {Bytes} box
 * @returns {Promise<Bytes | undefined>} the message in a box; undefined if this key and `info` do not open it
 */
export async function open(privateKey, info, box, additionalData = NONE) {
  const enc = box.slice(0, POINT_BYTES);
  const [own, sender] = await Promise.all([
    crypto.subtle.importKey("pkcs8", privateKey, CURVE, true, ["deriveBits"]), importPoint(enc),
  ]);
  if (!sender) return undefined;
  const { key, iv } = await context(own, sender, enc, await pointOf(own), info);
  try {
    const algorithm = { name: "AES-GCM", iv, additionalData };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, box.slice(POINT_BYTES)));
  } catch {
    return undefined;
  }
}

/**
 * The AEAD's key and nonce (RFC 9180, 4.1 and 5.1); `enc` and `recipient` are the points of both sides.
 * @param {CryptoKey} privateKey
 * @param {CryptoKey} publicKey
 * @param {Bytes} enc
 * @param {Bytes} recipient
 * @param {Bytes} info
 */
async function context(privateKey, publicKey, enc, recipient, info) {
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: publicKey }, privateKey, 256);
  const eaePrk = await extract(KEM, NONE, "eae_prk", new Uint8Array(shared));
  const secret = await expand(KEM, eaePrk, "shared_secret", bytes(enc, recipient), 32);
  const schedule = bytes(
    BASE_MODE, await extract(SUITE, NONE, "psk_id_hash", NONE), await extract(SUITE, NONE, "info_hash", info),
  );
  const prk = await extract(SUITE, secret, "secret", NONE);
  const [raw, iv] = await Promise.all([
    expand(SUITE, prk, "key", schedule, KEY_BYTES), expand(SUITE, prk, "base_nonce", schedule, NONCE_BYTES),
  ]);
  return { key: await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]), iv };
}

/**
 * LabeledExtract (RFC 9180, 4).
 * @param {Bytes} suite
 * @param {Bytes} salt
 * @param {string} label
 * @param {Bytes} material
 */
function extract(suite, salt, label, material) {
  return hmac(salt, bytes(VERSION, suite, text(label), material));
}

/**
 * LabeledExpand, of at most one block of 32 bytes.
 * @param {Bytes} suite
 * @param {Bytes} prk
 * @param {string} label
 * @param {Bytes} info
 * @param {number} length
 */
async function expand(suite, prk, label, info, length) {
  const block = await hmac(prk, bytes([0, length], VERSION, suite, text(label), info, [1]));
  return block.slice(0, length);
}

/**
 * @param {Bytes} key
 * @param {Bytes} data
 */
async function hmac(key, data) {
  // WebCrypto refuses an empty key; HMAC pads keys with zeros.
  const raw = key.length ? key : new Uint8Array(32);
  const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

/** @param {Bytes} point */
function importPoint(point) {
  return crypto.subtle.importKey("raw", point, CURVE, true, []).catch(() => undefined);
}

/**
 * The public point of a private key.
 * @param {CryptoKey} privateKey
 */
async function pointOf(privateKey) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", privateKey);
  const point = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, true, []);
  return new Uint8Array(await crypto.subtle.exportKey("raw", point));
}

/** @param {string} characters */
function text(characters) {
  return new TextEncoder().encode(characters);
}

/** @param {(Bytes | number[])[]} parts */
function bytes(...parts) {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

// Seals and opens boxes with WebCrypto for app/platform/web.py, many in one call: a call from Python costs more
// than a box does. What goes in and comes out is packed: each part after its length (4 bytes, little-endian).
const NONCE_BYTES = 12;
const NOT_OPENED = 0xffffffff;

/**
 * @param {Bytes} key
 * @param {Bytes} packed
 * @returns {Promise<Bytes>} the packed boxes of packed (associated data, plaintext) pairs
 */
export async function seal(key, packed) {
  const aes = await importKey(key);
  return pack(await Promise.all(pairs(packed).map(([associated, plain]) => sealOne(aes, associated, plain))));
}

/**
 * @param {Bytes} key
 * @param {Bytes} packed
 * @returns {Promise<Bytes>} the packed plaintexts of packed (associated data, box) pairs; see NOT_OPENED
 */
export async function open(key, packed) {
  const aes = await importKey(key);
  return pack(await Promise.all(pairs(packed).map(([associated, box]) => openOne(aes, associated, box))));
}

/**
 * One box of a text, for a service worker.
 * @param {Bytes} key
 * @param {string} associated
 * @param {string} text
 */
export async function sealText(key, associated, text) {
  const [additionalData, plain] = [associated, text].map((part) => new TextEncoder().encode(part));
  return sealOne(await importKey(key), additionalData, plain);
}

/**
 * The text in one box; null if this key does not open it.
 * @param {Bytes} key
 * @param {string} associated
 * @param {Bytes} box
 */
export async function openText(key, associated, box) {
  const plain = await openOne(await importKey(key), new TextEncoder().encode(associated), box);
  return plain && new TextDecoder().decode(plain);
}

/**
 * @param {CryptoKey} aes
 * @param {Bytes} additionalData
 * @param {Bytes} plain
 */
async function sealOne(aes, additionalData, plain) {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, aes, plain));
  const box = new Uint8Array(NONCE_BYTES + sealed.length);
  box.set(iv);
  box.set(sealed, NONCE_BYTES);
  return box;
}

/**
 * @param {CryptoKey} aes
 * @param {Bytes} additionalData
 * @param {Bytes} box
 */
async function openOne(aes, additionalData, box) {
  const iv = box.subarray(0, NONCE_BYTES);
  try {
    const algorithm = { name: "AES-GCM", iv, additionalData };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, aes, box.subarray(NONCE_BYTES)));
  } catch {
    return null;
  }
}

/** @param {Bytes} key */
function importKey(key) {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** @param {Bytes} packed */
function pairs(packed) {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  /** @type {Bytes[]} */
  const parts = [];
  for (let at = 0; at < packed.byteLength;) {
    const end = at + 4 + view.getUint32(at, true);
    parts.push(packed.subarray(at + 4, end));
    at = end;
  }
  /** @type {[associated: Bytes, part: Bytes][]} */
  const found = [];
  for (let index = 0; index < parts.length; index += 2) found.push([parts[index], parts[index + 1]]);
  return found;
}

/** @param {(Bytes | null)[]} parts */
function pack(parts) {
  const packed = new Uint8Array(parts.reduce((size, part) => size + 4 + (part?.length ?? 0), 0));
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part?.length ?? NOT_OPENED, true);
    if (part) packed.set(part, at + 4);
    at += 4 + (part?.length ?? 0);
  }
  return packed;
}

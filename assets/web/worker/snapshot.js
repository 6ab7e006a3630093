// Where a snapshot of Python's memory is kept: one file of the browser's private file system, raw, for that is the
// quickest to read back: straight into Python's memory, with no second copy of it.
import { PYTHON } from "./release.js";

const FILE = "python.snapshot";
// The file begins with a label that says whose memory this is; it is written last.
const LABEL_SIZE = 4096;
// Pyodide's own format: a head of so many bytes (its second word), then the memory.
const HEAD_SIZE_WORD = 1;
// The checksum is four of FNV-1a side by side, over 32-bit words: it is to find damage, not an enemy.
const LANES = 4;
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** There is a snapshot that cannot be used: it is of something else, or damaged. */
export class SnapshotError extends Error {}

/**
 * What a snapshot fits: this Python with these packages and this app, in this version of this browser, and in this
 * time zone, which the module `time` looks up when it is imported.
 */
async function label() {
  const hints = await navigator.userAgentData?.getHighEntropyValues(["fullVersionList", "architecture", "bitness"]);
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return JSON.stringify([PYTHON, navigator.userAgent, hints ?? null, timeZone]);
}

/**
 * What the file begins with. Sizes are in bytes.
 * @typedef {{label: string, headSize: number, memorySize: number, checksum: number[]}} Label
 */

/** A snapshot whose label fits, open for reading. */
export class OpenSnapshot {
  /**
   * @param {FileSystemSyncAccessHandle} file
   * @param {Label} kept
   */
  constructor(file, kept) {
    const { headSize, memorySize } = kept;
    this.file = file;
    this.memorySize = memorySize;
    this.checksum = kept.checksum;
    this.head = new Uint8Array(headSize);
    if (file.getSize() !== LABEL_SIZE + headSize + memorySize) throw new SnapshotError("cut off");
    file.read(this.head, { at: LABEL_SIZE });
  }

  /**
   * Read Python's memory into `target`, which is as large.
   * @param {Bytes} target
   * @throws {SnapshotError} where it is damaged
   */
  readMemory(target) {
    this.file.read(target, { at: LABEL_SIZE + this.head.length });
    const sum = checksum(target, checksum(this.head));
    if (sum.join() !== this.checksum.join()) throw new SnapshotError("damaged");
  }

  close() {
    this.file.close();
  }
}

/**
 * The snapshot that fits, or null where there is none or another tab has it.
 * @throws {SnapshotError} for one that is of something else, or damaged
 */
export async function openSnapshot() {
  const folder = await navigator.storage.getDirectory();
  let file;
  try {
    // Where the browser knows this mode, a tab that starts beside another can read it too.
    file = await (await folder.getFileHandle(FILE)).createSyncAccessHandle({ mode: "read-only" });
  } catch {
    return null;
  }
  try {
    const text = new Uint8Array(LABEL_SIZE);
    file.read(text, { at: 0 });
    const kept = parse(text);
    if (kept?.label !== (await label())) throw new SnapshotError("of something else");
    return new OpenSnapshot(file, kept);
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * @param {Bytes} bytes
 * @returns {Label | null}
 */
function parse(bytes) {
  try {
    return /** @type {Label} */ (JSON.parse(new TextDecoder().decode(bytes).replace(/\0+$/, "")));
  } catch {
    return null;
  }
}

/**
 * Keep Pyodide's snapshot for later starts, in the place of any other.
 * @param {Bytes} snapshot
 */
export async function keepSnapshot(snapshot) {
  const headSize = new Uint32Array(snapshot.buffer, snapshot.byteOffset, HEAD_SIZE_WORD + 1)[HEAD_SIZE_WORD];
  const kept = {
    label: await label(), headSize, memorySize: snapshot.length - headSize, checksum: checksum(snapshot),
  };
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle(FILE, { create: true })).createSyncAccessHandle();
  try {
    file.truncate(0);
    file.write(snapshot, { at: LABEL_SIZE });
    file.flush();
    file.write(new TextEncoder().encode(JSON.stringify(kept)), { at: 0 });
    file.flush();
  } finally {
    file.close();
  }
}

/** Forget the snapshot; the next one will be made anew. */
export async function dropSnapshot() {
  const folder = await navigator.storage.getDirectory();
  await folder.removeEntry(FILE).catch(() => {});
}

/**
 * @param {Bytes} bytes
 * @param {number[]} lanes the sums so far
 */
function checksum(bytes, lanes = Array.from({ length: LANES }, () => FNV_OFFSET)) {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let [a, b, c, d] = lanes;
  for (let at = 0; at < words.length; at += LANES) {
    a = Math.imul(a ^ words[at], FNV_PRIME);
    b = Math.imul(b ^ words[at + 1], FNV_PRIME);
    c = Math.imul(c ^ words[at + 2], FNV_PRIME);
    d = Math.imul(d ^ words[at + 3], FNV_PRIME);
  }
  return [a, b, c, d];
}

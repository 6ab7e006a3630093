// The files of a release, kept in Cache Storage by content. The page fills the store on the first visit, the
// service worker serves from it and adds to it what a newer release changed.
const STORE = "kaeru-files";
// Flutter's two clients; page/renderer.js chooses one.
/** @type {Renderer[]} */
const RENDERERS = ["skwasm", "canvaskit"];
// There once every file of a release that a renderer's client needs has been kept.
/** @param {Renderer} renderer */
const complete = (renderer) => `kaeru-complete-${renderer}`;
const LANES = 4;

/** Why files could not be kept: "network", "changed" (the server has a newer release) or "full". */
export class FilesError extends Error {
  /**
   * @param {"network" | "changed" | "full"} reason
   * @param {string} details
   */
  constructor(reason, details) {
    super(details);
    this.reason = reason;
  }
}

/** @param {ReleaseFile} file */
const keyOf = (file) => `${file.url}?sha256=${file.hash}`;

/**
 * The files of a release that the clients of these renderers use.
 * @param {Renderer[]} renderers
 * @param {Release} release
 */
export function filesFor(renderers, release) {
  return release.files.filter(({ renderer }) => !renderer || renderers.includes(renderer));
}

/**
 * The kept response of a file, or undefined.
 * @param {ReleaseFile} file
 */
export async function read(file) {
  const store = await caches.open(STORE);
  return store.match(keyOf(file));
}

/**
 * Whether a whole release was ever kept, for this renderer.
 * @param {Renderer} renderer
 */
export const isComplete = (renderer) => caches.has(complete(renderer));

/** The renderers that a whole release was ever kept for: one of them, or none. */
export async function keptRenderers() {
  const names = await caches.keys();
  return RENDERERS.filter((renderer) => names.includes(complete(renderer)));
}

/**
 * Let the next start choose another renderer; what both need stays.
 * @param {Renderer} renderer
 */
export const forgetRenderer = (renderer) => caches.delete(complete(renderer));

/**
 * Download the files that are not kept yet, in this order, each checked against its hash.
 * @param {ReleaseFile[]} files
 * @param {{onProgress?: (progress: DownloadProgress) => void, onKept?: (file: ReleaseFile) => void}} told
 *   how many bytes on the wire have arrived, of how many, and how many all files take up on the device; and of each
 *   file that is there
 * @throws {FilesError}
 */
export async function keepFiles(files, { onProgress = () => {}, onKept = () => {} } = {}) {
  const store = await caches.open(STORE);
  const kept = new Set((await store.keys()).map((request) => request.url));
  /** @param {ReleaseFile} file */
  const isKept = (file) => kept.has(new URL(keyOf(file), location.origin).href);
  const total = sum(files.map((file) => file.transfer));
  const size = sum(files.map((file) => file.size));
  const progress = new Map(files.map((file) => [file, isKept(file) ? file.transfer : 0]));
  const report = () => onProgress({ done: Math.round(sum(progress.values())), total, size });
  report();
  for (const file of files.filter(isKept)) onKept(file);

  const queue = files.filter((file) => !isKept(file));
  const stop = new AbortController();
  const lane = async () => {
    for (let file = queue.shift(); file && !stop.signal.aborted; file = queue.shift()) {
      const response = await download(file, stop.signal, (bytes) => {
        // The browser counts after decompression; on the wire it was this much of the file's transfer size.
        progress.set(file, Math.min(1, bytes / Math.max(1, file.size)) * file.transfer);
        report();
      });
      await put(store, file, response);
      progress.set(file, file.transfer);
      report();
      onKept(file);
    }
  };
  const lanes = Array.from({ length: LANES }, () => lane().catch((error) => stop.abort(error)));
  // All of them have ended before anyone hears of a failure, so no late progress is reported after it.
  await Promise.all(lanes);
  stop.signal.throwIfAborted();
  const renderers = new Set(files.flatMap(({ renderer }) => renderer ?? []));
  await Promise.all([...renderers].map((renderer) => caches.open(complete(renderer))));
}

/**
 * The response of a file, once all of it has arrived and is what the release says it is.
 * @param {ReleaseFile} file
 * @param {AbortSignal} signal
 * @param {(bytes: number) => void} onBytes
 */
async function download(file, signal, onBytes) {
  let kept;
  let content;
  try {
    const response = await fetch(file.url, { cache: "no-store", signal });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    // Not a new response made of the content: a browser keeps compiled code only with what came from an address.
    kept = response.clone();
    let bytes = 0;
    /** @type {TransformStream<Bytes, Bytes>} */
    const counter = new TransformStream({
      transform(chunk, controller) {
        onBytes((bytes += chunk.byteLength));
        controller.enqueue(chunk);
      },
    });
    content = await new Response(response.body.pipeThrough(counter)).arrayBuffer();
  } catch (error) {
    throw new FilesError("network", `${file.url}: ${String(error)}`);
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hash !== file.hash) throw new FilesError("changed", file.url);
  return kept;
}

/**
 * @param {Cache} store
 * @param {ReleaseFile} file
 * @param {Response} response
 */
async function put(store, file, response) {
  try {
    await store.put(keyOf(file), response);
  } catch (error) {
    throw new FilesError("full", `${file.url}: ${String(error)}`);
  }
}

/**
 * Forget every file that is not of this release.
 * @param {ReleaseFile[]} files
 */
export async function keepOnly(files) {
  const store = await caches.open(STORE);
  const wanted = new Set(files.map((file) => new URL(keyOf(file), location.origin).href));
  const stale = (await store.keys()).filter((request) => !wanted.has(request.url));
  await Promise.all(stale.map((request) => store.delete(request)));
}

/** @param {Iterable<number>} numbers */
function sum(numbers) {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

// Brings the app onto the device on the first visit, and newer releases of it later.
import { FilesError, filesFor, isComplete, keepFiles } from "./files.js";

const UPDATE_INTERVAL_MS = 60 * 60 * 1000;

// What Python's worker loads. It comes first: Python is long in starting, and need not wait for the rest.
const PYTHON = /^\/(app\.zip|packages\.zip|native\/|pyodide\/|worker\/)/;

/** Whether the service worker already serves this page. */
export const isServed = () => navigator.serviceWorker.controller !== null;

/**
 * Whether nothing needs the network any more, with this renderer.
 * @param {Renderer} renderer
 */
export const isInstalled = async (renderer) => isServed() && (await isComplete(renderer));

/**
 * Download the release, as far as a renderer uses it, and hand the page to the service worker.
 * @param {Renderer} renderer
 * @param {{onProgress: (progress: DownloadProgress) => void, onPython: () => void}} told
 *   of progress as keepFiles tells it, and when Python could be started from here on
 * @throws {FilesError} with what went wrong; what has arrived is kept for the next try
 */
export async function install(renderer, { onProgress, onPython }) {
  const all = filesFor([renderer], await fetchRelease());
  const ofPython = all.filter(({ url }) => PYTHON.test(url));
  const files = [...ofPython, ...all.filter(({ url }) => !PYTHON.test(url))];
  const missing = new Set(ofPython);
  const served = beServed();
  /** @param {ReleaseFile} file */
  const onKept = (file) => {
    if (missing.delete(file) && missing.size === 0) served.then(onPython, () => {}); // told below
  };
  await Promise.all([served, keepFiles(files, { onProgress, onKept })]);
}

/** Have the service worker in charge of this page; what it does not have yet, it fetches. */
async function beServed() {
  if (isServed()) return;
  /** @type {Promise<void>} */
  const controlled = new Promise((resolve) => {
    navigator.serviceWorker.addEventListener("controllerchange", () => resolve(), { once: true });
  });
  const registration = await navigator.serviceWorker.register("/sw.js", { type: "module", updateViaCache: "none" });
  if (registration.active) {
    registration.active.postMessage({ kind: "claim" });
  } else {
    await activated(registration.installing ?? registration.waiting);
  }
  await controlled;
}

async function fetchRelease() {
  try {
    const response = await fetch("/precache.json", { cache: "no-store" });
    if (!response.ok) throw new Error(`precache.json: ${response.status}`);
    return /** @type {Release} */ (await response.json());
  } catch (error) {
    throw new FilesError("network", String(error));
  }
}

/**
 * Settles when the service worker runs; fails when the browser gives it up.
 * @param {ServiceWorker | null} worker
 * @returns {Promise<void>}
 */
function activated(worker) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker?.state === "activated") resolve();
      if (!worker || worker.state === "redundant") reject(new Error("The service worker could not be installed."));
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}

/**
 * Look for newer releases now and then.
 * @param {() => void | Promise<void>} announce called when one has arrived and waits
 */
export async function watchForUpdates(announce) {
  const registration = await navigator.serviceWorker.ready;
  /** @param {ServiceWorker | null} worker */
  const lookAt = (worker) => {
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed") void announce();
    });
  };
  if (registration.waiting) void announce();
  lookAt(registration.installing);
  registration.addEventListener("updatefound", () => lookAt(registration.installing));

  let lookedAt = -Infinity;
  const look = () => {
    if (document.hidden || performance.now() - lookedAt < UPDATE_INTERVAL_MS) return;
    lookedAt = performance.now();
    // No network or no server: the next look will do.
    registration.update().catch(() => {});
  };
  look();
  document.addEventListener("visibilitychange", look);
  setInterval(look, UPDATE_INTERVAL_MS);
}

/** Put the waiting release in charge and start again with it. */
export async function applyUpdate() {
  const registration = await navigator.serviceWorker.ready;
  if (!registration.waiting) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration.waiting.postMessage({ kind: "skip-waiting" });
}

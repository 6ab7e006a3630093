// When a snapshot of Python's memory may be used, and when one is made: on the person's own device, while nobody is
// using it. What it is and where it is kept: worker/snapshot.js.
import { recall, remember } from "./memory.js";
import { PYTHON, SNAPSHOTS } from "../worker/release.js";

const FILE = "python.snapshot";
// Twice in a row is no accident: this release starts the ordinary way from then on.
const FAILURES = 2;
const IDLE_MS = 5_000;
// Making one needs the memory of a second Python, and of a copy of it.
const LEAST_GIGABYTES = 4;
const LEAST_FREE_BYTES = 300_000_000;

/** How often in a row this release failed to start out of a snapshot. */
function failures() {
  const [release, count] = (recall("restore-failures") ?? "").split(" ");
  return release === PYTHON ? Number(count) : 0;
}

/** Whether this release makes and uses snapshots at all, and has not failed to. */
export const mayRestore = () => SNAPSHOTS && failures() < FAILURES;

/** Note that a start out of the snapshot came to nothing, and forget the snapshot. */
export async function restoreFailed() {
  remember("restore-failures", `${PYTHON} ${failures() + 1}`);
  await dropSnapshot();
}

/** Forget the snapshot: the next one is made anew. */
async function dropSnapshot() {
  const folder = await navigator.storage.getDirectory();
  await folder.removeEntry(FILE).catch(() => {});
}

/** Note that the app has come up. */
export function restoreWorked() {
  remember("restore-failures", "");
}

/** Have a snapshot made for later starts, where there is none and the device can bear it. */
export async function makeSnapshotWhenIdle() {
  if (!mayRestore() || !(await hasRoom()) || (await isKept())) return;
  /** @type {Worker | null} */
  let worker = null;
  let timer = 0;
  const work = () => {
    worker = new Worker("/worker/snapshot-worker.js", { type: "module" });
    worker.addEventListener("message", stop);
    worker.addEventListener("error", stop);
  };
  const wait = () => {
    worker?.terminate();
    worker = null;
    clearTimeout(timer);
    timer = setTimeout(() => requestIdle(work), IDLE_MS);
  };
  const events = ["pointerdown", "keydown", "wheel"];
  const stop = () => {
    worker?.terminate();
    for (const name of events) removeEventListener(name, wait, true);
  };
  for (const name of events) addEventListener(name, wait, { capture: true, passive: true });
  wait();
}

async function isKept() {
  const folder = await navigator.storage.getDirectory();
  const file = await folder.getFileHandle(FILE).then((handle) => handle.getFile()).catch(() => null);
  return Boolean(file?.size);
}

async function hasRoom() {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return (navigator.deviceMemory ?? LEAST_GIGABYTES) >= LEAST_GIGABYTES && quota - usage >= LEAST_FREE_BYTES;
}

const requestIdle = globalThis.requestIdleCallback ?? ((/** @type {() => void} */ work) => setTimeout(work));

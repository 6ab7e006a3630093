// Which of Flutter's two clients this browser runs: "skwasm", compiled to WebAssembly, which draws in a thread of its own
// and starts in two thirds of the time; or "canvaskit", a script, which every browser can run.
import { keptRenderers } from "./files.js";

// A module with a type of the garbage collector's: (type (struct (field i8))).
const NEEDS_GARBAGE_COLLECTOR = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 95, 1, 120, 0]);
// In a browser that says it is this version or an older one, Flutter draws in a way that Skwasm does not know.
const TOO_OLD = 110;

/**
 * The one that is on the device, or the one to bring there: asking for a GPU takes its time.
 * @returns {Promise<Renderer>}
 */
export async function findRenderer() {
  return (await keptRenderers())[0] ?? (canRun("skwasm") ? "skwasm" : "canvaskit");
}

/**
 * Whether this browser can run it now; Skwasm where Flutter itself would choose it, in its light form.
 * @param {Renderer} renderer
 */
export function canRun(renderer) {
  if (renderer === "canvaskit") return true;
  const isChromium = "v8BreakIterator" in Intl && typeof ImageDecoder !== "undefined";
  return isChromium && claimedVersion() > TOO_OLD && WebAssembly.validate(NEEDS_GARBAGE_COLLECTOR) && hasWebGL();
}

/** Of Chromium, as the browser gives it; not all tell the truth. */
function claimedVersion() {
  return Number(/Chrom(?:e|ium)\/(\d+)/.exec(navigator.userAgent)?.[1] ?? Infinity);
}

function hasWebGL() {
  const canvas = new OffscreenCanvas(1, 1);
  return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
}

// Starts Flet's Flutter client from our own origin. Flet's client reads its settings from `globalThis.flet`.
import { _ } from "./words.js";

const settings = {
  canvasKitBaseUrl: "/canvaskit/",
  canvasKitVariant: "full",
  fontFallbackBaseUrl: "/fallback-fonts/",
  entrypointBaseUrl: "/",
  assetBase: "/",
};

const BUILDS = {
  skwasm: { compileTarget: "dart2wasm", mainWasmPath: "main.dart.wasm", jsSupportRuntimePath: "main.dart.mjs" },
  canvaskit: { compileTarget: "dart2js", mainJsPath: "main.dart.js" },
};

/** @typedef {[rel: "preload" | "modulepreload", as: "fetch" | "script", href: string]} Ahead */

// What a start needs of each, and how the browser is to fetch it.
/** @type {Record<Renderer, Ahead[]>} */
const AHEAD = {
  skwasm: [["preload", "fetch", "/main.dart.wasm"], ["modulepreload", "script", "/main.dart.mjs"],
    ["preload", "fetch", "/canvaskit/skwasm.wasm"], ["modulepreload", "script", "/canvaskit/skwasm.js"]],
  canvaskit: [["preload", "script", "/main.dart.js"], ["modulepreload", "script", "/canvaskit/canvaskit.js"],
    ["preload", "fetch", "/canvaskit/canvaskit.wasm"]],
};

/**
 * Have the client's files fetched already, while everything else is being settled.
 * @param {Renderer} renderer
 */
export function fetchAhead(renderer) {
  /** @type {Ahead} */
  const loader = ["preload", "script", "/flutter.js"];
  for (const [rel, as, href] of [loader, ...AHEAD[renderer]]) {
    const link = Object.assign(document.createElement("link"), { rel, as, href });
    if (as === "fetch") link.crossOrigin = "anonymous";
    document.head.append(link);
  }
}

/**
 * Start Flutter; it asks for Python by itself, through `jsConnect`.
 * @param {Renderer} renderer
 */
export async function startFlutter(renderer) {
  globalThis.flet = { pyodide: true, multiView: false, routeUrlStrategy: "path" };
  await addScript("/flutter.js");
  const loader = globalThis._flutter;
  loader.buildConfig = { builds: [{ renderer, ...BUILDS[renderer] }] };
  await loader.loader.load({
    config: settings,
    onEntrypointLoaded: async (initializer) => {
      const app = await initializer.initializeEngine(settings);
      await app.runApp();
    },
  });
}

/**
 * Name in the person's language the button by which a screen reader has Flutter describe what it draws: Flutter itself
 * names it in English.
 */
export function nameAccessibilityButton() {
  document.querySelector("flt-semantics-placeholder")?.setAttribute("aria-label", _("Enable accessibility"));
}

/**
 * @param {string} source
 * @returns {Promise<void>}
 */
function addScript(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error(`${source} did not load.`)));
    document.head.append(script);
  });
}

// Starts Flet's Flutter client from our own origin. Flet's client reads its settings from `globalThis.flet`.
import { engine } from "./files.js";

const settings = {
  renderer: "canvaskit",
  canvasKitBaseUrl: "/canvaskit/",
  canvasKitVariant: engine === "chromium" ? "chromium" : "full",
  fontFallbackBaseUrl: "/fallback-fonts/",
  entrypointBaseUrl: "/",
  assetBase: "/",
};

// What a start needs of it, and how the browser is to fetch each.
const CANVASKIT = engine === "chromium" ? "/canvaskit/chromium/canvaskit" : "/canvaskit/canvaskit";
const AHEAD = [["preload", "script", "/flutter.js"], ["preload", "script", "/main.dart.js"],
  ["modulepreload", "script", `${CANVASKIT}.js`], ["preload", "fetch", `${CANVASKIT}.wasm`]];

/** Have the engine's files fetched already, while everything else is being settled. */
export function fetchAhead() {
  for (const [rel, as, href] of AHEAD) {
    const link = Object.assign(document.createElement("link"), { rel, as, href });
    if (as === "fetch") link.crossOrigin = "anonymous";
    document.head.append(link);
  }
}

/** Start Flutter; it asks for Python by itself, through `jsConnect`. */
export async function startFlutter() {
  globalThis.flet = { pyodide: true, multiView: false, routeUrlStrategy: "path" };
  await addScript("/flutter.js");
  const loader = globalThis._flutter;
  loader.buildConfig = { builds: [{ compileTarget: "dart2js", renderer: "canvaskit", mainJsPath: "main.dart.js" }] };
  await loader.loader.load({
    config: settings,
    onEntrypointLoaded: async (initializer) => {
      const app = await initializer.initializeEngine(settings);
      await app.runApp();
    },
  });
}

function addScript(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`${source} did not load.`)));
    document.head.append(script);
  });
}

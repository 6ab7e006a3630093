// Python in a worker of its own: loads the runtime and the app as soon as it is created, and runs it once Flutter
// has connected. Flet's Python talks to us through the module `flet_js`, Kaeru's through `kaeru_page`.
import { unpack } from "./archive.js";
import { mountHandles, openHandles } from "./opfs.js";
import * as sealing from "./sealing.js";
import * as vault from "./vault.js";

const DATABASE_FOLDER = "/data";
// Where each archive is unpacked. The app's own folder is laid out like the repository.
const ARCHIVES = { "/packages.zip": "/packages", "/app.zip": "/app" };
// pydantic would look through every package for plug-ins.
const ENVIRONMENT = { PYDANTIC_DISABLE_PLUGINS: "__all__" };
// Importing is most of the work and needs no screen: it is done while Flutter starts.
const IMPORT_APP = `
import os, sys
sys.path[:0] = ["/app", "/packages"]
os.chdir("/app")
import app.ui.app
`;
const RUN_APP = `
import runpy
runpy.run_module("main", run_name="__main__", alter_sys=True)
`;

// What a pairing link brought along, until the app has taken it.
let pairingText = "";

/** Flet's side: PyodideConnection puts `start_connection` and `send` in here. */
const fletModule = {};
/** Kaeru's side: app/platform/web.py puts `on_event` in here and calls the others. */
const kaeruModule = {
  on_event: null,
  take_pairing_text: () => {
    const text = pairingText;
    pairingText = "";
    return text;
  },
  tell: (kind, details) => tellPage(kind, JSON.parse(details)),
};

self.addEventListener("message", ({ data }) => {
  if (data instanceof Uint8Array) fletModule.send?.(data);
  else if (data.kind === "connect") {
    pairingText = data.pairingText;
    run(data.documentUrl).catch(fail);
  }
  // The page speaks up only once the app has shown a screen, and so has subscribed.
  else if (data.kind === "event") kaeruModule.on_event?.(data.name);
});
self.addEventListener("online", () => kaeruModule.on_event?.("online"));
// What ends the interpreter, no memory for one, nothing in Python can report.
self.addEventListener("error", ({ error }) => error?.pyodide_fatal_error && fail(error));
self.addEventListener("unhandledrejection", ({ reason }) => reason?.pyodide_fatal_error && fail(reason));

const prepared = prepare();
prepared.catch(fail);

/** Everything that needs no screen: the database's files, the runtime, the packages, the app's modules. */
async function prepare() {
  const runtime = `${location.origin}/pyodide/`;
  const [handles, pyodide, ...archives] = await Promise.all([
    openHandles(),
    import(`${runtime}pyodide.mjs`).then(({ loadPyodide }) => loadPyodide({ indexURL: runtime, env: ENVIRONMENT })),
    ...Object.keys(ARCHIVES).map(fetchBytes),
  ]);
  mountHandles(pyodide.FS, DATABASE_FOLDER, handles);
  Object.values(ARCHIVES).forEach((folder, index) => unpack(pyodide.FS, archives[index], folder));
  pyodide.registerJsModule("flet_js", fletModule);
  pyodide.registerJsModule("kaeru_page", kaeruModule);
  pyodide.registerJsModule("kaeru_sealing", sealing);
  pyodide.registerJsModule("kaeru_vault", vault);
  pyodide.runPython(IMPORT_APP);
  return pyodide;
}

async function fetchBytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Run main.py and connect it to Flutter. */
async function run(documentUrl) {
  const pyodide = await prepared;
  fletModule.documentUrl = documentUrl;
  pyodide.runPython(RUN_APP);
  if (!fletModule.start_connection) throw new Error("main.py did not start a Flet app.");
  await fletModule.start_connection((message) => {
    const packet = message.toJs();
    self.postMessage(packet, [packet.buffer]);
  });
  tellPage("connected");
}

function fail(error) {
  tellPage("failed", { reason: error.reason ?? "python", details: String(error.message ?? error) });
}

function tellPage(kind, details = {}) {
  self.postMessage({ kind, ...details });
}

// Python in a worker of its own: comes up as soon as it is created, out of a snapshot if there is one, and runs the
// app once Flutter has connected. Flet's Python talks to us through the module `flet_js`, Kaeru's through
// `kaeru_page`.
import * as answers from "./answers.js";
import * as hpke from "./hpke.js";
import { mountHandles, openHandles } from "./opfs.js";
import { restorePython, runApp, startPython } from "./runtime.js";
import * as sealing from "./sealing.js";
import { dropSnapshot, openSnapshot } from "./snapshot.js";
import * as vault from "./vault.js";

const DATABASE_FOLDER = "/data";
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
  /** Something that only the page knows, or can ask the person; JSON in, JSON out. */
  ask: (question, given) => new Promise((resolve) => {
    asked.push(resolve);
    tellPage("ask", { number: asked.length - 1, question, given: JSON.parse(given) });
  }),
};
const asked = [];

const MODULES = {
  flet_js: fletModule, kaeru_page: kaeruModule, kaeru_sealing: sealing, kaeru_hpke: hpke, kaeru_vault: vault,
  kaeru_answers: answers,
};

let prepared = null;
let restored = false;
const handles = Promise.withResolvers();
handles.promise.catch(() => {}); // told by `run`

const TOLD = {
  /** Come up; `restore` says whether a snapshot may be used. */
  "prepare": ({ restore }) => {
    prepared = prepare(restore);
    prepared.catch(fail);
  },
  /** This tab is the one that runs the app: the database's files are its own. */
  "own": () => openHandles().then(handles.resolve, (error) => {
    handles.reject(error);
    fail(error);
  }),
  "connect": (news) => {
    pairingText = news.pairingText;
    run(news.documentUrl).catch(fail);
  },
  "answer": ({ number, value }) => {
    asked[number](JSON.stringify(value));
    delete asked[number];
  },
  // The page speaks up only once the app has shown a screen, and so has subscribed.
  "event": ({ name }) => kaeruModule.on_event?.(name),
};

self.addEventListener("message", ({ data }) => {
  if (data instanceof Uint8Array) fletModule.send?.(data);
  else TOLD[data.kind](data);
});
self.addEventListener("online", () => kaeruModule.on_event?.("online"));
// What ends the interpreter, no memory for one, nothing in Python can report.
self.addEventListener("error", ({ error }) => error?.pyodide_fatal_error && fail(error));
self.addEventListener("unhandledrejection", ({ reason }) => reason?.pyodide_fatal_error && fail(reason));

/** Everything that needs neither the screen nor the database: the runtime, the packages, the app's modules. */
async function prepare(restore) {
  const pyodide = (restore && (await fromSnapshot())) || (await startPython(MODULES));
  tellPage("ready");
  return pyodide;
}

/** Python out of the snapshot; null where there is none, or none that can be used. */
async function fromSnapshot() {
  let snapshot = null;
  try {
    snapshot = await openSnapshot();
    if (!snapshot) return null;
    restored = true;
    tellPage("restoring");
    return await restorePython(snapshot, MODULES);
  } catch (error) {
    console.warn(`Python starts without its snapshot. ${error}`);
    restored = false;
    snapshot?.close();
    await dropSnapshot();
    return null;
  } finally {
    snapshot?.close();
  }
}

/** Run main.py and connect it to Flutter. */
async function run(documentUrl) {
  const [pyodide, opened] = await Promise.all([prepared, handles.promise]);
  mountHandles(pyodide.FS, DATABASE_FOLDER, opened);
  fletModule.documentUrl = documentUrl;
  runApp(pyodide);
  if (!fletModule.start_connection) throw new Error("main.py did not start a Flet app.");
  await fletModule.start_connection((message) => {
    const packet = message.toJs();
    self.postMessage(packet, [packet.buffer]);
  });
  tellPage("connected");
}

function fail(error) {
  tellPage("failed", { reason: error.reason ?? "python", details: String(error.message ?? error), restored });
}

function tellPage(kind, details = {}) {
  self.postMessage({ kind, ...details });
}

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

/**
 * Flet's side: PyodideConnection puts `start_connection` and `send` in here.
 * @type {{documentUrl?: string, send?: (packet: Bytes) => void,
 *   start_connection?: (receive: (packet: PyProxy) => void) => Promise<void>}}
 */
const fletModule = {};
/** Kaeru's side: app/platform/web.py puts `on_event` in here and calls the others. */
const kaeruModule = {
  on_event: /** @type {((name: string) => void) | null} */ (null),
  take_pairing_text: () => {
    const text = pairingText;
    pairingText = "";
    return text;
  },
  /**
   * @param {string} kind
   * @param {string} details as JSON
   */
  tell: (kind, details) => tellPage(kind, parseObject(details)),
  /**
   * Something that only the page knows, or can ask the person; JSON in, JSON out.
   * @param {string} question
   * @param {string} given
   * @returns {Promise<string>}
   */
  ask: (question, given) => new Promise((resolve) => {
    asked.set(questions, resolve);
    tellPage("ask", { number: questions, question, given: parseObject(given) });
    questions += 1;
  }),
};
/**
 * Who waits for the page's answers, by the question's number.
 * @type {Map<number, (answer: string) => void>}
 */
const asked = new Map();
let questions = 0;

const MODULES = {
  flet_js: fletModule, kaeru_page: kaeruModule, kaeru_sealing: sealing, kaeru_hpke: hpke, kaeru_vault: vault,
  kaeru_answers: answers,
};

/** @type {Promise<Pyodide> | null} */
let prepared = null;
let restored = false;
/** @type {PromiseWithResolvers<Map<string, FileSystemSyncAccessHandle>>} */
const handles = Promise.withResolvers();
handles.promise.catch(() => {}); // told by `run`

/** @type {Listeners<ToldPython>} */
const TOLD = {
  /** Come up; `restore` says whether a snapshot may be used. */
  "prepare": ({ restore }) => {
    prepared = prepare(restore);
    prepared.catch(fail);
  },
  /** This tab is the one that runs the app: the database's files are its own. */
  "own": () => {
    openHandles().then(handles.resolve, (/** @type {unknown} */ error) => {
      handles.reject(error);
      fail(error);
    });
  },
  "connect": (news) => {
    pairingText = news.pairingText;
    run(news.documentUrl).catch(fail);
  },
  "answer": ({ number, value }) => {
    asked.get(number)?.(JSON.stringify(value));
    asked.delete(number);
  },
  // The page speaks up only once the app has shown a screen, and so has subscribed.
  "event": ({ name }) => kaeruModule.on_event?.(name),
};

addEventListener("message", ({ data }) => {
  const told = /** @type {Bytes | Message<ToldPython>} */ (data);
  if (told instanceof Uint8Array) fletModule.send?.(told);
  else listen(told);
});
self.addEventListener("online", () => kaeruModule.on_event?.("online"));
// What ends the interpreter, no memory for one, nothing in Python can report.
self.addEventListener("error", ({ error }) => failIfFatal(error));
self.addEventListener("unhandledrejection", ({ reason }) => failIfFatal(reason));

/**
 * @template {keyof ToldPython} Kind
 * @param {Message<ToldPython, Kind>} told
 */
function listen(told) {
  void TOLD[told.kind](told);
}

/**
 * Everything that needs neither the screen nor the database: the runtime, the packages, the app's modules.
 * @param {boolean} restore whether a snapshot may be used
 */
async function prepare(restore) {
  const pyodide = (restore ? await fromSnapshot() : null) ?? (await startPython(MODULES));
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
    console.warn(`Python starts without its snapshot. ${String(error)}`);
    restored = false;
    snapshot?.close();
    await dropSnapshot();
    return null;
  } finally {
    snapshot?.close();
  }
}

/**
 * Run main.py and connect it to Flutter.
 * @param {string} documentUrl
 */
async function run(documentUrl) {
  if (!prepared) throw new Error("Python was not asked to come up.");
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

/** @param {unknown} error */
function failIfFatal(error) {
  if (/** @type {{pyodide_fatal_error?: boolean} | null} */ (error)?.pyodide_fatal_error) fail(error);
}

/** @param {unknown} error of ours with its reason, or anybody's */
function fail(error) {
  const { reason = "python", message } = /** @type {{reason?: string, message?: unknown}} */ (error);
  tellPage("failed", { reason, details: String(message ?? error), restored });
}

/** @param {string} json */
function parseObject(json) {
  return /** @type {object} */ (JSON.parse(json));
}

/**
 * @param {string} kind one of NEWS of page/python.js
 * @param {object} details
 */
function tellPage(kind, details = {}) {
  self.postMessage({ kind, ...details });
}

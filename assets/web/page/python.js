// The page's side of Python: starts the worker, carries Flet's packets between Dart and Python, and passes on
// what the worker has to say about itself.
import { mayRestore, restoreFailed, restoreWorked } from "./snapshot.js";
import { remember, wear } from "./memory.js";
import { QUESTIONS, showBadge, showNotification } from "./notifications.js";
import { applyUpdate } from "./install.js";
import { askBeforeLeaving } from "./leaving.js";

// Flet's wire format: a zero byte, then MessagePack of [action, body]. This action is the first drawing of a screen.
const PATCH_CONTROL = 2;
// A restored Python is up long before this, and shows the app so long after Flutter is, also on a slow phone that is
// busy; one that is not hangs.
const PATIENCE_MS = 30_000;

/** @typedef {{pairingText: string, onFirstScreen: () => void, onFailure: (failure: PythonFailure) => void}} Given */

/** @type {Worker | null} */
let worker = null;
/** @type {PromiseWithResolvers<void> | null} */
let connected = null;
/** @type {(packet: Bytes) => void} */
let receivePacket = () => {};
/** @type {Given | null} */
let handlers = null;
/** @type {PythonFailure | null} */
let earlyFailure = null;
let pairingText = "";
let screenSeen = false;
let restored = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let hanging;

/** Start Python. It comes up while everything else does, and waits to be told that this tab may run the app. */
export function wakePython() {
  if (worker) return;
  worker = new Worker("/worker/python-worker.js", { type: "module" });
  worker.addEventListener("message", ({ data }) => {
    const told = /** @type {Bytes | Message<PythonNews>} */ (data);
    if (told instanceof Uint8Array) onPacket(told);
    else onNews(told);
  });
  worker.addEventListener("error", ({ message }) => {
    // Later, a mistake in a handler leaves the app running.
    if (!screenSeen) onFailure({ reason: "python", details: message ?? "The worker did not load." });
  });
  worker.postMessage({ kind: "prepare", restore: mayRestore() });
}

/**
 * Let Python open the database and run the app when Flutter connects.
 * @param {Given} given
 */
export function startPython(given) {
  handlers = given;
  pairingText = given.pairingText;
  if (earlyFailure) {
    handlers.onFailure(earlyFailure);
    return;
  }
  wakePython();
  worker?.postMessage({ kind: "own" });
}

/** End Python at once: its database is closed, and another tab can open it. */
export function stopPython() {
  clearTimeout(hanging);
  worker?.terminate();
  worker = null;
}

/**
 * Tell the app that something happened, e.g. "update-ready".
 * @param {string} name
 */
export function tellPython(name) {
  worker?.postMessage({ kind: "event", name });
}

/** @param {Bytes} packet */
function onPacket(packet) {
  receivePacket(packet);
  if (!screenSeen && packet[0] === 0 && packet[2] === PATCH_CONTROL) {
    screenSeen = true;
    clearTimeout(hanging);
    restoreWorked();
    handlers?.onFirstScreen();
  }
}

/** @param {PythonFailure} failure */
function onFailure(failure) {
  // Nothing has been seen of it yet: the start is made again, without the snapshot.
  if (failure.restored && failure.reason === "python") startOver();
  else if (handlers) handlers.onFailure(failure);
  else earlyFailure = failure;
}

/** A restored Python has work to do: it must be heard of before long. */
function expectMore() {
  clearTimeout(hanging);
  if (restored) hanging = setTimeout(startOver, PATIENCE_MS);
}

function startOver() {
  stopPython();
  void restoreFailed().finally(() => location.reload());
}

/** @type {Listeners<PythonNews>} */
const NEWS = {
  "restoring": () => {
    restored = true;
    expectMore();
  },
  "ready": () => (connected ? expectMore() : clearTimeout(hanging)),
  "connected": () => connected?.resolve(),
  "failed": onFailure,
  "wear": wear,
  "ask-before-leaving": askBeforeLeaving,
  "glance": ({ glance }) => remember("glance", glance && JSON.stringify(glance)),
  "apply-update": applyUpdate,
  "show-notification": showNotification,
  "badge": showBadge,
  "ask": answer,
  "restart": () => location.reload(),
};

/**
 * Python asked for something that takes its time.
 * @param {PythonNews["ask"]} asked
 */
async function answer({ number, question, given }) {
  const answering = worker;
  answering?.postMessage({ kind: "answer", number, value: await QUESTIONS[question](given) });
}

/**
 * @template {keyof PythonNews} Kind
 * @param {Message<PythonNews, Kind>} news
 */
function onNews(news) {
  void NEWS[news.kind](news);
}

// What Flet's Dart code calls. Our page runs one app, so the app's id is not looked at.
Object.assign(globalThis, {
  /**
   * @param {number} _appId
   * @param {unknown} _arguments
   * @param {(packet: Bytes) => void} dartOnMessage
   */
  async jsConnect(_appId, _arguments, dartOnMessage) {
    receivePacket = dartOnMessage;
    connected = Promise.withResolvers();
    worker?.postMessage({ kind: "connect", documentUrl: document.URL, pairingText });
    pairingText = "";
    expectMore();
    // When Python fails, a notice covers Flutter and this is never settled.
    await connected.promise;
  },
  /**
   * @param {number} _appId
   * @param {Bytes} packet
   */
  async jsSend(_appId, packet) {
    worker?.postMessage(packet, [packet.buffer]);
  },
  async jsDisconnect() {
    stopPython();
  },
});

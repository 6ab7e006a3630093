// The page's side of Python: starts the worker, carries Flet's packets between Dart and Python, and passes on
// what the worker has to say about itself.
import { wear } from "./memory.js";
import { applyUpdate } from "./install.js";
import { askBeforeLeaving } from "./leaving.js";

// Flet's wire format: a zero byte, then MessagePack of [action, body]. This action is the first drawing of a screen.
const PATCH_CONTROL = 2;

let worker = null;
let connected = null;
let receivePacket = () => {};
let handlers = {};
let pairingText = "";
let screenSeen = false;

/**
 * Start Python. It loads while Flutter does and runs the app when Flutter connects.
 * @param {{pairingText: string, onFirstScreen: () => void,
 *   onFailure: (failure: {reason: string, details: string}) => void}} given
 */
export function startPython(given) {
  handlers = given;
  pairingText = given.pairingText;
  worker = new Worker("/worker/python-worker.js", { type: "module" });
  worker.addEventListener("message", ({ data }) => (data instanceof Uint8Array ? onPacket(data) : onNews(data)));
  worker.addEventListener("error", ({ message }) => {
    // Later, a mistake in a handler leaves the app running.
    if (!screenSeen) handlers.onFailure({ reason: "python", details: message ?? "The worker did not load." });
  });
}

/** End Python at once: its database is closed, and another tab can open it. */
export function stopPython() {
  worker?.terminate();
  worker = null;
}

/** Tell the app that something happened, e.g. "update-ready". */
export function tellPython(name) {
  worker?.postMessage({ kind: "event", name });
}

function onPacket(packet) {
  receivePacket(packet);
  if (!screenSeen && packet[0] === 0 && packet[2] === PATCH_CONTROL) {
    screenSeen = true;
    handlers.onFirstScreen();
  }
}

const NEWS = {
  "connected": () => connected.resolve(),
  "failed": (news) => handlers.onFailure(news),
  "wear": wear,
  "ask-before-leaving": askBeforeLeaving,
  "apply-update": applyUpdate,
  "restart": () => location.reload(),
};

function onNews(news) {
  NEWS[news.kind](news);
}

// What Flet's Dart code calls. Our page runs one app, so the app's id is not looked at.
Object.assign(globalThis, {
  async jsConnect(_appId, _arguments, dartOnMessage) {
    receivePacket = dartOnMessage;
    connected = Promise.withResolvers();
    worker?.postMessage({ kind: "connect", documentUrl: document.URL, pairingText });
    pairingText = "";
    // When Python fails, a notice covers Flutter and this is never settled.
    await connected.promise;
  },
  async jsSend(_appId, packet) {
    worker?.postMessage(packet, [packet.buffer]);
  },
  async jsDisconnect() {
    stopPython();
  },
});

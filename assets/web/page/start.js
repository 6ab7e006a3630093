// The order of a start: words, this browser's abilities, the one running tab, the files, then Flutter and Python.
import "./trusted-types.js";
import { hideCover, showDownload, showNotice, showStarting } from "./cover.js";
import { rescueDatabase } from "./rescue.js";
import { applyUpdate, install, isInstalled, isServed, watchForUpdates } from "./install.js";
import { forgetRenderer } from "./files.js";
import { fetchAhead, nameAccessibilityButton, startFlutter } from "./flutter.js";
import { glancePainted, handOver } from "./glance.js";
import { keepHistory } from "./history.js";
import { listenToNotifications } from "./notifications.js";
import { forgetPairingText, pairingText } from "./pairing.js";
import { canRun, findRenderer } from "./renderer.js";
import { startPython, stopPython, tellPython, wakePython } from "./python.js";
import { completeSemantics } from "./semantics.js";
import { keepShortcuts } from "./shortcuts.js";
import { makeSnapshotWhenIdle } from "./snapshot.js";
import { becomeRunningTab, takeOver } from "./single-tab.js";
import { _, loadWords, megabytes } from "./words.js";

const reload = () => location.reload();
// What the app takes up on the device, in bytes, once known.
let spaceNeeded = 0;
/** @type {Renderer | null} */
let renderer = null;

async function start() {
  await glancePainted();
  if (canKeepRecords()) {
    if (isServed()) wakePython();
    renderer = await findRenderer();
    if (isServed()) fetchAhead(renderer);
  }
  await loadWords();
  if (!renderer) {
    showCannotKeep();
    return;
  }
  showStarting();
  if (!(await becomeRunningTab(showMoved))) {
    stopPython();
    showOpenElsewhere();
    return;
  }
  if (!(await isInstalled(renderer))) {
    /** @param {DownloadProgress} progress */
    const onProgress = (progress) => {
      spaceNeeded = progress.size;
      showDownload(progress);
    };
    await install(renderer, { onProgress, onPython: wakePython });
    showStarting();
  }
  // Asked for, not waited for: some browsers ask the person, and the app works either way.
  void navigator.storage.persist();
  keepHistory();
  completeSemantics();
  keepShortcuts();
  listenToNotifications(tellPython);
  startPython({ pairingText: pairingText(), onFirstScreen, onFailure: showPythonFailure });
  await startFlutter(renderer);
}

function canKeepRecords() {
  return isSecureContext && "serviceWorker" in navigator && "locks" in navigator && "caches" in globalThis
    && "getDirectory" in (navigator.storage ?? {});
}

function onFirstScreen() {
  // Nothing of it would be seen: a device's GPU can be gone from one start to the next.
  if (renderer && !canRun(renderer)) {
    void forgetRenderer(renderer).then(reload);
    return;
  }
  forgetPairingText();
  handOver();
  // Flutter draws in the next frame; the one after it is on the screen.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    nameAccessibilityButton();
    hideCover();
  }));
  void watchForUpdates(() => tellPython("update-ready"));
  void makeSnapshotWhenIdle();
}

function showCannotKeep() {
  showNotice(isSecureContext
    ? {
        title: _("This browser cannot keep your records"),
        text: _("Kaeru stores everything on your device and needs a browser that can write files of its own. Use a "
          + "current Chrome, Edge, Firefox or Safari, and not a private window."),
      }
    : {
        title: _("This address is not secure"),
        text: _("Browsers let an app keep records only when its address begins with https."),
      });
}

function showOpenElsewhere() {
  showNotice({
    title: _("Kaeru is open in another tab"),
    text: _("It runs in one tab at a time, so that no record is written twice. Use it here and the other tab "
      + "will close its copy."),
    actions: [[_("Use it here"), takeOver]],
  });
}

function showMoved() {
  stopPython();
  showNotice({
    title: _("Kaeru moved to another tab"),
    text: _("You went on there, and everything you recorded is kept."),
    actions: [[_("Use it here"), takeOver]],
  });
}

/** @param {PythonFailure} failure */
function showPythonFailure({ reason, details }) {
  stopPython();
  if (reason === "unsupported") showCannotKeep();
  else if (reason === "busy") showBusy();
  else if (reason === "full") showFull();
  else showBroken(details);
}

function showBusy() {
  showNotice({
    title: _("Your records are in use"),
    text: _("Another window of this browser still holds them. Close it, then try again."),
    actions: [[_("Try again"), takeOver]],
  });
}

function showFull() {
  showNotice({
    title: _("There is not enough room on this device"),
    text: spaceNeeded
      ? _("Kaeru needs about {size} MB. Free some space, then try again.", { size: megabytes(spaceNeeded) })
      : _("Free some space, then try again. What you recorded is kept."),
    actions: [[_("Try again"), reload]],
  });
}

/** @param {string} details */
function showBroken(details) {
  // Nothing is being worked on, so a newer release that mends it is taken at once.
  if (isServed()) void watchForUpdates(applyUpdate);
  showNotice({
    title: _("Kaeru could not start"),
    text: _("Your records are still on this device. Try again; if it keeps happening, save a copy of them."),
    actions: [[_("Try again"), reload], [_("Save a copy of my records"), rescueDatabase]],
    details,
  });
}

/** @param {{reason?: string, message: string}} failure why files could not be kept, or any other error */
function showInstallFailure({ reason, message }) {
  stopPython();
  if (reason === "full") {
    showFull();
    return;
  }
  showNotice({
    title: _("Kaeru could not be downloaded"),
    text: reason === "changed"
      ? _("A newer version appeared while this one was arriving. Try again to get it.")
      : _("The connection was lost. What has arrived is kept, so the next try goes on from there."),
    actions: [[_("Try again"), reload]],
    details: message,
  });
}

// A page that the browser brings back from memory has lost its lock and perhaps its worker.
addEventListener("pageshow", (event) => event.persisted && reload());

start().catch(async (/** @type {Error} */ error) => {
  if (renderer && (await isInstalled(renderer))) showBroken(String(error.stack ?? error));
  else showInstallFailure(error);
});

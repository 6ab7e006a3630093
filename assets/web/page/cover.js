// The cover: loading with real progress, and the screens for when the app cannot run. Plain HTML, so that it
// works when nothing else does.
import { _, megabytes } from "./words.js";

// A start takes a few seconds; after so many the person should be able to do something about it.
const SLOW_MS = 40_000;

/** @param {string} selectors of an element that index.html has */
const find = (selectors) => /** @type {HTMLElement} */ (document.querySelector(selectors));
/** @param {string} id */
const element = (id) => find(`#${id}`);
let slow = 0;

/**
 * Say how many bytes have arrived of how many the first visit needs.
 * @param {DownloadProgress} progress
 */
export function showDownload({ done, total }) {
  dropGlance();
  showLoading();
  element("filled").style.setProperty("--share", String(total ? done / total : 1));
  element("bar").setAttribute("aria-valuenow", String(total ? Math.round((100 * done) / total) : 100));
  element("progress").textContent = _("{done} of {total} MB", {
    done: megabytes(done), total: megabytes(total),
  });
  element("hint").textContent = _("Only this first time: from then on Kaeru starts without a network.");
}

export function showStarting() {
  showLoading();
  element("bar").removeAttribute("aria-valuenow");
  element("progress").textContent = _("Starting…");
  element("hint").textContent = "";
  slow = setTimeout(offerRestart, SLOW_MS);
}

function offerRestart() {
  dropGlance();
  element("hint").textContent = _("This is taking longer than usual.");
  element("restart").textContent = _("Try again");
  element("restart").addEventListener("click", () => location.reload());
  element("restart").hidden = false;
}

/** Show the cover itself: there is something to say that the glance has no place for. */
function dropGlance() {
  element("cover").classList.remove("glance");
}

function showLoading() {
  clearTimeout(slow);
  element("restart").hidden = true;
  element("tagline").textContent = _("Reply in time. Go home on time.");
  element("bar").setAttribute("aria-label", _("Loading"));
  element("notice").hidden = true;
  element("loading").hidden = false;
}

/**
 * Tell the person why the app is not running and what can be done.
 * @param {{title: string, text: string, actions?: [string, () => void][], details?: string}} notice
 */
export function showNotice({ title, text, actions = [], details = "" }) {
  dropGlance();
  element("title").textContent = title;
  element("text").textContent = text;
  element("actions").replaceChildren(...actions.map(([label, run]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", run);
    return button;
  }));
  element("more").hidden = !details;
  find("#more summary").textContent = _("Details");
  find("#more pre").textContent = details;
  element("loading").hidden = true;
  element("notice").hidden = false;
  uncover(false);
  element("title").focus();
}

/** Let the app be seen: the cover fades and leaves the page to Flutter. */
export function hideCover() {
  uncover(true);
}

/** @param {boolean} appVisible */
function uncover(appVisible) {
  clearTimeout(slow);
  const cover = element("cover");
  cover.classList.toggle("leaving", appVisible);
  cover.inert = appVisible;
  cover.ariaHidden = appVisible ? "true" : null;
  // Flutter's own element must not be reached by a screen reader or the Tab key from under the cover.
  for (const sibling of /** @type {HTMLCollectionOf<HTMLElement>} */ (document.body.children)) {
    if (sibling !== cover) sibling.inert = !appVisible;
  }
}

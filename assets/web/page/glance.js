// The glance: what Kaeru last knew of Today, painted before any engine runs from what app/ui/glance.py left, and
// recomputed against the clock. It looks like the app and stands under the person's thumb until the app does.
import { recall } from "./memory.js";
import { pairingText } from "./pairing.js";
import { fill, timesIn } from "./glance-words.js";
import { draw, icon } from "./icons.js";

const FORM = 5;
// No browser takes so long to paint it.
const PATIENCE_MS = 500;
// Not every browser tells when it has; the others have by the turn after the next frame, or nearly.
const TELLS = PerformanceObserver.supportedEntryTypes.includes("element");
const TABS = { today: "/", jobs: "/jobs", clients: "/clients", scripts: "/scripts", trust: "/trust" };
/** @type {Record<string, string>} */
const DONE = { reply: "done", promise: "done", internal_deadline: "done", deadline: "done", follow_up: "answered",
  silent: "answered", calls: "done", call_to_note: "done", application: "answered", offer: "done", question: "answered",
  to_ask: "done", payment: "done", ladder: "said", standing_call: "topic",
  topics: "standing_call" };
// The row itself opens: what can only be opened has no menu.
// The app writes the day short in a narrower window (app/ui/components/layout.py).
const READABLE_WIDTH = 720;
const NO_MENU = new Set(["internal_deadline", "deadline", "topics"]);
/** @param {string} text */
const heading = (text) => {
  const element = make("h1", "", text);
  element.setAttribute("elementtiming", "heading");
  return element;
};
/**
 * @param {GlanceRow} a
 * @param {GlanceRow} b
 */
const byDue = (a, b) => a.due - b.due || b.severity - a.severity || (a.name < b.name ? -1 : 1);

const place = /** @type {HTMLElement} */ (document.getElementById("glance"));
const cover = /** @type {HTMLElement} */ (document.getElementById("cover"));
/**
 * The moment at which its heading was on the screen; marked for whoever measures a start.
 * @type {Promise<void>}
 */
const painted = new Promise((resolve) => {
  new PerformanceObserver((list, observer) => {
    observer.disconnect();
    const [{ renderTime }] = /** @type {PerformanceElementTiming[]} */ (list.getEntries());
    performance.mark("kaeru-first-content", { startTime: renderTime });
    resolve();
  }).observe({ type: "element", buffered: true });
});
/** The address that the person asked for before the app was there. */
let asked = "";
let appIsThere = false;

/**
 * What was left, if it is of use to this version and at this time; else null.
 * @param {number} now
 */
function read(now) {
  try {
    const left = /** @type {Glance | null} */ (JSON.parse(recall("glance") ?? "null"));
    return left?.form === FORM && now < left.until ? left : null;
  } catch {
    return null;
  }
}

/** Paint what the page's address is about; leave the ordinary cover where nothing is known of it. */
function paint() {
  const now = Date.now();
  const left = read(now);
  // A pairing link was opened: its screen comes first.
  if (!left || pairingText()) return false;
  try {
    const screen = screenFor(location.pathname, left, now);
    if (!screen) return false;
    place.lang = left.language;
    place.replaceChildren(...screen);
    return true;
  } catch (error) {
    // What an unknown zone or a missing word leads to: the app itself will say what is to be said.
    console.warn(error);
    return false;
  }
}

/**
 * @param {string} path
 * @param {Glance} left
 * @param {number} now
 */
function screenFor(path, left, now) {
  const times = timesIn(left.locale ?? left.language, left.zone, left.words, now);
  const rows = left.things.flatMap((thing) => rowAt(thing, now, times));
  if (path === "/") return today(left, rows.toSorted(byDue), times);
  const row = rows.find(({ address }) => path.endsWith(address.split("?")[0]));
  return row ? opening(left, row) : null;
}

/**
 * The row of a thing as it stands now: the last of its stages that has begun; none while it is not in the list.
 * @param {GlanceThing} thing
 * @param {number} now
 * @param {Times} times
 * @returns {GlanceRow[]}
 */
function rowAt({ address, name, title, channel, stages }, now, times) {
  const stage = stages.findLast(({ since }) => since <= now) ?? stages[0];
  if (!stage.kind) return [];
  const { due, told, since, share } = stage;
  const by = fill(stage.by, { when: times.when(told), day: times.dayWithin(told), left: times.left(told) });
  const shareLeft = now < due && since < due ? Math.min(share * (due - now) / (due - since), 1) : 0;
  const late = stage.state === "overdue";
  return [{
    ...stage, address, name, title, channel, by, late, share: late ? 1 : Math.max(shareLeft, 0.02),
    short: (late ? "−" : "") + times.shortLeft(due),
    section: late ? "" : times.day(Math.max(due, now)),
  }];
}

/**
 * @param {Glance} left
 * @param {GlanceRow[]} rows
 * @param {Times} times
 */
function today({ words, sample, empty, snoozed, notice, updates }, rows, times) {
  const shown = rows.filter((row) => !row.snoozed);
  /** @type {Map<string, GlanceRow[]>} */
  const sections = new Map([["", []], [words.today, []]]);
  for (const row of shown) sections.set(row.section, [...(sections.get(row.section) ?? []), row]);
  /** @type {HTMLElement[]} */
  const parts = [];
  if (sample) parts.push(make("p", "banner", icon("sample"), sample));
  if (notice) parts.push(noticeCard(notice));
  const toSend = updates.length ? [make("h2", "", words.updates), make("ul", "", ...updates.map(updateCard))] : [];
  for (const [title, items] of sections) {
    // To send today: after what is owed by then.
    if (title && title !== words.today) parts.push(...toSend.splice(0));
    if (!items.length) continue;
    parts.push(make("h2", "", title || words.late));
    parts.push(make("ul", "", ...items.map((row) => make("li", `card ${row.state}`, ...rowParts(row, words)))));
  }
  parts.push(...toSend);
  const asleep = rows.length - shown.length;
  if (asleep) parts.push(make("p", "quiet", icon("snooze"), snoozed[asleep - 1]));
  if (!parts.length) parts.push(...nothing(empty));
  return [
    make("header", "", heading(times.today(innerWidth < READABLE_WIDTH)), link("/search/all", words.search, icon("search")),
      link("/settings/main", words.settings, icon("settings"))),
    progress(words),
    make("div", "list", ...parts),
    link("/new/message", words.record, icon("add"), "plus"),
    tabs(words),
  ];
}

/**
 * What no longer fits.
 * @param {GlanceCard} notice
 */
function noticeCard({ address, label, title, text }) {
  const lines = make("span", "text", make("b", "", title), make("span", "", text));
  return make("p", "notice", link(address, label, make("span", "row", icon("busy"), lines, icon("onward"))));
}

/**
 * An update to send before anybody asks.
 * @param {GlanceCard} update
 */
function updateCard({ address, label, title, text }) {
  const lines = make("span", "text", make("span", "what", title), make("small", "", text));
  const row = make("span", "row", make("span", "mark", icon("outbox")), lines);
  return make("li", "card", link(address, label, row), make("span", "actions", icon("done")));
}

/**
 * @param {GlanceRow} row
 * @param {GlanceWords} words
 */
function rowParts(row, words) {
  const label = fill(words.row, { name: row.name, what: row.what, due: row.by });
  const text = make("span", "text", make("b", "", row.name), make("span", "what", row.what), make("small", "", row.by));
  const actions = make("span", "actions");
  if (row.kind in DONE) actions.append(icon(DONE[row.kind]));
  if (!NO_MENU.has(row.kind)) actions.append(icon("more"));
  const parts = [link(row.address, label, make("span", "row", mark(row, 48), text)), actions];
  return row.channel ? [...parts, conversation(row.channel)] : parts;
}

/**
 * The channel of the conversation; what opens it is in the app, and so is the tap.
 * @param {GlanceChannel} channel
 */
function conversation({ icon: shape, label, opens }) {
  return make("span", opens ? "channel opens" : "channel", icon(shape), label);
}

/**
 * One thing alone, for an address that points at it.
 * @param {Glance} left
 * @param {GlanceRow} row
 */
function opening({ words }, row) {
  const task = row.title ? row.task : row.what;
  const lines = make("span", "text", make("span", "what", task), make("small", "", row.by));
  return [
    make("header", "inner", link("/", words.back, icon("back")), heading(row.name)),
    progress(words),
    make("div", "list", make("div", `card one ${row.state}`,
      row.title ? make("h2", "", row.title) : "", make("p", "row", mark(row, 64), lines))),
  ];
}

/** @param {Glance["empty"]} empty */
function nothing({ title, text, action }) {
  return [make("div", "empty", icon(action ? "inbox" : "peace"), make("h2", "", title), make("p", "", text),
    action ? link("/new/message", action, action, "tonal") : "")];
}

/**
 * The ring of what runs out; a plain icon for what only waits.
 * @param {GlanceRow} row
 * @param {number} size in CSS pixels
 */
function mark(row, size) {
  if (!row.ring) return make("span", "mark", icon(row.kind));
  const ring = make("span", "ring", row.short);
  ring.style.setProperty("--size", `${size}px`);
  ring.prepend(circle("track", size, 1), circle("left", size, row.share));
  ring.ariaHidden = "true";
  return ring;
}

/**
 * @param {string} name
 * @param {number} size in CSS pixels
 * @param {number} share how much of it is drawn, from 0 to 1
 */
function circle(name, size, share) {
  const middle = size / 2;
  /** @type {Record<string, string>} */
  const dashes = share < 1 ? { "stroke-dasharray": `${share} 1` } : {};
  const shape = draw("circle", { cx: middle, cy: middle, r: middle, pathLength: 1, ...dashes });
  const svg = draw("svg", { viewBox: `0 0 ${size} ${size}`, class: name });
  svg.append(shape);
  return svg;
}

/** @param {GlanceWords} words */
function tabs(words) {
  const nav = make("nav", "");
  for (const [name, address] of Object.entries(TABS)) {
    const label = name === "today" ? words.todayTab : words[name];
    const tab = link(address, label, make("span", "pill", icon(name)));
    tab.append(label);
    if (name === "today") tab.ariaCurrent = "page";
    nav.append(tab);
  }
  return nav;
}

/** @param {GlanceWords} words */
function progress({ starting }) {
  const status = make("p", "starting", starting);
  status.setAttribute("role", "status");
  return status;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} name of a class; empty for none
 * @param {(Node | string)[]} content
 */
function make(tag, name, ...content) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...content);
  return element;
}

/**
 * @param {string} address
 * @param {string} label
 * @param {Node | string} content
 * @param {string} name of a class
 */
function link(address, label, content, name = "") {
  const element = make("a", name, content);
  element.href = address;
  element.ariaLabel = label;
  return element;
}

/**
 * A tap before the app is there: the address is where the app starts, or goes to once it has started.
 * @param {MouseEvent} event
 */
function ask(event) {
  const target = /** @type {Element} */ (event.target).closest("a");
  if (!target || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  asked = target.getAttribute("href") ?? "";
  history.pushState(null, "", asked);
  if (appIsThere) passOn();
  else if (!paint()) target.classList.add("asked");
}

/** Back, before the app is there. */
function goBack() {
  asked = location.pathname;
  paint();
}

function passOn() {
  // Flutter, while it starts, says at which address it found the page; it may have said so since.
  if (location.pathname + location.search !== asked) history.replaceState(null, "", asked);
  dispatchEvent(new PopStateEvent("popstate", { state: null }));
}

/** Settles once the glance is on the screen, if there is one: what is heavier must not keep the browser from it. */
export async function glancePainted() {
  if (!cover.classList.contains("glance") || document.hidden) return;
  const drawn = TELLS ? painted : new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  await Promise.race([drawn, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** The app is there: what was asked for meanwhile, or is until it can be touched itself, is passed on to it. */
export function handOver() {
  removeEventListener("popstate", goBack);
  appIsThere = true;
  if (asked) passOn();
}

function begin() {
  document.documentElement.dataset.theme = recall("theme") ?? "system";
  if (!paint()) return;
  cover.classList.add("glance");
  place.addEventListener("click", ask);
  addEventListener("popstate", goBack);
  // What was answered on a notification since is not in it, and nothing wrong may stand there.
  import("../worker/answers.js").then(({ hasAnswers }) => hasAnswers()).then((has) => has && withdraw(), () => {});
}

/** Show the ordinary cover after all. */
function withdraw() {
  place.removeEventListener("click", ask);
  removeEventListener("popstate", goBack);
  cover.classList.remove("glance");
  place.replaceChildren();
}

begin();

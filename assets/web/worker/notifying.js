// What the service worker makes of a push: a notification with its answers, in the person's language. Browsers take
// the right to push away from who shows nothing, so something sensible is shown whatever happens.
import { keepAnswer, tellServer } from "./answers.js";
import * as rings from "./rings.js";
import { openText } from "./sealing.js";
import * as vault from "./vault.js";

const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const ICON = "/icons/icon-192.png";
const BADGE = "/icons/monochrome-512.png";
// Where the app leaves what to say in the place of a reminder: JSON, worded in the person's language.
const UNREADABLE = "unreadable";
const ANSWERS_TAG = "kaeru-answers";

/**
 * Show what a push message brought; `text` is JSON `{v, id, group, box}` (docs/protocol.md). In the place of a reminder
 * that cannot be read, or is outdated, a notification that tells nothing: all of these share one tag.
 * @param {string} text
 */
export async function onPush(text) {
  tellServer().catch(() => {}); // there is a network now
  const reminder = await unsealed(text);
  const isShown = reminder !== null && !(await rings.isOutdated(reminder).catch(() => false));
  await show(isShown ? reminder : await inItsPlace());
}

/**
 * Show a notification as app/sync/reminder_plan.py describes it. One of the same tag takes the place of another.
 * @param {Reminder} reminder
 */
export async function show(reminder) {
  const { title, body, tag, lang, actions = [], at } = reminder;
  const timestamp = Date.parse(at ?? "") || Date.now();
  const options = { body, tag, lang, actions, timestamp, icon: ICON, badge: BADGE, data: reminder };
  await scope.registration.showNotification(title, options);
  await rings.note(reminder).catch(() => {});
  if (reminder.badge !== undefined && Number.isInteger(reminder.badge)) await setBadge(reminder.badge);
}

/**
 * A notification, or a button of it, was pressed.
 * @param {Notification} notification
 * @param {string} action the button's; empty for the notification itself
 */
export async function onPressed(notification, action) {
  const reminder = /** @type {Reminder} */ (notification.data ?? {});
  notification.close();
  if (action !== "replied" && action !== "snooze") {
    await openApp(reminder.path ?? "/");
    return;
  }
  await keepAnswer(action, reminder);
  await rings.note(reminder, { answered: true }).catch(() => {});
  const { badge = 0 } = reminder;
  if (badge > 0) await setBadge(badge - 1);
  for (const page of await pages()) page.postMessage({ kind: "answers" });
  await flush();
}

/** Tell the server what was answered; without a network, when the browser says there is one again. */
export async function flush() {
  try {
    await tellServer();
  } catch {
    // Where browsers do not know this, the next push, the next start of this worker or of the app will do.
    await scope.registration.sync?.register(ANSWERS_TAG).catch(() => {});
  }
}

/**
 * The push service gave this device another address.
 * @param {PushSubscriptionChangeEvent} event
 */
export async function onSubscriptionChange(event) {
  const key = event.oldSubscription?.options.applicationServerKey;
  const subscription = event.newSubscription
    ?? (key && await scope.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  const token = await vault.read("device-token");
  if (!subscription || !token) return;
  const { endpoint, keys } = subscription.toJSON();
  await fetch("/api/v1/push/subscription", {
    method: "PUT", body: JSON.stringify({ endpoint, keys }), credentials: "omit", redirect: "error",
    headers: {
      "kaeru-protocol": "1", "content-type": "application/json",
      "authorization": `Bearer ${new TextDecoder().decode(token)}`,
    },
  });
}

/**
 * @param {string} text a push message
 * @returns {Promise<Reminder | null>} what is sealed in it; null where it is none of ours
 */
async function unsealed(text) {
  try {
    const { id, box } = /** @type {{id: string, box: string}} */ (JSON.parse(text));
    const key = await vault.read("sealing-key");
    const opened = key && await openText(key, `reminder:${id}`, fromBase64url(box));
    const reminder = /** @type {Reminder | null} */ (JSON.parse(opened ?? "null"));
    return typeof reminder?.title === "string" ? reminder : null;
  } catch {
    return null;
  }
}

/** @returns {Promise<Reminder>} */
async function inItsPlace() {
  const kept = await vault.read(UNREADABLE).catch(() => null);
  const words = kept
    ? /** @type {{title: string, body: string, lang: string}} */ (JSON.parse(new TextDecoder().decode(kept)))
    : { title: "Kaeru", body: "", lang: "en" };
  return { ...words, tag: UNREADABLE, path: "/" };
}

/** @param {string} path */
async function openApp(path) {
  const [page] = await pages();
  if (!page) {
    await scope.clients.openWindow(path);
    return;
  }
  await page.focus().catch(() => {}); // the browser may not let it come to the front
  page.postMessage({ kind: "open", path });
}

/** The app's windows, the one looked at first. */
async function pages() {
  const found = await scope.clients.matchAll({ type: "window" });
  return found.toSorted((one, other) => Number(other.focused) - Number(one.focused));
}

/** @param {number} count */
async function setBadge(count) {
  await scope.navigator.setAppBadge?.(count).catch(() => {});
}

/** @param {string} text */
function fromBase64url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

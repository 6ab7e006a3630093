// Notifications, as far as only a page can see to them: may they be shown, how this device is reached, what is shown
// now. Python asks (app/platform/web.py); what the service worker has to say goes back to it.
const PATIENCE_MS = 10_000;

let openedPath = "";

/**
 * Listen to the service worker: a notification was pressed.
 * @param {(name: string) => void} tellPython
 */
export function listenToNotifications(tellPython) {
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    const told = /** @type {Message<ToldPage>} */ (data);
    if (told.kind === "open") openedPath = told.path;
    if (told.kind === "open" || told.kind === "answers") tellPython(told.kind);
  });
}

/** What Python may ask; each answers with plain values. */
export const QUESTIONS = {
  "notifications": state,
  "allow-notifications": async () => {
    // The browser asks the person only right after a press; some remember for how short a time.
    if (possible() !== "no") await Notification.requestPermission();
    return state();
  },
  "subscribe": async (/** @type {{key: string}} */ { key }) => {
    const { pushManager } = await navigator.serviceWorker.ready;
    const applicationServerKey = fromBase64url(key);
    try {
      const known = await pushManager.getSubscription();
      if (known && !isFor(known, applicationServerKey)) await known.unsubscribe();
      const subscribing = pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
      return (await Promise.race([subscribing, noAnswer()])).toJSON();
    } catch (error) {
      return { error: String(error) };
    }
  },
  "unsubscribe": async () => {
    const { pushManager } = await navigator.serviceWorker.ready;
    try {
      const known = await pushManager?.getSubscription();
      await known?.unsubscribe();
    } catch {
      // A push service out of reach: Python must not wait for it. The server does not push here any more.
    }
    return {};
  },
  "shown-notifications": async () => {
    const { getNotifications } = await shownHere();
    return { tags: (await getNotifications()).map(({ tag }) => tag) };
  },
  "withdraw-notifications": async (/** @type {{tags: string[]}} */ { tags }) => {
    const { getNotifications } = await shownHere();
    for (const tag of tags) for (const notification of await getNotifications({ tag })) notification.close();
    return {};
  },
  "opened-path": async () => {
    const path = openedPath;
    openedPath = "";
    return { path };
  },
};

/**
 * Show a notification of this device's own, as a push would.
 * @param {{notification: Reminder}} told
 */
export async function showNotification({ notification }) {
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ kind: "show", notification });
}

/**
 * What is due now, on the app's icon.
 * @param {{count: number}} told
 */
export function showBadge({ count }) {
  if (count) navigator.setAppBadge?.(count).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

async function state() {
  const able = possible();
  const permission = able === "no" || able === "home-screen" ? "default" : Notification.permission;
  const { pushManager } = await navigator.serviceWorker.ready;
  const subscribed = Boolean(able === "push" && (await pushManager.getSubscription().catch(() => null)));
  return { possible: able, permission, subscribed };
}

/** What the service worker shows, asked of its registration; nothing in a browser that does not tell. */
async function shownHere() {
  const registration = await navigator.serviceWorker.ready;
  return {
    /** @param {GetNotificationOptions} [filter] */
    getNotifications: async (filter) => (await registration.getNotifications?.(filter)) ?? [],
  };
}

/** "push"; "local" (only while the app is open); "home-screen" (iOS: once it is installed there); "no". */
function possible() {
  const onApple = /iPhone|iPad|iPod/.test(navigator.userAgent)
    || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  const isInstalled = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
  if (onApple && !isInstalled) return "home-screen";
  if (!("Notification" in globalThis && "showNotification" in ServiceWorkerRegistration.prototype)) return "no";
  return "PushManager" in globalThis ? "push" : "local";
}

/**
 * Some browsers ask a push service that they cannot reach again and again, and never say so.
 * @returns {Promise<never>}
 */
function noAnswer() {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error("The push service does not answer.")), PATIENCE_MS);
  });
}

/**
 * @param {PushSubscription} subscription
 * @param {Bytes} key
 */
function isFor(subscription, key) {
  const known = new Uint8Array(subscription.options.applicationServerKey ?? []);
  return known.length === key.length && known.every((byte, index) => byte === key[index]);
}

/** @param {string} text */
function fromBase64url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

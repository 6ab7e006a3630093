// The service worker: from the first visit on, the app comes from here and needs no server. A newer release is
// downloaded beside the running one and waits until the page says so or every tab is closed. It is also who a push
// wakes while no app runs.
import { filesFor, keepFiles, keepOnly, keptRenderers, read } from "./page/files.js";
import { flush, onPressed, onPush, onSubscriptionChange, show } from "./worker/notifying.js";

// The build puts the release here: its id and files as in precache.json.
/** @type {Release} */
const release = { build: "", files: [] };

const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const byPath = new Map(release.files.map((file) => [file.url, file]));
// The server's own addresses, never answered from here.
const SERVER_PATHS = /^\/(api\/|\.well-known\/|healthz$|readyz$|metrics$)/;
// Where Flutter looks for a font when a text's own lacks a character. It names one of Google's Noto fonts; the
// answer is the closest of ours. A character in none of them stays a box, and Flutter does not ask again.
const FALLBACK_FONTS = "/fallback-fonts/";
const JAPANESE_FONT = "/assets/fonts/NotoSansJP-Regular.woff2";
const EMOJI_FONT = "/assets/fonts/NotoEmoji-Regular.woff2";

scope.addEventListener("install", (event) => {
  // The first one serves at once what the page, which shows how far it is, downloads meanwhile.
  if (scope.registration.active) event.waitUntil(keepRelease());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(keepOnly(release.files).then(() => scope.clients.claim()).then(flush));
});

scope.addEventListener("message", (event) => {
  const told = /** @type {Message<ToldServiceWorker>} */ (event.data);
  if (told.kind === "skip-waiting") void scope.skipWaiting();
  // A page loaded past the service worker (a forced reload) asks to be served after all.
  if (told.kind === "claim") event.waitUntil(scope.clients.claim());
  if (told.kind === "show") event.waitUntil(show(told.notification));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || SERVER_PATHS.test(pathname)) return;
  if (request.cache === "no-store") return; // a download of what is not kept yet
  const file = byPath.get(fallbackFont(pathname) ?? pathname)
    // Any other address is a place inside the app.
    ?? (request.mode === "navigate" ? byPath.get("/index.html") : undefined);
  if (file) event.respondWith(serve(file));
});

scope.addEventListener("push", (event) => event.waitUntil(onPush(event.data?.text() ?? "")));
scope.addEventListener("notificationclick", (event) => {
  event.waitUntil(onPressed(event.notification, event.action));
});
scope.addEventListener("sync", (event) => event.waitUntil(flush()));
scope.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(onSubscriptionChange(event)));

async function keepRelease() {
  await keepFiles(filesFor(await keptRenderers(), release));
}

/** @param {ReleaseFile} file */
async function serve(file) {
  // A file that the browser dropped on its own is fetched again while there is a network.
  return (await read(file)) ?? fetch(file.url);
}

/** @param {string} pathname */
function fallbackFont(pathname) {
  if (!pathname.startsWith(FALLBACK_FONTS)) return undefined;
  return /\/notosans(jp|sc|tc|hk)\//.test(pathname) ? JAPANESE_FONT : EMOJI_FONT;
}

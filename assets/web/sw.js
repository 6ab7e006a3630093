// The service worker: from the first visit on, the app comes from here and needs no server. A newer release is
// downloaded beside the running one and waits until the page says so or every tab is closed. It is also who a push
// wakes while no app runs.
import { filesFor, keepFiles, keepOnly, keptRenderers, read } from "./page/files.js";
import { flush, onPressed, onPush, onSubscriptionChange, show } from "./worker/notifying.js";

// The build puts the release here: its id and files as in precache.json.
const release = { build: "", files: [] };

const byPath = new Map(release.files.map((file) => [file.url, file]));
// The server's own addresses, never answered from here.
const SERVER_PATHS = /^\/(api\/|\.well-known\/|healthz$|readyz$|metrics$)/;
// Where Flutter looks for a font when a text's own lacks a character. It names one of Google's Noto fonts; the
// answer is the closest of ours. A character in none of them stays a box, and Flutter does not ask again.
const FALLBACK_FONTS = "/fallback-fonts/";
const JAPANESE_FONT = "/assets/fonts/NotoSansJP-Regular.woff2";
const EMOJI_FONT = "/assets/fonts/NotoEmoji-Regular.woff2";

self.addEventListener("install", (event) => {
  // The first one serves at once what the page, which shows how far it is, downloads meanwhile.
  if (self.registration.active) event.waitUntil(keepRelease());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(keepOnly(release.files).then(() => self.clients.claim()).then(flush));
});

self.addEventListener("message", (event) => {
  if (event.data.kind === "skip-waiting") self.skipWaiting();
  // A page loaded past the service worker (a forced reload) asks to be served after all.
  if (event.data.kind === "claim") event.waitUntil(self.clients.claim());
  if (event.data.kind === "show") event.waitUntil(show(event.data.notification));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || SERVER_PATHS.test(pathname)) return;
  if (request.cache === "no-store") return; // a download of what is not kept yet
  const file = byPath.get(fallbackFont(pathname) ?? pathname)
    // Any other address is a place inside the app.
    ?? (request.mode === "navigate" ? byPath.get("/index.html") : undefined);
  if (file) event.respondWith(serve(file));
});

self.addEventListener("push", (event) => event.waitUntil(onPush(event.data?.text() ?? "")));
self.addEventListener("notificationclick", (event) => {
  event.waitUntil(onPressed(event.notification, event.action));
});
self.addEventListener("sync", (event) => event.waitUntil(flush()));
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(onSubscriptionChange(event)));

async function keepRelease() {
  await keepFiles(filesFor(await keptRenderers(), release));
}

async function serve(file) {
  // A file that the browser dropped on its own is fetched again while there is a network.
  return (await read(file)) ?? fetch(file.url);
}

function fallbackFont(pathname) {
  if (!pathname.startsWith(FALLBACK_FONTS)) return undefined;
  return /\/notosans(jp|sc|tc|hk)\//.test(pathname) ? JAPANESE_FONT : EMOJI_FONT;
}

// The service worker: from the first visit on, the app comes from here and needs no server. A newer release is
// downloaded beside the running one and waits until the page says so or every tab is closed.
import { filesForEngine, keepFiles, keepOnly, read } from "./page/files.js";

// The build puts the release here: its id and files as in precache.json.
const release = { build: "", files: [] };

const files = filesForEngine(release);
const byPath = new Map(files.map((file) => [file.url, file]));
// The server's own addresses, never answered from here.
const SERVER_PATHS = /^\/(api\/|healthz$|readyz$|metrics$)/;
// Where Flutter looks for characters that the app's fonts lack: we have one more font, for emoji.
const FALLBACK_FONTS = "/fallback-fonts/";

self.addEventListener("install", (event) => {
  event.waitUntil(keepFiles(files));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(keepOnly(files).then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data.kind === "skip-waiting") self.skipWaiting();
  // A page loaded past the service worker (a forced reload) asks to be served after all.
  if (event.data.kind === "claim") event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || SERVER_PATHS.test(pathname)) return;
  if (pathname.startsWith(FALLBACK_FONTS)) {
    event.respondWith(fallbackFont(pathname));
    return;
  }
  const file = byPath.get(pathname) ?? (request.mode === "navigate" ? byPath.get("/index.html") : undefined);
  if (file) event.respondWith(serve(file));
});

async function serve(file) {
  // A file that the browser dropped on its own is fetched again while there is a network.
  return (await read(file)) ?? fetch(file.url);
}

async function fallbackFont(pathname) {
  const emoji = byPath.get("/assets/fonts/NotoEmoji-Regular.woff2");
  return emoji && /^\/fallback-fonts\/noto(color)?emoji\//.test(pathname)
    ? serve(emoji)
    : new Response(null, { status: 404 });
}

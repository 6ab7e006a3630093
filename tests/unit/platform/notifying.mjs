// Runs the service worker's module with what a browser would give it. Arguments: the folder of assets/web/worker, and
// what happens, as JSON: [["push", id, reminder] | ["press", action] | ["wait", ms] | ["garbage"], …].
// Prints what was shown, in its order.
import { pathToFileURL } from "node:url";

const [folder, happening] = process.argv.slice(2);
const shown = [];
let now = Date.UTC(2026, 5, 10, 9, 30);
Date.now = () => now;
const scope = {
  registration: { showNotification: async (title, options) => shown.push({ title, ...options }) },
  clients: { matchAll: async () => [], openWindow: async () => {} },
  navigator: {},
};

// As much of IndexedDB as the workers use: databases of one store, requests that succeed on the next turn.
const databases = new Map();
const indexedDB = {
  open(name) {
    const request = {};
    const { keyPath, rows } = databases.get(name) ?? {};
    const kept = rows ?? new Map();
    const database = {
      keyPath,
      createObjectStore: (_store, options) => { database.keyPath = options?.keyPath; },
      close() {},
      transaction() {
        const transaction = { objectStore: () => store };
        const answer = (result) => ({ result });
        const store = {
          get: (key) => answer(kept.get(key)),
          getAll: () => answer([...kept.values()]),
          count: () => answer(kept.size),
          put: (value, key) => answer(kept.set(key ?? value[database.keyPath], structuredClone(value)) && undefined),
          delete: (key) => answer(kept.delete(key) && undefined),
        };
        setTimeout(() => transaction.oncomplete?.());
        return transaction;
      },
    };
    setTimeout(() => {
      request.result = database;
      if (!databases.has(name)) request.onupgradeneeded?.({ target: request });
      databases.set(name, { keyPath: database.keyPath, rows: kept });
      request.onsuccess?.();
    });
    return request;
  },
};

const fetch = async () => { throw new Error("offline"); };
Object.assign(globalThis, { fetch, indexedDB, self: scope });

const load = (name) => import(pathToFileURL(`${folder}/${name}.js`).href);
const [vault, sealing, notifying] = await Promise.all(["vault", "sealing", "notifying"].map(load));
const key = new Uint8Array(32).fill(7);
await vault.write("sealing-key", key);
const words = { title: "In its place", body: "", lang: "en" };
await vault.write("unreadable", new TextEncoder().encode(JSON.stringify(words)));

for (const [what, ...rest] of JSON.parse(happening)) {
  if (what === "wait") now += rest[0];
  if (what === "garbage") await notifying.onPush("{}");
  if (what === "push") {
    const [id, reminder] = rest;
    const box = Buffer.from(await sealing.sealText(key, `reminder:${id}`, JSON.stringify(reminder))).toString("base64url");
    await notifying.onPush(JSON.stringify({ v: 1, id, group: reminder.tag, box }));
  }
  if (what === "press") {
    const data = shown.at(-1).data;
    await notifying.onPressed({ data, close() {} }, rest[0]);
  }
}
console.log(JSON.stringify(shown.map(({ title, tag }) => ({ title, tag }))));

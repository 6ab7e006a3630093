// A start whose Python says some things and is never heard of again; test_hanging_start.py reads what came of it. The
// page's own code runs, on a clock of ours and with the least of a browser around it.
import { mock } from "node:test";

const [page, patience, ...news] = process.argv.slice(2);
const kept = new Map();
const said = [];
let worker = null;

class Worker extends EventTarget {
  constructor() {
    super();
    worker = this;
  }
  postMessage() {}
  terminate() {
    said.push("ended");
  }
  say(kind) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: { kind } }));
  }
}

const globals = {
  Worker,
  self: globalThis,
  localStorage: { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) },
  location: { reload: () => said.push("reloaded"), origin: "" },
  document: { URL: "", addEventListener() {} },
  navigator: {
    storage: { getDirectory: async () => ({ removeEntry: async (name) => said.push(`forgot ${name}`) }) },
    serviceWorker: new EventTarget(),
  },
};
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value });

mock.timers.enable({ apis: ["setTimeout"] });
const { wakePython } = await import(page);
wakePython();
for (const kind of news) worker.say(kind);
mock.timers.tick(Number(patience) - 1);
said.push("waited");
mock.timers.tick(1);
await new Promise(setImmediate);
console.log(JSON.stringify({ said, failures: kept.get("kaeru.restore-failures") ?? "" }));

// What was answered on a notification, in IndexedDB: kept until the app has taken it in, and told to the server as
// an event record as soon as there is a network, so that the other devices do not ring.
import * as rings from "./rings.js";
import * as vault from "./vault.js";
import { sealText } from "./sealing.js";

const DATABASE = "kaeru-answers";
const ANSWERS = "answers";
const SNOOZE_MS = 60 * 60 * 1000;
const PROTOCOL = { "kaeru-protocol": "1" };

/**
 * Note an answer. Stamped later than everything its reminder's planner knew, whatever this device's clock shows.
 * @param {"replied" | "snooze"} action
 * @param {Reminder} reminder
 */
export async function keepAnswer(action, reminder) {
  const now = Date.now();
  const clock = stampAfter(reminder.clock, now);
  const values = {
    item: reminder.item, action, at: new Date(now).toISOString(),
    until: action === "snooze" ? new Date(now + SNOOZE_MS).toISOString() : null,
  };
  /** @type {StampedFields} */
  const fields = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value, clock]]));
  await change((answers) => answers.put({ id: randomHex(16), group: reminder.tag, fields, told: false }));
}

/** What has not been taken in yet, as JSON: `[{id, fields}]`. */
export async function readAnswers() {
  return JSON.stringify((await all()).map(({ id, fields }) => ({ id, fields })));
}

/** Whether there is any: without reading one. */
export async function hasAnswers() {
  return (await inStore("readonly", (answers) => answers.count())) > 0;
}

/** Leave no answer on this device, and nothing of which reminders were shown. */
export async function dropReminders() {
  await Promise.all([vault.drop(DATABASE), rings.drop()]);
}

/**
 * The app has carried these out.
 * @param {string} ids as a JSON list
 */
export async function forgetAnswers(ids) {
  await change((answers) => {
    for (const id of /** @type {string[]} */ (JSON.parse(ids))) answers.delete(id);
  });
}

/**
 * Tell the server what it has not been told. Fails where it cannot be reached, and where it refuses the key that
 * this device seals with (another device changed it): the answer is kept, and the app hands it in once it has the
 * new key. To be repeated freely.
 */
export async function tellServer() {
  // The name before the key: the app writes them the other way round, so what is sealed with an old key is never
  // said to be sealed with a new one.
  const [name, token] = [await vault.read("key-name"), await vault.read("device-token")];
  const key = await vault.read("sealing-key");
  if (!token || !key) return;
  /** @type {Record<string, string>} */
  const headers = { ...PROTOCOL, "authorization": `Bearer ${new TextDecoder().decode(token)}` };
  if (name) headers["kaeru-key"] = new TextDecoder().decode(name);
  for (const answer of await all()) {
    if (answer.told) continue;
    const text = JSON.stringify({ kind: "event", v: 1, fields: answer.fields, gone: null });
    const event = { id: answer.id, base: 0, box: base64url(await sealText(key, `record:${answer.id}`, text)) };
    // The event first: a device that has it plans without this group.
    await ask("POST", "sync", headers, { cursor: null, changes: [event] });
    await ask("DELETE", `reminders/groups/${answer.group}`, headers);
    await change((answers) => {
      const kept = answers.get(answer.id);
      // The app may have taken it in meanwhile; it must not come back.
      kept.onsuccess = () => kept.result && answers.put({ ...kept.result, told: true });
      return kept;
    });
  }
}

/**
 * @param {"POST" | "DELETE"} method
 * @param {string} path below /api/v1/
 * @param {Record<string, string>} headers
 * @param {object} [body] sent as JSON
 */
async function ask(method, path, headers, body) {
  const response = await fetch(`/api/v1/${path}`, {
    method, headers: body ? { ...headers, "content-type": "application/json" } : headers,
    body: body && JSON.stringify(body), cache: "no-store", credentials: "omit", redirect: "error",
  });
  // Shut out, or the account is gone: there is nobody to tell. The app takes the answer in all the same.
  if (!response.ok && ![401, 403, 404].includes(response.status)) throw new Error(`${path}: ${response.status}`);
}

/**
 * A stamp of app/store/clock.py, of a node that stamps nothing else.
 * @param {string | undefined} known
 * @param {number} now milliseconds since 1970
 */
function stampAfter(known, now) {
  const [, milliseconds, counter] = /^(\d{13})-([0-9a-f]{4})-/.exec(known ?? "") ?? [];
  const isAhead = milliseconds !== undefined && Number(milliseconds) >= now;
  const carried = counter === "ffff" ? 1 : 0;
  const after = isAhead ? [Number(milliseconds) + carried, (parseInt(counter, 16) + 1) & 0xffff] : [now, 0];
  return `${String(after[0]).padStart(13, "0")}-${after[1].toString(16).padStart(4, "0")}-${randomHex(4)}`;
}

/** @param {number} bytes */
function randomHex(bytes) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {Bytes} bytes */
function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function all() {
  return inStore("readonly", (answers) => answers.getAll());
}

/** @param {(answers: Store<Answer>) => IDBRequest | void} action */
async function change(action) {
  await inStore("readwrite", action);
}

/** @type {StoreAccess<Answer>} */
const inStore = vault.stores(DATABASE, ANSWERS, { keyPath: "id" });

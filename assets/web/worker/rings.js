// Which reminders this device has shown and answered, so that a push that is late, or comes again, is not shown anew:
// whoever carries pushes could keep them and send them once more.
import * as vault from "./vault.js";

const DATABASE = "kaeru-rings";
const RINGS = "rings";
const DAY_MS = 24 * 60 * 60 * 1000;
// How far this device's clock may be off, and how long a push may be on its way.
const LATE_MS = 15 * 60 * 1000;
// Of no use any more, where the reminder does not say until when it is: devices of the first edition planned it.
const USEFUL_MS = DAY_MS;

/**
 * Whether a reminder is past, answered, or older than what was shown of the same thing since.
 * @param {Reminder} reminder
 * @param {number} now milliseconds since 1970
 */
export async function isOutdated(reminder, now = Date.now()) {
  const at = Date.parse(reminder.at ?? "");
  if (Number.isNaN(at)) return false; // asked for a moment ago, to see that it rings
  const until = Date.parse(reminder.until ?? "");
  if (now > (Number.isNaN(until) ? at + USEFUL_MS : until) + LATE_MS) return true;
  const known = await inStore("readonly", (rings) => rings.get(reminder.tag));
  return known !== undefined && (known.at > at || (known.answered && known.at === at));
}

/**
 * A reminder is shown, or was answered. What is long past is forgotten.
 * @param {Reminder} reminder
 * @param {{answered?: boolean}} options
 * @param {number} now milliseconds since 1970
 */
export async function note(reminder, { answered = false } = {}, now = Date.now()) {
  const at = Date.parse(reminder.at ?? "");
  if (Number.isNaN(at) || !reminder.tag) return;
  const until = Math.max(Date.parse(reminder.until ?? "") || 0, at + USEFUL_MS);
  const kept = await inStore("readonly", (rings) => rings.getAll());
  await inStore("readwrite", (rings) => {
    for (const ring of kept) if (now > ring.until + DAY_MS) rings.delete(ring.tag);
    const known = kept.find((ring) => ring.tag === reminder.tag);
    if (known && known.at > at) return undefined;
    const wasAnswered = known !== undefined && known.at === at && known.answered;
    return rings.put({ tag: reminder.tag, at, until, answered: answered || wasAnswered });
  });
}

/** Forget all of it. */
export async function drop() {
  await vault.drop(DATABASE);
}

/** @type {StoreAccess<Ring>} */
const inStore = vault.stores(DATABASE, RINGS, { keyPath: "tag" });

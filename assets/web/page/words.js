// The words of the cover, in the person's language: it speaks before Python runs, and when Python cannot.
import { recall, speak } from "./memory.js";

/** @type {Record<string, Record<string, string> | undefined>} */
let words = {}; // by language, then by English sentence

/** The language Python chose last, else the first of the browser's that Kaeru speaks, else English. */
function language() {
  const wanted = [recall("language"), ...navigator.languages];
  return wanted.map((tag) => tag?.split("-")[0].toLowerCase()).find((tag) => tag && Object.hasOwn(words, tag)) ?? "en";
}

/** Fetch the words; without them the cover speaks English. */
export async function loadWords() {
  try {
    const response = await fetch("/words.json");
    words = /** @type {typeof words} */ (await response.json());
  } catch {
    // No language is known but that of the code.
  }
  speak(language());
}

/**
 * A sentence in the person's language, with its {placeholders} filled in.
 * @param {string} text
 * @param {Record<string, string>} values
 */
export function _(text, values = {}) {
  const said = words[document.documentElement.lang]?.[text] ?? text;
  return said.replace(/\{(\w+)\}/g, (hole, /** @type {string} */ name) => values[name] ?? hole);
}

/**
 * Bytes as megabytes with one decimal, as the language writes numbers.
 * @param {number} bytes
 */
export function megabytes(bytes) {
  const style = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(bytes / 1e6);
}

// What a pairing link carried: address.js has put it aside, for as long as a start can begin anew.
const KEPT = "kaeru.pairing";

/** @returns {string} the pairing secret's text, or "old-link"; empty where no link was opened */
export function pairingText() {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

/** The app has it. */
export function forgetPairingText() {
  if (pairingText()) sessionStorage.removeItem(KEPT);
}

// A pairing link is /pair#<sync key>: what stands behind "#" is sent to no server. It must not stay in the address
// either, where it could be seen, shared or come back with "back".

/**
 * Take the key out of the address, which becomes that of the app's first screen.
 * @returns {string} the key's text, empty for any other address
 */
export function takePairingText() {
  const text = location.pathname === "/pair" ? location.hash.slice(1) : "";
  if (text) history.replaceState(null, "", "/");
  return text;
}

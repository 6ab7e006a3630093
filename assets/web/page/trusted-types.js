// The page's default Trusted Types policy: a script or worker has to be this origin's, and no text becomes HTML.
// Flutter assigns such text itself: it empties elements with `innerHTML = ""` and starts its worker by address.
// Its own policies, "flutter-js" and "flutter-engine", are named in the server's Content-Security-Policy.
globalThis.trustedTypes?.createPolicy("default", {
  createHTML(html) {
    if (html === "") return html;
    throw new TypeError("This page makes no HTML of text.");
  },
  createScriptURL(address) {
    if (new URL(address, document.baseURI).origin === location.origin) return address;
    throw new TypeError("This page runs no other origin's scripts.");
  },
});

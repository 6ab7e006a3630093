// The page's first script: takes what a pairing link carries out of the address before anything else runs. What
// stands behind "#" is sent to no server, but a browser may keep it in its history and in its session files, which
// may be synchronised. So a link of the first edition, whose "#" is followed by the sync key itself, is not used: of
// it only the mark "old-link" is kept, and the app tells the person (app/sync/pairing_secret.py).
(() => {
  const KEY_CHARACTERS = 56;
  if (!/^\/pair\/?$/.test(location.pathname)) return;
  let words = location.hash.slice(1);
  history.replaceState(null, "", "/");
  try {
    words = decodeURIComponent(words);
  } catch {
    // Not encoded: taken as it is.
  }
  const characters = words.replace(/[\s\u2010-\u2014-]/g, "");
  if (characters.length >= KEY_CHARACTERS) words = "old-link";
  try {
    // A reload may be what goes on, in the tab that takes over from another one. The secret works once, for minutes.
    if (words) sessionStorage.setItem("kaeru.pairing", words);
  } catch {
    // A browser that keeps nothing cannot run the app, and is told so.
  }
})();

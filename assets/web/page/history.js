// The browser's history as the app's stack of screens. Flutter adds an entry at each step, so that "back" after a
// form was saved would lead into the form again. Here a screen put on top adds an entry, a screen that takes
// another's place replaces it, and a return to a screen goes back to its entry.
const KEY = "kaeru-history";

/** Must run before Flutter first speaks to the history. */
export function keepHistory() {
  const add = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let { entries, at } = known() ?? { entries: [location.pathname], at: 0 };

  history.pushState = (/** @type {unknown} */ state, title, url) => {
    const path = pathOf(url);
    const earlier = entries.lastIndexOf(path, at);
    if (earlier === at) {
      replace(state, title, url);
    } else if (earlier >= 0) {
      // What Flutter is told then is where it already is.
      history.go(earlier - at);
    } else if (isOn(path, entries[at])) {
      add(state, title, url);
      note([...entries.slice(0, at + 1), path], at + 1);
    } else {
      replace(state, title, url);
      note([...entries.slice(0, at), path, ...entries.slice(at + 1)], at);
    }
  };
  history.replaceState = (/** @type {unknown} */ state, title, url) => {
    replace(state, title, url);
    if (url !== null && url !== undefined) note(entries.with(at, pathOf(url)), at);
  };
  addEventListener("popstate", () => {
    const path = location.pathname;
    // The nearer one, should an address stand there twice.
    const places = entries.flatMap((entry, index) => (entry === path ? [index] : []));
    const nearest = places.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at)).at(0);
    if (nearest === undefined) note([path], 0);
    else note(entries, nearest);
  });

  /**
   * @param {string[]} newEntries
   * @param {number} newAt
   */
  function note(newEntries, newAt) {
    entries = newEntries;
    at = newAt;
    sessionStorage.setItem(KEY, JSON.stringify({ entries, at }));
  }
}

/** What was noted before a reload, if it is about the place we are at. */
function known() {
  try {
    const text = sessionStorage.getItem(KEY) ?? "null";
    const kept = /** @type {{entries: string[], at: number} | null} */ (JSON.parse(text));
    return kept?.entries[kept.at] === location.pathname ? kept : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The path that an entry gets; without an address it keeps the page's.
 * @param {string | URL | null | undefined} url
 */
const pathOf = (url) => new URL(url ?? location.href, document.baseURI).pathname;

/**
 * Whether a screen's address is the other's with screens put on top; every place is on top of Today's.
 * @param {string} path
 * @param {string} base
 */
const isOn = (path, base) => path.startsWith(base.endsWith("/") ? base : `${base}/`);

// A reload or a closed tab would take along what is typed and not saved: the browser asks first, in its own words.
/** @param {BeforeUnloadEvent} event */
const ask = (event) => event.preventDefault();

/**
 * Python says whether there is something to lose.
 * @param {{unsaved: boolean}} told
 */
export function askBeforeLeaving({ unsaved }) {
  // Only while needed: pages that listen for this are not kept in memory by some browsers.
  if (unsaved) addEventListener("beforeunload", ask);
  else removeEventListener("beforeunload", ask);
}

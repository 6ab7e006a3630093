// One tab at a time: two would write two truths. The tab that holds this lock is the one that runs the app.
const LOCK = "kaeru";
// A page being reloaded lets go of the lock a moment after its successor has started.
const PATIENCE_MS = 700;
const TAKE_OVER = "kaeru.take-over";

/**
 * Become the running tab. Resolves to false when another tab runs the app and this one was not told to take over.
 * @param {() => void} onLost called when another tab takes over later
 */
export function becomeRunningTab(onLost) {
  const takeOver = sessionStorage.getItem(TAKE_OVER) !== null;
  sessionStorage.removeItem(TAKE_OVER);
  return new Promise((resolve) => {
    let held = false;
    const options = takeOver ? { steal: true } : { signal: AbortSignal.timeout(PATIENCE_MS) };
    const holding = navigator.locks.request(LOCK, options, () => {
      held = true;
      resolve(true);
      return new Promise(() => {}); // until this page goes away
    });
    holding.catch(() => (held ? onLost() : resolve(false)));
  });
}

/** Start this tab again, this time as the one that runs the app whatever the others do. */
export function takeOver() {
  sessionStorage.setItem(TAKE_OVER, "");
  location.reload();
}

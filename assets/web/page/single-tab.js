// One tab at a time: two would write two truths. The tab that holds this lock is the one that runs the app.
const LOCK = "kaeru";
// A page being reloaded lets go of the lock a moment after its successor has started. And a device that is busy may
// take longer than that to hand over a free one: so the lock is given up only while another tab really has it.
const PATIENCE_MS = 700;
const TAKE_OVER = "kaeru.take-over";

/**
 * Become the running tab. Resolves to false when another tab runs the app and this one was not told to take over.
 * @param {() => void} onLost called when another tab takes over later
 * @returns {Promise<boolean>}
 */
export function becomeRunningTab(onLost) {
  const steal = sessionStorage.getItem(TAKE_OVER) !== null;
  sessionStorage.removeItem(TAKE_OVER);
  return new Promise((resolve) => {
    let held = false;
    const stop = new AbortController();
    const holding = navigator.locks.request(LOCK, steal ? { steal } : { signal: stop.signal }, () => {
      held = true;
      resolve(true);
      return new Promise(() => {}); // until this page goes away
    });
    holding.catch(() => (held ? onLost() : resolve(false)));
    const look = async () => {
      const locks = await navigator.locks.query();
      if (held) return;
      // Too late for a lock that is ours by now: that request is over, and stopping it does nothing.
      if (locks.held?.some(({ name }) => name === LOCK)) stop.abort();
      else setTimeout(look, PATIENCE_MS);
    };
    setTimeout(look, PATIENCE_MS);
  });
}

/** Start this tab again, this time as the one that runs the app whatever the others do. */
export function takeOver() {
  sessionStorage.setItem(TAKE_OVER, "");
  location.reload();
}

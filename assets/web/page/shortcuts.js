// The app's shortcut of the search (app/ui/components/keys.py), which the browser would take for its own. Flet hears
// of a key, and does not say whether it is taken.
const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

export function keepShortcuts() {
  addEventListener("keydown", (event) => {
    const held = APPLE ? event.metaKey : event.ctrlKey;
    if (held && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") event.preventDefault();
  });
}

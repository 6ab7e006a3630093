// What the cover must know before Python runs: the chosen language and theme. A browser may refuse to keep it.
const PREFIX = "kaeru.";

export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Only the next cover's looks depend on it.
  }
}

/** Keep the app's look for the next start and wear it now; `theme` is "system", "light" or "dark". */
export function wear({ language, theme }) {
  remember("language", language);
  remember("theme", theme);
  document.documentElement.lang = language;
  document.documentElement.dataset.theme = theme;
}

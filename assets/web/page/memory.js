// What the page must know before Python runs: the chosen language and theme, and a glance of Today. A browser may
// refuse to keep it.
const PREFIX = "kaeru.";

/** @param {string} name */
export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/**
 * Keep a text, or with null none.
 * @param {string} name
 * @param {string | null} value
 */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Only what the next start shows first depends on it.
  }
}

/**
 * Keep the app's look for the next start and wear it now.
 * @param {{language: string, theme: "system" | "light" | "dark"}} look
 */
export function wear({ language, theme }) {
  remember("language", language);
  remember("theme", theme);
  speak(language);
  document.documentElement.dataset.theme = theme;
}

/**
 * Have the page in this language, and what the browser makes of its manifest: a description, the launcher's shortcuts.
 * @param {string} language
 */
export function speak(language) {
  document.documentElement.lang = language;
  const link = document.querySelector("link[rel=manifest]");
  const path = language === "en" ? "/manifest.webmanifest" : `/manifest.${language}.webmanifest`;
  if (link && link.getAttribute("href") !== path) link.setAttribute("href", path);
}

// Completes the DOM that Flutter makes of its semantics tree for screen readers, where neither Flutter nor Flet has
// a word for what is meant. docs/accessibility.md names the issue of each. The app marks a group by its identifier
// (`ft.Semantics(identifier=…)`); the engine writes an element's role once and again whenever its state changes.
const ROLES = new Set(["main", "navigation", "radiogroup"]);
const VIEWPORT = "width=device-width, initial-scale=1";

/** Complete what Flutter adds to the page, from now on. */
export function completeSemantics() {
  new MutationObserver(allowZoom).observe(document.head, { childList: true });
  new MutationObserver((changes) => changes.some(isOfSemantics) && complete()).observe(document.body, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["role", "flt-semantics-identifier"],
  });
}

/** Flutter forbids zooming (flutter/flutter#122127). */
function allowZoom() {
  const meta = document.querySelector("meta[flt-viewport]");
  if (meta instanceof HTMLMetaElement && meta.content !== VIEWPORT) meta.content = VIEWPORT;
}

/** @param {MutationRecord} change to an element: of its children or attributes */
function isOfSemantics(change) {
  const target = /** @type {Element} */ (change.target);
  return target.closest("flt-semantics-host") !== null || target.querySelector("flt-semantics-host") !== null;
}

function complete() {
  const host = document.querySelector("flt-semantics-host");
  if (!host) return;
  for (const element of host.querySelectorAll("[flt-semantics-identifier]")) {
    const role = element.getAttribute("flt-semantics-identifier");
    if (role === "dialog") completeDialog(element);
    else if (role === "tab-group") completeTabGroup(element);
    else if (role !== null && ROLES.has(role)) give(element, role);
  }
  // A chip is a checkbox to Flutter, also where only one can be chosen (flutter/flutter#60249).
  for (const chip of host.querySelectorAll("[flt-semantics-identifier=radiogroup] [role=checkbox]")) give(chip, "radio");
  // A screen on a phone: the element around its title and all below. On a desktop the app marks it.
  const marked = host.querySelector("[flt-semantics-identifier=main]");
  for (const screen of host.querySelectorAll("[aria-describedby]:is(:not([role]), [role=main])")) {
    if (!marked && screen.querySelector("h1")) give(screen, "main");
    else if (screen !== marked) screen.removeAttribute("role");
  }
}

/**
 * A group for the Tab key alone: to Flutter it, or the element around it, is a group of radio buttons.
 * @param {Element} element
 */
function completeTabGroup(element) {
  const around = element.parentElement?.closest("[role=radiogroup]");
  if (around && !around.hasAttribute("flt-semantics-identifier")) give(around, "group");
  give(element, "group");
}

/**
 * A sheet from below: Flutter names the element around it and what dismisses it, and leaves out what it is.
 * @param {Element} content
 */
function completeDialog(content) {
  const sheet = content.parentElement?.closest("[aria-label]:not([role]), [role=dialog]") ?? content;
  give(sheet, "dialog");
  sheet.setAttribute("aria-modal", "true");
  const title = content.querySelector("h2");
  if (title) sheet.setAttribute("aria-labelledby", title.id);
}

/**
 * @param {Element} element
 * @param {string} role
 */
function give(element, role) {
  if (element.getAttribute("role") !== role) element.setAttribute("role", role);
}

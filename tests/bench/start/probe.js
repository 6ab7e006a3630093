// Runs in the page before anything of its own: notes when what a person waits for is on screen, in milliseconds
// since the navigation began, and taps the first control the moment it is there. `expected` is in words.
(expected) => {
  const seen = {};
  const isControl = (element) =>
    element.getAttribute("role") === "tab" && element.getAttribute("aria-label") === expected.control;
  // What is waited for, in this order; each is looked for once the one before is on screen.
  /** @type {[name: string, isIt: (element: Element) => boolean][]} */
  const steps = [
    ["content", (element) => wordsOf(element).includes(expected.content)],
    ["control", isControl],
    ["answer", (element) => element.localName === "h2" && wordsOf(element) === expected.answer],
  ];
  const afterPaint = new MessageChannel();
  let painted = () => {};
  afterPaint.port1.onmessage = () => painted();

  globalThis.startSeen = new Promise((resolve) => {
    const look = () => {
      // Flutter puts what it draws into the DOM from then on, as it does for a screen reader.
      /** @type {HTMLElement | null} */ (document.querySelector("flt-semantics-placeholder"))?.click();
      const [name, isIt] = steps[0];
      const elements = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("body *"));
      const found = [...elements].find((element) => isIt(element) && isOnTop(element));
      if (!found) {
        requestAnimationFrame(look);
        return;
      }
      steps.shift();
      // This frame is about to be painted; the message arrives right after.
      painted = () => {
        seen[name] = performance.now();
        if (name === "control") found.click();
        if (steps.length) {
          requestAnimationFrame(look);
          return;
        }
        const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
        resolve({ ...seen, arrived: navigation.type });
      };
      afterPaint.port2.postMessage(null);
    };
    requestAnimationFrame(look);
  });

  /** What an element says by itself, not through its children. */
  function wordsOf(element) {
    const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data);
    return element.getAttribute("aria-label") ?? own.join("");
  }

  /** Whether a finger on the middle of it would meet it: nothing covers it, and it may be touched. */
  function isOnTop(element) {
    const { left, top, width, height } = element.getBoundingClientRect();
    const met = document.elementFromPoint(left + width / 2, top + height / 2);
    return Boolean(met?.closest("body > *")) && (element.contains(met) || met.contains(element));
  }
}

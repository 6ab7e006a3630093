// A spare Python that never runs the app: it imports everything, is photographed for later starts, and is gone.
import { startPython, takeSnapshot } from "./runtime.js";
import { dropSnapshot, keepSnapshot } from "./snapshot.js";

// They stand for those that python-worker.js has.
const MODULES = {
  flet_js: {}, kaeru_page: {}, kaeru_sealing: {}, kaeru_hpke: {}, kaeru_vault: {}, kaeru_answers: {},
};

try {
  const pyodide = await startPython(MODULES, { makesSnapshot: true });
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const device = JSON.stringify([navigator.languages, timeZone ?? "UTC"]);
  pyodide.runPython(`from app.ui.warm import warm_up; warm_up(*${device})`);
  await keepSnapshot(takeSnapshot(pyodide, MODULES));
  self.postMessage("kept");
} catch (error) {
  await dropSnapshot();
  throw error;
}

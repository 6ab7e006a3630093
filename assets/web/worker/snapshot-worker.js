// A spare Python that never runs the app: it imports everything, is photographed for later starts, and is gone.
import { startPython } from "./runtime.js";
import { dropSnapshot, keepSnapshot } from "./snapshot.js";

try {
  const pyodide = await startPython({ makesSnapshot: true });
  pyodide.runPython("from app.ui.warm import warm_up; warm_up()");
  await keepSnapshot(pyodide.makeMemorySnapshot());
  self.postMessage({ kept: true });
} catch (error) {
  await dropSnapshot();
  self.postMessage({ kept: false, details: String(error.stack ?? error) });
}

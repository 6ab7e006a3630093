// The bench in a browser, where the app runs too: the packaged Python in a worker, its database in OPFS.
// Told the bench's own modules by path and a line of Python, it answers with what that line is worth.
const { origin } = location;

self.addEventListener("message", ({ data: { modules, code } }) => {
  run(modules, code).then(
    (result) => self.postMessage({ result }),
    (error) => self.postMessage({ error: String(error.stack ?? error) }),
  );
});

self.postMessage("ready");

async function run(modules, code) {
  const paths = ["worker/runtime.js", "worker/opfs.js", "worker/sealing.js"];
  const [{ startPython }, { mountHandles, openHandles }, sealing] = await Promise.all(
    paths.map((path) => import(`${origin}/${path}`)),
  );
  const standIns = { flet_js: {}, kaeru_page: {}, kaeru_sealing: sealing, kaeru_vault: {}, kaeru_answers: {} };
  const pyodide = await startPython(standIns);
  mountHandles(pyodide.FS, "/data", await openHandles());
  for (const [path, source] of Object.entries(modules)) {
    pyodide.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    pyodide.FS.writeFile(path, source);
  }
  return pyodide.runPythonAsync(code);
}

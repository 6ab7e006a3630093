// The bench in a browser, where the app runs too: the packaged Python in a worker, its database in OPFS.
// Told the bench's own modules by path and a line of Python, it answers with what that line is worth.
const { origin } = location;

self.addEventListener("message", async ({ data: { modules, code } }) => {
  try {
    self.postMessage({ result: await run(modules, code) });
  } catch (error) {
    self.postMessage({ error: String(error.stack ?? error) });
  }
});

async function run(modules, code) {
  const paths = ["worker/archive.js", "worker/opfs.js", "pyodide/pyodide.mjs", "worker/sealing.js"];
  const [{ unpack }, { mountHandles, openHandles }, { loadPyodide }, sealing] = await Promise.all(
    paths.map((path) => import(`${origin}/${path}`)),
  );
  const pyodide = await loadPyodide({ indexURL: `${origin}/pyodide/`, env: { PYDANTIC_DISABLE_PLUGINS: "__all__" } });
  mountHandles(pyodide.FS, "/data", await openHandles());
  for (const name of ["app", "packages"]) {
    const response = await fetch(`${origin}/${name}.zip`);
    unpack(pyodide.FS, new Uint8Array(await response.arrayBuffer()), `/${name}`);
  }
  for (const [path, source] of Object.entries(modules)) {
    pyodide.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    pyodide.FS.writeFile(path, source);
  }
  pyodide.registerJsModule("kaeru_sealing", sealing);
  return pyodide.runPythonAsync(code);
}

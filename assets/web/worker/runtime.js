// Python's runtime with the packages and the app in it: started the ordinary way, or out of a snapshot, the
// memory of a Python that had imported everything already.
import { fetchBytes, unpack, unpackLater, writeLater } from "./archive.js";
import createModule from "/pyodide/pyodide.asm.mjs";
import { loadPyodide } from "/pyodide/pyodide.mjs";

const RUNTIME = `${self.location.origin}/pyodide/`;
const STANDARD_LIBRARY = "/lib/python314.zip";
// Where each archive is unpacked. The app's own folder is laid out like the repository.
const ARCHIVES = { "/packages": "/packages.zip", "/app": "/app.zip" };
// Native modules, by their place in /packages. They are loaded before Python starts and in this order, so that they
// lie at the same addresses in every start: a snapshot holds those addresses.
export const NATIVE_MODULES = ["msgpack/_cmsgpack", "pydantic_core/_pydantic_core"];
const NATIVE_SUFFIX = ".cpython-314-wasm32-emscripten.so";

const SETTINGS = {
  indexURL: RUNTIME,
  env: {
    PYDANTIC_DISABLE_PLUGINS: "__all__", // it would look through every package for them
    PYTHONDONTWRITEBYTECODE: "1", // nothing would read it again
  },
};

/**
 * Start Python the ordinary way, with every file in its place.
 * @param {{makesSnapshot?: boolean}} options whether `makeMemorySnapshot` will be asked for
 */
export async function startPython({ makesSnapshot = false } = {}) {
  const [pyodide, ...archives] = await Promise.all([
    loadPyodide({ ...SETTINGS, _makeSnapshot: makesSnapshot, createPyodideModule: await moduleMaker() }),
    ...Object.values(ARCHIVES).map(fetchBytes),
  ]);
  Object.keys(ARCHIVES).forEach((folder, index) => unpack(pyodide.FS, archives[index], folder));
  pyodide.FS.chdir("/app");
  pyodide.runPython(`import sys; sys.path[:0] = ["/app", "/packages"]`);
  return pyodide;
}

/**
 * Start Python out of a snapshot. Its files are there, but read only if something looks for one.
 * @param {import("./snapshot.js").OpenSnapshot} snapshot
 */
export async function restorePython(snapshot) {
  const restore = (module) => {
    if (module.HEAPU8.length < snapshot.memorySize) module.growMemory(snapshot.memorySize);
    snapshot.readMemory(module.HEAPU8.subarray(0, snapshot.memorySize));
  };
  const pyodide = await loadPyodide({
    ...SETTINGS, stdLibURL: "data:,", _loadSnapshot: snapshot.head, createPyodideModule: await moduleMaker(restore),
  });
  const { FS, _module: module } = pyodide;
  writeLater(FS, "/pyodide/python_stdlib.zip", STANDARD_LIBRARY);
  for (const [folder, url] of Object.entries(ARCHIVES)) unpackLater(FS, url, folder);
  FS.chdir("/app");
  // Chance must not repeat itself. `secrets`, `uuid4` and `os.urandom` ask the browser each time.
  module._sqlite3_randomness(0, 0);
  pyodide.runPython("import random; random.seed()");
  return pyodide;
}

/** Pyodide's `createPyodideModule`: native modules first, then what `complete` does to the bare runtime. */
async function moduleMaker(complete = () => {}) {
  const compiled = await Promise.all(
    NATIVE_MODULES.map((name) => WebAssembly.compileStreaming(fetch(`/native/${name}.wasm`))),
  );
  return async (settings) => {
    settings.preRun.push((module) => compiled.forEach((native, index) => {
      const path = `/packages/${NATIVE_MODULES[index]}${NATIVE_SUFFIX}`;
      const flags = { global: false, nodelete: true, loadAsync: false };
      module.preloadedWasm[path] = module.loadWebAssemblyModule(native, flags, path, {});
      module.loadDynamicLibrary(path, flags);
    }));
    const module = await createModule(settings);
    complete(module);
    return module;
  };
}

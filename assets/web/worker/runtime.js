// Python's runtime with the packages and the app in it: started the ordinary way, or out of a snapshot, the
// memory of a Python that had imported everything already.
import { fetchBytes, unpack, unpackLater, writeLater } from "./archive.js";
import { NATIVE_SUFFIX, STANDARD_LIBRARY } from "./release.js";
import createModule from "/pyodide/pyodide.asm.mjs";
import { loadPyodide } from "/pyodide/pyodide.mjs";

const RUNTIME = `${self.location.origin}/pyodide/`;
// Where each archive is unpacked. The app's own folder is laid out like the repository.
const ARCHIVES = { "/packages": "/packages.zip", "/app": "/app.zip" };
// Native modules, by their place in /packages. They are loaded before Python starts and in this order, so that they
// lie at the same addresses in every start: a snapshot holds those addresses.
const NATIVE_MODULES = ["msgpack/_cmsgpack", "pydantic_core/_pydantic_core"];

const SETTINGS = {
  indexURL: RUNTIME,
  env: {
    PYDANTIC_DISABLE_PLUGINS: "__all__", // it would look through every package for them
    PYTHONDONTWRITEBYTECODE: "1", // nothing would read it again
  },
};

// Importing is most of the work of a start. main.py itself runs when there is a screen to connect to.
const IMPORT_APP = `
import sys
sys.path[:0] = ["/app", "/packages"]
import app.ui.app, app.platform.web, flet.messaging.pyodide_connection
with open("/app/main.py", encoding="utf-8") as file:
    main = compile(file.read(), file.name, "exec")
`;

/** @typedef {Record<string, object>} Modules */

/**
 * Start Python the ordinary way, with every file in its place and the app imported.
 * @param {Modules} modules what Python can import of ours, by name
 * @param {{makesSnapshot?: boolean}} options whether `takeSnapshot` will be asked for
 */
export async function startPython(modules, { makesSnapshot = false } = {}) {
  const [pyodide, ...archives] = await Promise.all([
    loadPyodide({ ...SETTINGS, _makeSnapshot: makesSnapshot, createPyodideModule: moduleMaker() }),
    ...Object.values(ARCHIVES).map(fetchBytes),
  ]);
  Object.keys(ARCHIVES).forEach((folder, index) => unpack(pyodide.FS, archives[index], folder));
  pyodide.FS.chdir("/app");
  for (const [name, module] of Object.entries(modules)) pyodide.registerJsModule(name, module);
  pyodide.runPython(IMPORT_APP);
  return pyodide;
}

/**
 * The memory of a Python that was started for it.
 * @param {Pyodide} pyodide
 * @param {Modules} modules as it was given then
 */
export function takeSnapshot(pyodide, modules) {
  return pyodide.makeMemorySnapshot({
    serializer(object) {
      const name = Object.keys(modules).find((each) => modules[each] === object);
      if (!name) throw new Error(`Python holds on to something of the browser's: ${String(object)}`);
      return name;
    },
  });
}

/**
 * Start Python out of a snapshot. Its files are there, but read only if something looks for one.
 * @param {import("./snapshot.js").OpenSnapshot} snapshot
 * @param {Modules} modules by the names they had when the snapshot was taken
 */
export async function restorePython(snapshot, modules) {
  /** @param {PythonModule} module */
  const restore = (module) => {
    if (module.HEAPU8.length < snapshot.memorySize) module.growMemory(snapshot.memorySize);
    snapshot.readMemory(module.HEAPU8.subarray(0, snapshot.memorySize));
  };
  const pyodide = await loadPyodide({
    ...SETTINGS,
    stdLibURL: import.meta.url, // any small file: the library is put in its place below, to be read when needed
    _loadSnapshot: snapshot.head,
    _snapshotDeserializer: (name) => modules[name],
    createPyodideModule: moduleMaker(restore),
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

/**
 * Run main.py, which starts the Flet app.
 * @param {Pyodide} pyodide
 */
export function runApp(pyodide) {
  pyodide.runPython(`exec(main, {"__name__": "__main__"})`);
}

/**
 * Pyodide's `createPyodideModule`: native modules first, then what `complete` does to the bare runtime.
 * @param {(module: PythonModule) => void} complete
 * @returns {CreatePythonModule}
 */
function moduleMaker(complete = () => {}) {
  const compiled = Promise.all(
    NATIVE_MODULES.map((name) => WebAssembly.compileStreaming(fetch(`/native/${name}.wasm`))),
  );
  return async (settings) => {
    const natives = await compiled;
    settings.preRun.push((module) => natives.forEach((native, index) => {
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

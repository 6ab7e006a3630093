// Runs compiler.py in Pyodide: a file of Python source comes in, one of its byte code goes out. See bytecode.py.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [runtime, library, compiler, source, compiled, folder] = process.argv.slice(2);
try {
  const { loadPyodide } = await import(pathToFileURL(join(runtime, "pyodide.mjs")).href);
  const pyodide = await loadPyodide({
    indexURL: runtime,
    stdLibURL: library,
    env: {
      PYTHONHASHSEED: "0", // the order of a set decides about bytes
      PYTHONNODEBUGRANGES: "1", // columns: for marks under a source line that will not be there
    },
  });
  pyodide.runPython(readFileSync(compiler, "utf8"));
  const compile = pyodide.globals.get("compile_archive");
  const sources = pyodide.toPy(new Uint8Array(readFileSync(source)));
  writeFileSync(compiled, compile(sources, folder).toJs());
} catch (error) {
  // Node itself would show a line of Pyodide's with it: a megabyte.
  console.error(error.message);
  process.exitCode = 1;
}

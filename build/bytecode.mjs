// Runs compiler.py in Pyodide: an archive of Python source comes in, one of its byte code goes out. See bytecode.py.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const [runtime, library, compiler, folder] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(runtime, "pyodide.mjs")));
const pyodide = await loadPyodide({
  indexURL: runtime,
  stdLibURL: library,
  env: {
    PYTHONHASHSEED: "0", // the order of a set decides about bytes
    PYTHONNODEBUGRANGES: "1", // columns: for marks under a source line that will not be there
  },
});
try {
  pyodide.runPython(readFileSync(compiler, "utf8"));
  const compile = pyodide.globals.get("compile_archive");
  const sources = pyodide.toPy(new Uint8Array(await buffer(process.stdin)));
  process.stdout.write(compile(sources.tobytes(), folder).toJs());
} catch (error) {
  // Node would show a line of Pyodide's with it: a megabyte.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

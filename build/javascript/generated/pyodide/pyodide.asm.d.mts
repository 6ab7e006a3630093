// Comes from flet-web; see ../../types/pyodide.d.ts.
declare const createModule: CreatePythonModule;
export default createModule;

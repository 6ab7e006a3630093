// Comes from flet-web; see ../../types/pyodide.d.ts.
export function loadPyodide(settings: PyodideSettings): Promise<Pyodide>;

// The module that build/release.py writes beside assets/web/worker.

/** Identifies the Python runtime, the packages and the app together. */
export const PYTHON: string;
/** Whether this release makes and uses snapshots of Python's memory. */
export const SNAPSHOTS: boolean;
/** The address of Python's standard library. */
export const STANDARD_LIBRARY: string;
/** How the file name of a native module ends. */
export const NATIVE_SUFFIX: string;

"""The browser's Python: Pyodide as the pinned flet-web carries it. The only place that names its versions.

tests/build/test_web_client.py holds this against the installed flet-web.
"""

VERSION = (3, 14)
ABI = "2026_0"  # of Pyodide: wheels with native code are published for it

_DIGITS = "".join(map(str, VERSION))

# Pip's options for the wheels that it can import.
WHEELS = (
    "--only-binary=:all:",
    "--implementation", "cp",
    "--python-version", ".".join(map(str, VERSION)),
    "--abi", f"cp{_DIGITS}", "--abi", "abi3", "--abi", "none",
    "--platform", f"pyemscripten_{ABI}_wasm32",
)  # fmt: skip
# How it names native modules.
NATIVE = f".cpython-{_DIGITS}-wasm32-emscripten.so"
# Where it finds its standard library.
STANDARD_LIBRARY = f"/lib/python{_DIGITS}.zip"

"""The server: it serves the packaged PWA and, from the next version on, syncs and rings a person's devices."""

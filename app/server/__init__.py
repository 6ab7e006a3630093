"""The server: it serves the packaged app to browsers."""

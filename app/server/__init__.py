"""The server: the packaged app, the sync API and the reminder dispatcher."""

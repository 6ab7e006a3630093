"""A client of the sync protocol, written from docs/protocol.md alone: nothing here imports from `app`."""

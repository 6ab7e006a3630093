"""The sync screens: setup, pairing, status, devices and leaving."""

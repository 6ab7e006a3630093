"""Sync of a user's devices through a server that only stores encrypted records."""

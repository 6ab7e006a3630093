"""Today: one list in order of what is due first."""

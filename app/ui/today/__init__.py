"""Today: one list, ordered by due time."""

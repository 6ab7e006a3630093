"""When the database cannot be opened."""

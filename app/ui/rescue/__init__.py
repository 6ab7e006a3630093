"""The rescue screen for a database that cannot be opened."""

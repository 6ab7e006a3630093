"""Settings and the user’s data."""

"""Domain rules: pure functions of entities and `now`. This package imports nothing else from the app."""

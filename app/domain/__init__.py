"""The rules of Kaeru: pure functions of entities and `now`. Imports nothing else of the app."""

"""Measures what must feel instant, on far more data than one person has: `python -m tests.bench`."""

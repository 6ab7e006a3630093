"""Measures how long a start takes, beside the stock layout and a floor: `python -m tests.bench.start`."""

"""Trust in numbers, and what raises it."""

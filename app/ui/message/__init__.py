"""A message: its page, its form, and what can be done with it."""

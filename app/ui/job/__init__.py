"""A job: its page and its form."""

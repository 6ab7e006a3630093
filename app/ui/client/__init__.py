"""A client: its page and its form."""

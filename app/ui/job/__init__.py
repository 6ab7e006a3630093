"""Jobs: list, screen and form."""

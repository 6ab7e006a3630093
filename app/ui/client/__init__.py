"""Clients: list, screen and form."""

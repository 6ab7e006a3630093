"""Does once, without a screen, what every start does, so that a snapshot of Python's memory has it behind it."""

import app.ui.app


def warm_up() -> None:
    """Import the app."""

"""The boundary ladder of a client: its screen and the last two steps."""

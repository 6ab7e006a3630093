"""The boundary ladder of a client: its page, and the form for what was agreed."""

"""Everything that waits for a client's answer."""

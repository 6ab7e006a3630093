"""A status sent to a client before being asked."""

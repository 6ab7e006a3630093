"""Status updates sent to a client unasked."""

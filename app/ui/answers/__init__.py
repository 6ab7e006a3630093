"""What an incoming message or call may be the answer to."""

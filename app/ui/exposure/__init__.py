"""Work delivered and not paid for: its page, and the question before more is delivered."""

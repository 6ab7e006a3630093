"""The device's own database: every read, every write, and what sync will need of them."""

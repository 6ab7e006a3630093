"""The device's local database: reading, writing, and the metadata that sync needs."""

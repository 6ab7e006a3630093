"""Finding anything that was written: messages, calls, jobs, clients, updates, own texts."""

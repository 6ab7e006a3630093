"""Full-text search in messages, calls, jobs, clients, updates and the user's own texts."""

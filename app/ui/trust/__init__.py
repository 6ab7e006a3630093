"""The trust metrics, and advice for improving them."""

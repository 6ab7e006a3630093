"""Messages: screen, form and acknowledgement."""

"""Reminders on this device: wording, permission, settings."""

"""Reminders as a person meets them: worded, asked for, shown on this device."""

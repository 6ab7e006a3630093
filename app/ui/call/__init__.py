"""Calls: taken, missed or voicemail."""

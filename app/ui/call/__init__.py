"""A call: taken, missed or voicemail."""

"""Delivered, unpaid work: its screen, and the confirmation before more is delivered."""

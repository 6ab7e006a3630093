"""Hypothesis without time limits: these tests share their processor with others."""

from hypothesis import settings

settings.register_profile("kaeru", deadline=None, print_blob=True)
settings.load_profile("kaeru")

"""Kaeru: reply in time, go home on time. The version is written here and nowhere else."""

__version__ = "0.1.0"

"""The Flet screens, in declarative style: one folder per screen; `components/` holds shared parts."""

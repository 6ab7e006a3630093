"""The screens: Flet, declarative. A folder a screen; `components/` holds what they share."""

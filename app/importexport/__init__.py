"""Import from and export to files of other programs. Converts text only; does not use the store."""

"""Calendar and spreadsheet files, out and in."""

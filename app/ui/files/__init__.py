"""Import and export of calendar and spreadsheet files."""

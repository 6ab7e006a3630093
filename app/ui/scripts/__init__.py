"""Scripts and checklists."""

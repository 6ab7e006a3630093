"""The weeks ahead: planned work, what no longer fits, and free capacity."""

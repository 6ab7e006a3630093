"""The weeks ahead: what is to be done when, what no longer fits, and whether there is room for more."""

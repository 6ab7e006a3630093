"""Several devices in step: started, joined, watched over and left."""

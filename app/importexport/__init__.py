"""Files for other programs, and from them: text in, text out. Nothing here reads or writes the store."""

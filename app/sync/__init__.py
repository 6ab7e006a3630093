"""All of a person's devices in step, through a server that cannot read a word of what it keeps."""

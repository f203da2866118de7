"""Every read of more than a line; each says how many statements it takes."""

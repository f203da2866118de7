"""Every read of the front door; each says how many statements it takes. Nothing here writes."""

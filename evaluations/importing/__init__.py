"""Files of pollsters: read with suspicion, signed, taken whole or not at all, and the same file once (P7)."""

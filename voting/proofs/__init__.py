"""What makes the count checkable by a stranger: the Merkle tree, its signed heads, and the published files."""

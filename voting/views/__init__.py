"""Pages: the ballot, receipts, the result, the proofs, and the desk that counts paper."""

from voting.views import batches, desk, proofs, receipt, result, vote

__all__ = ["batches", "desk", "proofs", "receipt", "result", "vote"]

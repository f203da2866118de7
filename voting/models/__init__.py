"""The vote: who has voted, what was voted, and nothing that joins the two."""

from voting.models.ballot import Ballot, Head, Leaf, Poll, Rewriting
from voting.models.paper import KeyedSheet, PaperBatch, PaperSheet, Stubs
from voting.models.roll import EligibleVoter, RollEntry, RollImport

__all__ = [
    "Ballot",
    "EligibleVoter",
    "Head",
    "KeyedSheet",
    "Leaf",
    "PaperBatch",
    "PaperSheet",
    "Poll",
    "Rewriting",
    "RollEntry",
    "RollImport",
    "Stubs",
]

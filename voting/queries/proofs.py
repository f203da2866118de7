"""What is published to check a vote with: the files, and the proof for one receipt."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from voting.heads import as_text, tree_over
from voting.models import Ballot, Head, Leaf, Poll
from voting.proofs import published, signing
from voting.proofs.merkle import Tree

CHUNK = 5_000


def heads(poll: Poll) -> QuerySet[Head]:
    """The heads, oldest first."""
    return Head.objects.filter(edition_id=poll.pk).order_by("seq")


def head_lines(poll: Poll) -> Iterator[str]:
    """The lines of ``heads.jsonl``."""
    for head in heads(poll):
        yield published.head_line(as_text(poll.edition, head), head.signature, head.consistency) + "\n"


def leaf_lines(poll: Poll) -> Iterator[str]:
    """The lines of ``leaves.txt``: every commitment in its place."""
    leaves = Leaf.objects.filter(edition_id=poll.pk).order_by("position").values_list("commitment", flat=True)
    for commitment in leaves.iterator(chunk_size=CHUNK):
        yield commitment + "\n"


def ballot_lines(poll: Poll) -> Iterator[str]:
    """The lines of ``ballots.csv``, in the order of the random ids."""
    ballots = Ballot.objects.filter(edition_id=poll.pk).order_by("id").values_list("id", "marks")
    rows = ((str(pk), chosen) for pk, chosen in ballots.iterator(chunk_size=CHUNK))
    for line in published.ballot_lines(rows):
        yield line + "\n"


@dataclass(frozen=True)
class Inclusion:
    """The proof that a commitment stands in the tree of a head."""

    code: str
    index: int
    path: list[str]
    head: Head
    edition: int

    @property
    def as_json(self) -> dict[str, Any]:
        """The proof as a file: all a verifier of RFC 9162 needs."""
        return {
            "edition": self.edition,
            "code": self.code,
            "index": self.index,
            "size": self.head.size,
            "path": self.path,
            "root": self.head.root,
            "head": published.canonical(self.signed_head),
            "signature": self.head.signature,
            "public_key": signing.public_key(),
        }

    @property
    def signed_head(self) -> dict[str, Any]:
        return asdict(as_text(self.head.edition, self.head))


def inclusion(poll: Poll, code: str) -> Inclusion | None:
    """The proof for a receipt code or its beginning against the newest head; None while it is in no tree."""
    leaf = Leaf.objects.filter(edition_id=poll.pk, commitment__startswith=code).first()
    head = heads(poll).select_related("edition").last()
    if leaf is None or head is None:
        return None
    path = [step.hex() for step in _tree(poll.pk, head.size).inclusion_path(leaf.position)]
    return Inclusion(leaf.commitment, leaf.position, path, head, poll.edition.year)


def is_waiting(poll: Poll, code: str) -> bool:
    """Whether a ballot with this code is recorded and enters the tree with the next batch."""
    return Ballot.objects.filter(edition_id=poll.pk, commitment__startswith=code).exists()


def elsewhere(poll: Poll, code: str) -> int | None:
    """The year of another vote of which this is a receipt; a statement or two for each of the others."""
    for other in Poll.objects.exclude(pk=poll.pk).select_related("edition"):
        if is_waiting(other, code) or Leaf.objects.filter(edition_id=other.pk, commitment__startswith=code).exists():
            return other.edition.year
    return None


@lru_cache(maxsize=2)
def _tree(edition: int, size: int) -> Tree:
    """The tree over the first commitments. They never change, so what was worked out once is never wrong."""
    leaves = Leaf.objects.filter(edition_id=edition, position__lt=size).order_by("position")
    return tree_over(leaves.values_list("commitment", flat=True))

"""A signed head as it is published, and the tree it stands for."""

from collections.abc import Iterable

from annual_projects.models import Edition
from voting.models import Head
from voting.proofs import published
from voting.proofs.merkle import Tree, leaf_hash
from voting.proofs.published import HeadText


def tree_over(commitments: Iterable[str]) -> Tree:
    """The tree over commitments in their order."""
    return Tree([leaf_hash(bytes.fromhex(commitment)) for commitment in commitments])


def as_text(edition: Edition, head: Head) -> HeadText:
    """A head as it is signed and published."""
    return HeadText(
        edition=edition.year,
        seq=head.seq,
        at=published.moment(head.at),
        size=head.size,
        online=head.online,
        paper=head.paper,
        stubs=head.stubs,
        root=head.root,
        previous=head.previous,
        state=head.state,
    )

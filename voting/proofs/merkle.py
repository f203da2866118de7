"""The Merkle tree of RFC 6962 (the same in RFC 9162, section 2.1), over SHA-256. Pure; nothing here knows a ballot.

A leaf is hashed as SHA-256(0x00 ‖ entry), an inner node as SHA-256(0x01 ‖ left ‖ right), the empty tree as SHA-256("").
``docs/decisions/merkle.md`` says why these lines are ours.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from hashlib import sha256

Hash = bytes
EMPTY = sha256(b"").digest()


def leaf_hash(entry: bytes) -> Hash:
    """The hash of one entry of the list."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """The hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """All levels of the tree over a list of leaf hashes: ``levels[0]`` the leaves, the last one the root alone."""

    def __init__(self, leaves: Sequence[Hash]) -> None:
        self.size = len(leaves)
        self.levels: list[Sequence[Hash]] = [leaves]
        while len(self.levels[-1]) > 1:
            self.levels.append(_parents(self.levels[-1]))

    @property
    def root(self) -> Hash:
        return self.levels[-1][0] if self.size else EMPTY

    def inclusion_path(self, index: int) -> list[Hash]:
        """The siblings from the leaf at ``index`` (from 0) up to the root: PATH(m, D[n]).

        Raises: IndexError when there is no such leaf.
        """
        if not 0 <= index < self.size:
            raise IndexError(f"no leaf {index} in a tree of {self.size}")
        path = []
        for level in self.levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            index >>= 1
        return path

    def consistency_path(self, earlier: int) -> list[Hash]:
        """What proves that the first ``earlier`` leaves are still the first: PROOF(m, D[n]).

        Raises: ValueError unless 0 < earlier <= size.
        """
        if not 0 < earlier <= self.size:
            raise ValueError(f"no tree of {earlier} within one of {self.size}")
        return self._subproof(earlier, 0, self.size, is_known=True)

    def _subproof(self, earlier: int, start: int, size: int, *, is_known: bool) -> list[Hash]:
        if earlier == size:
            return [] if is_known else [self._subtree(start, size)]
        left = _split(size)
        if earlier <= left:
            return [
                *self._subproof(earlier, start, left, is_known=is_known),
                self._subtree(start + left, size - left),
            ]
        rest = self._subproof(earlier - left, start + left, size - left, is_known=False)
        return [*rest, self._subtree(start, left)]

    def _subtree(self, start: int, size: int) -> Hash:
        """The hash of ``size`` leaves from ``start``: a subtree of this tree, so it stands in one of the levels."""
        height = (size - 1).bit_length()
        return self.levels[height][start >> height]


def prefix_roots(leaves: Iterable[Hash], sizes: Iterable[int]) -> dict[int, Hash]:
    """The root over the first n leaves, for each n of ``sizes``, in one pass: a fortnight has two thousand heads."""
    wanted, roots = set(sizes), {0: EMPTY}
    stack: list[tuple[int, Hash]] = []  # whole subtrees from left to right, with the number of their leaves
    for size, leaf in enumerate(leaves, start=1):
        stack.append((1, leaf))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (width, right), (_same, left) = stack.pop(), stack.pop()
            stack.append((2 * width, node_hash(left, right)))
        if size in wanted:
            roots[size] = reduce(lambda root, left: node_hash(left[1], root), stack[-2::-1], stack[-1][1])
    return roots


def _parents(level: Sequence[Hash]) -> list[Hash]:
    """The level above; a node without a sibling goes up as it is."""
    pairs = zip(level[::2], level[1::2], strict=False)
    parents = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return [*parents, level[-1]] if len(level) % 2 else parents


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def verify_inclusion(leaf: Hash, index: int, size: int, path: Sequence[Hash], root: Hash) -> bool:
    """Whether ``path`` leads from the leaf at ``index`` to ``root``. Source: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            digest = node_hash(sibling, digest)
            while place & 1 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and digest == root


def verify_consistency(earlier: int, earlier_root: Hash, size: int, root: Hash, path: Sequence[Hash]) -> bool:
    """Whether the tree of ``size`` begins with the one of ``earlier``. Source: RFC 9162, section 2.1.4.2."""
    if earlier == size:
        return not path and earlier_root == root
    if not 0 < earlier < size or not path:
        return False
    nodes = [earlier_root, *path] if earlier & (earlier - 1) == 0 else list(path)
    place, last = earlier - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while place & 1 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, node)
        place, last = place >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root

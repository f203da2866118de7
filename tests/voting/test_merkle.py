"""The tree against the vectors of Certificate Transparency, a published implementation, and what must fail."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from voting.proofs.merkle import (
    EMPTY,
    Tree,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

# The eight entries and the roots over the first n of them, as the reference implementation of RFC 6962 tests them.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def test_the_roots_are_those_of_the_rfc():
    assert [Tree(LEAVES[:size]).root.hex() for size in range(1, 9)] == ROOTS
    assert Tree([]).root == EMPTY == sha256(b"").digest()


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, ["96a296d2", "5f083f0a", "6b47aaf2"]),
        (5, 8, ["bc1a0643", "ca854ea1", "d37ee418"]),
        (2, 3, ["fac54203"]),
        (1, 5, ["6e340b9c", "5f083f0a", "bc1a0643"]),
    ],
)
def test_inclusion_paths_are_those_of_the_rfc(index, size, path):
    assert [node.hex()[:8] for node in Tree(LEAVES[:size]).inclusion_path(index)] == path


@pytest.mark.parametrize(
    ("earlier", "size", "path"),
    [
        (1, 1, []),
        (1, 8, ["96a296d2", "5f083f0a", "6b47aaf2"]),
        (6, 8, ["0ebc5d34", "ca854ea1", "d37ee418"]),
        (2, 5, ["5f083f0a", "bc1a0643"]),
    ],
)
def test_consistency_paths_are_those_of_the_rfc(earlier, size, path):
    assert [node.hex()[:8] for node in Tree(LEAVES[:size]).consistency_path(earlier)] == path


def test_a_published_implementation_agrees_on_roots_and_paths():
    published = InmemoryTree(algorithm="sha256")
    for size in range(1, 70):
        published.append_entry(str(size - 1).encode())
        ours = Tree(leaves(size))
        assert ours.root == published.get_root()
        for index in range(size):
            path = published.prove_inclusion(index + 1).path
            assert [ours.levels[0][index], *ours.inclusion_path(index)] == path


sizes = st.integers(1, 300)


@settings(max_examples=60, deadline=None)
@given(size=sizes, data=st.data())
def test_every_leaf_is_proved_and_no_other(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = Tree(leaves(size))
    path = tree.inclusion_path(index)
    leaf = tree.levels[0][index]
    assert verify_inclusion(leaf, index, size, path, tree.root)
    assert not verify_inclusion(leaf_hash(b"another"), index, size, path, tree.root)
    assert not verify_inclusion(leaf, index, size, path, leaf_hash(b"another"))
    assert not verify_inclusion(leaf, index, size, [*path, EMPTY], tree.root)
    assert not path or not verify_inclusion(leaf, index, size, path[:-1], tree.root)
    other = data.draw(st.integers(0, size - 1))
    assert other == index or not verify_inclusion(leaf, other, size, path, tree.root)


@settings(max_examples=60, deadline=None)
@given(size=sizes, data=st.data())
def test_a_grown_tree_is_proved_to_begin_with_the_earlier_one(size, data):
    earlier = data.draw(st.integers(1, size))
    before, after = Tree(leaves(earlier)), Tree(leaves(size))
    path = after.consistency_path(earlier)
    assert verify_consistency(earlier, before.root, size, after.root, path)
    changed = Tree([leaf_hash(b"changed"), *leaves(earlier)[1:]])
    assert not verify_consistency(earlier, changed.root, size, after.root, path)
    assert not verify_consistency(earlier, before.root, size, after.root, [*path, EMPTY])
    assert not path or not verify_consistency(earlier, before.root, size, after.root, path[1:])


def test_a_leaf_cannot_pass_for_a_node():
    left, right = leaves(2)
    assert leaf_hash(left + right) != node_hash(left, right)


def test_what_does_not_exist_is_not_proved():
    tree = Tree(leaves(3))
    with pytest.raises(IndexError):
        tree.inclusion_path(3)
    with pytest.raises(ValueError, match="no tree of 4"):
        tree.consistency_path(4)
    assert not verify_inclusion(tree.levels[0][0], 3, 3, [], tree.root)
    assert not verify_consistency(0, EMPTY, 3, tree.root, [])
    assert not verify_consistency(4, tree.root, 3, tree.root, [EMPTY])

"""Counting, ranking and the draw: known answers, and what must hold of any election."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting import marks, tally

SECRET, ROOT = "a" * 64, "b" * 64


def ranked(votes, winners=2, ballots=100, secret=SECRET, root=ROOT):
    return tally.rank(votes, ballots=ballots, winners=winners, secret=secret, root=root)


def test_a_small_election_by_hand():
    votes = tally.count([(1, 2), (2, 3), (2, 4)], [1, 2, 3, 4])
    assert votes == {1: 1, 2: 3, 3: 1, 4: 1}
    first, *others = ranked(votes, winners=1, ballots=3)
    assert (first.number, first.votes, first.share, first.rank, first.won, first.drawn) == (
        2,
        3,
        10_000,
        1,
        True,
        False,
    )
    assert [(line.rank, line.share, line.won) for line in others] == [(2, 3_333, False)] * 3


def test_a_choice_that_is_no_candidate_is_not_counted_silently():
    with pytest.raises(ValueError, match="99"):
        tally.count([(1, 99)], [1, 2])


def test_the_lot_is_the_published_formula():
    assert tally.lot(SECRET, ROOT, 7) == sha256(f"{SECRET}:{ROOT}:7".encode()).hexdigest()
    assert tally.commitment(SECRET) == sha256(SECRET.encode()).hexdigest()


def test_a_tie_at_the_cut_is_decided_by_the_smallest_lot():
    lots = {number: tally.lot(SECRET, ROOT, number) for number in (2, 3, 4)}
    winner = min(lots, key=lots.__getitem__)
    lines = ranked({1: 9, 2: 5, 3: 5, 4: 5, 5: 1})
    assert [line.number for line in lines if line.won] == [1, winner]
    assert {line.number for line in lines if line.drawn} == {2, 3, 4}


def test_a_tie_away_from_the_cut_decides_nothing():
    assert not any(line.drawn for line in ranked({1: 9, 2: 9, 3: 5, 4: 5}))


def test_nobody_who_knows_the_secret_alone_knows_the_draw():
    tied = dict.fromkeys(range(1, 21), 5)
    orders = {tuple(line.number for line in ranked(tied, root=f"{root:064x}")) for root in range(20)}
    assert len(orders) == 20


def test_more_places_than_candidates():
    assert all(line.won for line in ranked({1: 3, 2: 0}, winners=10))


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(0, 0, 0), (1, 3, 3_333), (2, 3, 6_667), (1, 20_000, 1), (1, 20_001, 0), (5, 5, 10_000)],
)
def test_shares_are_rounded_half_up(part, whole, share):
    assert tally.share(part, whole) == share


ballots = st.lists(st.sets(st.integers(1, 20), min_size=10, max_size=10), max_size=40)


@given(ballots, st.integers(1, 19), st.randoms())
def test_the_order_of_the_ballots_never_matters(cast, winners, chance):
    numbers = range(1, 21)
    votes = tally.count(cast, numbers)
    chance.shuffle(cast)
    assert tally.count(cast, numbers) == votes
    assert sum(votes.values()) == 10 * len(cast)
    lines = ranked(votes, winners, len(cast))
    assert sum(line.won for line in lines) == winners
    assert min(line.votes for line in lines if line.won) >= max(line.votes for line in lines if not line.won)
    assert [line.votes for line in lines] == sorted(votes.values(), reverse=True)


@given(st.sets(st.integers(1, marks.MOST_CANDIDATES)))
def test_marks_hold_the_choices(numbers):
    assert marks.unpack(marks.pack(numbers)) == tuple(sorted(numbers))
    assert 0 <= marks.pack(numbers) < 2**63


@pytest.mark.parametrize("number", [0, -1, marks.MOST_CANDIDATES + 1])
def test_marks_refuse_what_does_not_fit(number):
    with pytest.raises(ValueError, match="candidate number"):
        marks.pack([number])

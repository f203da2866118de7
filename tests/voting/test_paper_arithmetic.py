"""Serials, what clerks type, two keyings beside each other, the balance."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from voting import paper
from voting.paper import Balance, Difference, Sheet


def test_serials_are_never_the_same_and_read_back_however_they_are_written():
    serials = {paper.new_serial() for _ in range(500)}
    assert len(serials) == 500
    for serial in serials:
        assert paper.read_serial(f" {paper.spaced(serial).lower()} ") == serial


def test_letters_that_look_like_digits_are_read_as_digits():
    serial = next(made for made in iter(paper.new_serial, "") if "0" in made and "1" in made)
    assert paper.read_serial(serial.replace("0", "O").replace("1", "l")) == serial


@given(st.integers(0, 7), st.sampled_from(paper.ALPHABET))
def test_one_wrong_character_shows(place, other):
    serial = paper.new_serial()
    assume(serial[place] != other)
    assert paper.read_serial(serial[:place] + other + serial[place + 1 :]) == ""


@pytest.mark.parametrize("typed", ["", "ABC", "K7QM-3XW4-1", "票票票票票票票票"])
def test_what_cannot_be_a_serial_is_none(typed):
    assert paper.read_serial(typed) == ""


@pytest.mark.parametrize(
    ("typed", "choices"),
    [
        ("acf", (1, 3, 6)),
        ("F C A", (1, 3, 6)),
        ("1 3 6", (1, 3, 6)),
        ("６,３、1", (1, 3, 6)),
        ("ＡＣ", (1, 3)),
        ("", ()),
        ("20", (20,)),
        ("a 20", (1, 20)),
    ],
)
def test_keys_and_numbers_are_read(typed, choices):
    assert paper.read_choices(typed, 20) == choices


@pytest.mark.parametrize(
    ("typed", "token"), [("AZ", "Z"), ("21", "21"), ("AA", "A"), ("1 A", "1"), ("0", "0"), ("A!", "!")]
)
def test_what_stands_for_nobody_is_named(typed, token):
    with pytest.raises(paper.Unreadable) as refused:
        paper.read_choices(typed, 20)
    assert refused.value.token == token


def test_every_candidate_has_a_key_that_reads_back():
    assert [paper.read_choices(paper.key_of(number), 40) for number in range(1, 41)] == [(n,) for n in range(1, 41)]


def test_two_keyings_differ_only_where_they_differ():
    first = {"A": Sheet((1, 2)), "B": Sheet((1, 3)), "C": Sheet((), "blank"), "D": Sheet((4,))}
    second = {"A": Sheet((1, 2)), "B": Sheet((1, 4)), "C": Sheet((), "unclear"), "E": Sheet((4,))}
    assert paper.compare(first, second) == [
        Difference("B", Sheet((1, 3)), Sheet((1, 4))),
        Difference("C", Sheet((), "blank"), Sheet((), "unclear")),
        Difference("D", Sheet((4,)), None),
        Difference("E", None, Sheet((4,))),
    ]
    assert paper.compare(first, first) == []


counts = st.integers(0, 1000)


@given(counts, counts, counts, counts)
def test_the_balance_holds_exactly_when_nothing_is_open(returned, spoiled, unreturned, missing):
    balance = Balance(returned + spoiled + unreturned + missing, returned, spoiled, unreturned)
    assert balance.open == missing
    assert balance.balances is (missing == 0)
    assert (balance + balance).open == 2 * missing

"""Known accounts vote by their pages and on paper: in the whole database and in Valkey nothing leads to a ballot."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import identity
from accounts.models import User
from core import audit
from tests.voting.conftest import check_deferred, end, id_number, raw, voter
from tests.voting.test_pages import RECEIPT, give
from tests.voting.test_paper import give_paper, read
from voting import marks, services, voters
from voting.models import Ballot, PaperSheet, Poll

pytestmark = pytest.mark.usefixtures("in_english")

MARK = re.compile(r"(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]{12,}")  # identifiers, digests, sealed bytes
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
BALLOTS = ("voting_ballot", "voting_leaf")
ONLINE, ON_PAPER = 10, 3


@dataclass(frozen=True)
class Row:
    """A row of a table or a key of Valkey, as text, in the order in which it lies there."""

    table: str
    text: str

    @property
    def marks(self) -> set[str]:
        """What in it could stand elsewhere and mean the same; a UUID without its dashes."""
        bare = re.sub(
            r"\b([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\b", r"\1\2\3\4\5", self.text
        )
        return set(MARK.findall(re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.+Z]+", " ", bare.replace("\\x", " "))))

    @property
    def seconds(self) -> set[str]:
        """The moments in it, to the second."""
        return {moment.replace("T", " ") for moment in MOMENT.findall(self.text)}


def everything() -> list[Row]:
    """All columns of all rows of all tables, sessions as who can read would, and all keys of Valkey with values."""
    kept = []
    for table in connection.introspection.table_names():
        kept += [Row(table, text) for (text,) in raw(f'SELECT row_to_json(t)::text FROM "{table}" t ORDER BY ctid')]
    kept += [Row("django_session", f"{one.session_key} {one.get_decoded()}") for one in Session.objects.all()]
    redis = cache._cache.get_client(None)
    reading = {b"string": redis.get, b"list": lambda key: redis.lrange(key, 0, -1), b"set": redis.smembers}
    reading |= {b"hash": redis.hgetall, b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True)}
    return kept + [Row("valkey", f"{key} {reading[redis.type(key)](key)}") for key in redis.scan_iter("*")]


def reached_from(start: Iterable[Row], rows: list[Row]) -> set[Row]:
    """The rows that share an identifier or digest with one of these, or with one that is reached so, and so on."""
    holding = defaultdict(list)
    for row in rows:
        for mark in row.marks:
            holding[mark].append(row)
    reached, waiting = set(), list(start)
    while waiting:
        row = waiting.pop()
        if row not in reached:
            reached.add(row)
            waiting += [other for mark in row.marks for other in holding[mark]]
    return reached


def names_of(person: User, poll: Poll) -> list[str]:
    """What stands for a person: as who has all the keys of the house could work it out."""
    on_roll = voters.on_roll(poll.edition, person.id_fingerprint)
    return [person.username, person.phone_fingerprint, person.id_fingerprint, on_roll]


def of_accounts(people: list[User], poll: Poll, rows: list[Row]) -> list[Row]:
    """The rows that name one of the people, by any name or by the number of the account."""
    plain = "|".join(name for person in people for name in names_of(person, poll))
    numbers = "|".join(str(person.pk) for person in people)
    named = re.compile(rf"{plain}|user(?:_id)?\W+(?:{numbers})\b")
    return [row for row in rows if named.search(row.text)]


def joined(people: list[User], poll: Poll) -> list[str]:
    """By what a ballot is reached from an account: tables with a row in common, and seconds on both sides."""
    rows = everything()
    near_people = reached_from(of_accounts(people, poll, rows), rows)
    near_ballots = reached_from([row for row in rows if row.table in BALLOTS], rows)
    seconds = {second for row in near_people for second in row.seconds}
    in_common = {row.table for row in near_people & near_ballots}
    return sorted(in_common | {second for row in near_ballots for second in row.seconds & seconds})


def in_the_order_of_voting(people: list[User], poll: Poll) -> list[str]:
    """The tables in which lines of the roll or ballots lie as these people voted, one after the other."""
    turns = {voters.on_roll(poll.edition, person.id_fingerprint): turn for turn, person in enumerate(people)}
    chosen = {marks.pack(choices(turn)): turn for turn in range(len(people))}
    turn_of = {one.commitment: chosen[one.marks] for one in Ballot.objects.all() if one.marks in chosen}
    told = {
        "roll": [turns.get(key) for (key,) in raw("SELECT fingerprint FROM voting_rollentry ORDER BY ctid")],
        "ballots": [turn_of.get(code) for (code,) in raw("SELECT commitment FROM voting_ballot ORDER BY ctid")],
        "record": [turn_of.get(code) for (code,) in raw("SELECT commitment FROM voting_leaf ORDER BY position")],
        "record as it lies": [turn_of.get(code) for (code,) in raw("SELECT commitment FROM voting_leaf ORDER BY ctid")],
        "ids": [turn_of.get(code) for (code,) in raw("SELECT commitment FROM voting_ballot ORDER BY id")],
    }
    order = list(range(len(people)))
    return [name for name, turns_there in told.items() if [turn for turn in turns_there if turn is not None] == order]


def choices(turn: int) -> tuple[int, ...]:
    """What the one whose turn it is chooses: nobody else does."""
    return (1 + turn, 11, 12)


@dataclass
class Voted:
    poll: Poll
    online: list[User]
    paper: list[User]

    @property
    def all(self) -> list[User]:
        return self.online + self.paper


def vote_by_page(person: User, chosen: tuple[int, ...]) -> Any:
    """Sign in, choose, look, give, and read the receipt."""
    browser = Client()
    browser.force_login(person)
    assert give(browser, chosen, county="330502", age_band="3").status_code == 303
    assert browser.get(RECEIPT).status_code == 200
    return browser


@pytest.fixture
def voted(city, poll) -> Voted:
    """Ten people vote in a browser one after the other, three known ones are given paper; voting goes on."""
    online = [voter() for _ in range(ONLINE)]
    paper = [voter() for _ in range(ON_PAPER)]
    for number, person in enumerate(paper, start=1):
        person.id_fingerprint = identity.read(id_number(number)).fingerprint
        person.save()
    services.issue(poll, unit=city.yuehe, count=ON_PAPER, by=city.triage)
    services.rewrite()  # fresh files: rows that an earlier test left behind make no room between these
    for turn, person in enumerate(online):
        vote_by_page(person, choices(turn))
    for number in range(1, ON_PAPER + 1):
        give_paper(poll, id_number(number), city.officer)
    check_deferred()
    return Voted(poll, online, paper)


@pytest.fixture
def counted(voted, city) -> Voted:
    """Voting has ended, the paper is read, the count is complete and published."""
    voted.poll = end(voted.poll)
    sheets = list(PaperSheet.objects.filter(edition=voted.poll.edition).order_by("pk"))
    batch = services.open_batch(voted.poll, unit=city.yuehe, declared=ON_PAPER, by=city.officer)
    for clerk in (city.officer, city.officer2):
        batch = read(batch, clerk, sheets, choices=[(1, 2, 3), (4, 5, 6), (7, 8, 9)])
    services.close_batch(batch, by=city.admin)
    voted.poll = services.publish(services.close(voted.poll, by=city.admin), by=city.admin)
    check_deferred()
    return voted


# --- identifiers, digests, seconds ------------------------------------------------------------------------------------


def test_while_people_vote_no_row_and_no_key_leads_from_an_account_to_a_ballot(voted):
    rows = everything()
    found = {row.table for row in of_accounts(voted.all, voted.poll, rows)}
    assert found >= {"accounts_user", "voting_rollentry", "django_session"}, "what is looked for is there"
    assert sum(row.table == "voting_ballot" for row in rows) == ONLINE
    assert joined(voted.all, voted.poll) == []


def test_nor_when_the_paper_is_read_and_the_result_is_published(counted):
    assert Ballot.objects.count() == ONLINE + ON_PAPER
    assert joined(counted.all, counted.poll) == []


def test_an_entry_that_names_both_is_found(voted):
    audit.record("a.control", Ballot.objects.first(), by=voted.online[0])
    assert "core_auditentry" in joined(voted.all, voted.poll)


def test_a_digest_that_two_tables_keep_is_found_over_a_third(voted):
    """The account's line leads to an event, the event to the ballot: no two of them name both."""
    digest = "0f" * 32
    audit.record("a.control", voted.online[0], by=voted.online[0], form=digest)
    audit.record("a.control", voted.poll, form=digest, code=Ballot.objects.first().commitment)
    assert "core_auditentry" in joined(voted.all, voted.poll)


def test_a_key_of_valkey_that_names_both_is_found(voted):
    cache.set(f"voted:{voted.online[3].username}", Ballot.objects.first().commitment, 60)
    assert "valkey" in joined(voted.all, voted.poll)


def test_a_column_that_both_tables_have_is_found(city, poll):
    """What a careless migration would bring: the time of casting on either side."""
    for table in ("voting_rollentry", "voting_ballot"):
        raw(f"ALTER TABLE {table} ADD COLUMN cast_at timestamptz DEFAULT clock_timestamp()")
    person = voter()
    vote_by_page(person, (1, 2, 3))
    check_deferred()
    seconds = joined([person], poll)
    assert [second[:10] for second in seconds] == [f"{timezone.now():%Y-%m-%d}"] * len(seconds) != []


# --- order ------------------------------------------------------------------------------------------------------------


def test_until_the_night_rows_lie_in_the_order_of_voting_and_the_search_sees_it(voted):
    """The limit that docs/voting.md tells: who reads the disk of that day."""
    assert in_the_order_of_voting(voted.online, voted.poll) == ["roll", "ballots"]


def test_after_it_they_do_not(voted):
    services.rewrite()
    check_deferred()
    assert in_the_order_of_voting(voted.online, voted.poll) == []
    assert raw("SELECT count(DISTINCT xmin::text) FROM voting_ballot") == [(1,)]
    assert raw("SELECT count(DISTINCT xmin::text) FROM voting_rollentry") == [(1,)]


def test_nor_does_the_record_when_the_count_is_complete(counted):
    assert in_the_order_of_voting(counted.online, counted.poll) == []

"""P4, P5 and P8 are kept by the database: each guard refuses, and without it the bad thing happens and is found."""

import threading
from datetime import timedelta

import pgtrigger
import pytest
from django.db import IntegrityError, connections, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from annual_projects.models import Edition
from annual_projects.states import Phase
from core import promises
from core.errors import WrongState
from tests import factories
from tests.voting.conftest import check_deferred, end, make_poll, move, raw, vote, voter
from voting import heads, marks, receipts, services
from voting.errors import AlreadyVoted, NotOpen
from voting.models import Ballot, Head, Leaf, Rewriting, RollEntry
from voting.services import sealing

FINGERPRINT = "f" * 64
PUT_STUB = """
    INSERT INTO voting_stubs (edition_id, unit_id, clerk_id, written)
    SELECT %s, m.unit_id, m.user_id, 1 FROM directory_membership m WHERE m.role = 'officer' ORDER BY m.id LIMIT 1
"""


def broken(number: str) -> list[str]:
    return [violation.check for violation in promises.violations() if violation.promise == number]


def put_entry(poll, fingerprint=FINGERPRINT, channel="online", day=None):
    if channel == "paper":
        with pgtrigger.ignore("voting.Stubs:have_sheets"):
            raw(PUT_STUB, poll.pk)
    raw(
        "INSERT INTO voting_rollentry (edition_id, fingerprint, channel, day) VALUES (%s, %s, %s, %s)",
        poll.pk,
        fingerprint,
        channel,
        day or timezone.localdate(),
    )


def put_ballot(poll, choices=(1, 2, 3), channel="online", receipt=None, edition=None):
    receipt = receipt or receipts.new_receipt(choices)
    raw(
        "INSERT INTO voting_ballot (id, edition_id, marks, nonce, commitment, channel, county)"
        " VALUES (%s, %s, %s, %s, %s, %s, '')",
        receipt.ballot_id,
        edition or poll.pk,
        receipts.bits(receipt),
        receipt.nonce,
        receipt.code,
        channel,
    )


# --- P4: once, together, in time ----------------------------------------------------------------------------------


def test_a_person_stands_on_the_roll_once_by_any_channel(poll):
    put_entry(poll, channel="paper")
    with pytest.raises(IntegrityError, match="voting_rollentry_pkey"), transaction.atomic():
        put_entry(poll, channel="online")


def test_without_the_key_of_the_roll_they_could_vote_twice_and_the_check_would_say_so(poll):
    person = voter()
    vote(poll, person)
    check_deferred()
    raw("ALTER TABLE voting_rollentry DROP CONSTRAINT voting_rollentry_pkey")
    vote(poll, person)
    assert Ballot.objects.count() == 2
    assert broken("P4") == ["No fingerprint stands on the roll of an edition twice, by whatever channel."]


def test_a_ballot_without_its_entry_is_refused(poll):
    with pytest.raises(IntegrityError, match="without its entry"), transaction.atomic():
        put_ballot(poll)


def test_an_entry_without_its_ballot_is_refused_at_commit(poll):
    with pytest.raises(IntegrityError, match="written together"), transaction.atomic():
        put_entry(poll)
        check_deferred()


def test_two_ballots_for_one_entry_are_refused(poll):
    with pytest.raises(IntegrityError, match="without its entry"), transaction.atomic():
        put_entry(poll)
        put_ballot(poll)
        put_ballot(poll)


def test_without_these_guards_it_would_be_so_and_the_check_would_say_so(poll):
    with pgtrigger.ignore("voting.Ballot:ballot_is_valid"):
        put_ballot(poll)
    assert broken("P4") == [
        "There are as many online ballots as online entries of the roll, and no more paper ballots than stubs."
    ]


def test_an_entry_that_lost_its_ballot_is_found(poll):
    with pgtrigger.ignore("voting.RollEntry:entry_carries_a_ballot"):
        put_entry(poll)
        check_deferred()
    assert len(broken("P4")) == 1


def stuff(poll, count=5):
    """Ballots of nobody, past the setting that pairs ballots and roll while they are written."""
    raw("SELECT set_config('voting.unpaired', %s, true)", str(count))
    for _ in range(count):
        put_ballot(poll)


def lose_one(poll):
    """Somebody on the roll whose ballot never came."""
    raw("SELECT set_config('voting.unpaired', '-1', true)")
    put_entry(poll)


@pytest.mark.parametrize("tamper", [stuff, lose_one])
def test_ballots_without_voters_never_become_part_of_the_record(poll, city, tamper):
    for _ in range(20):
        vote(poll)
    tamper(poll)
    check_deferred()
    for seal in (services.seal_batch, lambda poll: services.end_voting(end(poll))):
        with pytest.raises(IntegrityError, match="as many online ballots as people"), transaction.atomic():
            seal(poll)
    with pytest.raises(WrongState), transaction.atomic():
        services.close(end(poll), by=city.admin)
    assert not Head.objects.exists()
    assert not Leaf.objects.exists()
    assert len(broken("P4")) == 1


@pytest.mark.parametrize("tamper", [stuff, lose_one])
def test_without_that_guard_they_would_be_signed_and_the_check_would_say_so(poll, tamper):
    for _ in range(20):
        vote(poll)
    tamper(poll)
    with pgtrigger.ignore("voting.Head:heads_hold_votes_of_people"):
        assert services.seal_batch(poll).size == Ballot.objects.count()
    assert len(broken("P4")) == 1


def test_a_head_does_not_claim_more_votes_than_people(poll):
    with pytest.raises(IntegrityError, match="as many online ballots as people"), transaction.atomic():
        raw("INSERT INTO voting_leaf (edition_id, position, commitment) VALUES (%s, 0, repeat('a', 64))", poll.pk)
        sealing.sign(
            poll.edition,
            heads.tree_over(["a" * 64]),
            None,
            at=timezone.now(),
            online=1,
            paper=0,
            stubs=0,
            state="open",
        )


@pytest.mark.django_db(transaction=True)
def test_while_people_vote_every_head_still_finds_both_rows_of_each(monkeypatch):
    city = factories.city()
    poll = make_poll(city)
    monkeypatch.setattr(sealing, "PAUSE", timedelta(0))
    people = [voter() for _ in range(120)]

    def storm(part):
        for person in part:
            vote(poll, person)
        connections.close_all()

    threads = [threading.Thread(target=storm, args=(people[n::3],)) for n in range(3)]
    [thread.start() for thread in threads]
    while any(thread.is_alive() for thread in threads):
        services.seal_batch(poll)
    services.seal_batch(poll)
    assert Head.objects.count() > 0
    assert broken("P4") == []


LATE = [
    {"voting_closes": timezone.now() - timedelta(milliseconds=50)},
    {"voting_opens": timezone.now() + timedelta(hours=1)},
    {"phase": Phase.RESULT},
    {"phase": Phase.PUBLIC_NOTICE},
]


@pytest.mark.parametrize("when", LATE)
def test_raw_sql_cannot_vote_out_of_time(poll, when):
    poll = move(poll, **when)
    with pytest.raises(IntegrityError, match="while voting is open"), transaction.atomic():
        put_entry(poll)
    with pytest.raises(IntegrityError, match="while voting is open"), transaction.atomic():
        with pgtrigger.ignore("voting.RollEntry:votes_in_time"):
            put_entry(poll)
        raw("SELECT set_config('voting.unpaired', '1', true)")
        put_ballot(poll)


@pytest.mark.parametrize("when", LATE)
def test_without_these_guards_a_vote_out_of_time_would_be_taken(poll, when):
    poll = move(poll, **when)
    with pgtrigger.ignore(
        "voting.RollEntry:votes_in_time", "voting.RollEntry:entry_carries_a_ballot", "voting.Ballot:ballot_is_valid"
    ):
        vote(poll)
        check_deferred()
    assert Ballot.objects.count() == RollEntry.objects.count() == 1


def while_it_closes(poll):
    put_entry(poll)
    put_ballot(poll)
    with pgtrigger.ignore("annual_projects.Edition:frozen_edition_stands"):
        Edition.objects.update(voting_closes=timezone.now() - timedelta(milliseconds=1))


def test_a_vote_that_is_still_being_written_at_the_close_is_refused_at_commit(poll):
    with pytest.raises(IntegrityError, match="closed while"), transaction.atomic():
        while_it_closes(poll)
        check_deferred()


def test_without_that_last_look_it_would_be_taken_after_the_close(poll):
    with transaction.atomic():
        while_it_closes(poll)
        with pgtrigger.ignore("voting.RollEntry:entry_carries_a_ballot"):
            check_deferred()
    assert Ballot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_in_the_last_moment_a_vote_counts_or_is_refused_and_nothing_between():
    city = factories.city()
    poll = make_poll(city)
    people = [voter() for _ in range(40)]
    poll = move(poll, voting_closes=timezone.now() + timedelta(milliseconds=400))
    taken, refused = [], []

    def storm(part):
        for person in part:
            try:
                taken.append(vote(poll, person).code)
            except NotOpen:
                refused.append(person)
        connections.close_all()

    threads = [threading.Thread(target=storm, args=(people[n::4],)) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join(300) for thread in threads]
    while not refused:
        storm([voter()])
    assert set(Ballot.objects.values_list("commitment", flat=True)) == set(taken)
    assert RollEntry.objects.count() == len(taken)


@pytest.mark.parametrize(
    ("choices", "says"), [((1, 2), "too few"), ((1, 2, 3, 4), "too few or too many"), ((1, 2, 13), "not on the ballot")]
)
def test_raw_sql_cannot_put_in_a_wrong_ballot(poll, choices, says):
    with pytest.raises(IntegrityError, match=says), transaction.atomic():
        put_entry(poll)
        put_ballot(poll, choices)


def test_without_the_guard_a_wrong_ballot_would_be_found(poll):
    with pgtrigger.ignore():
        put_entry(poll)
        put_ballot(poll, (1, 2, 13))
        check_deferred()
    assert broken("P4") == ["Every ballot names so many different candidates of its edition as the edition allows."]


def test_paper_ballots_need_people_who_were_given_one(poll):
    put_entry(poll, "a" * 64, channel="paper")
    put_ballot(poll, channel="paper")
    with pytest.raises(IntegrityError, match="more paper ballots"), transaction.atomic():
        put_ballot(poll, channel="paper")


def test_without_the_guard_paper_would_be_stuffed_and_the_check_would_say_so(poll):
    put_entry(poll, "a" * 64, channel="paper")
    put_ballot(poll, channel="paper")
    with pgtrigger.ignore("voting.Ballot:ballot_is_valid"):
        put_ballot(poll, channel="paper")
    assert any("no more paper ballots than stubs" in check for check in broken("P4"))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE voting_ballot SET marks = 7",
        "DELETE FROM voting_ballot",
        "TRUNCATE voting_ballot",
        "UPDATE voting_rollentry SET channel = 'paper'",
        "DELETE FROM voting_rollentry",
        "TRUNCATE voting_rollentry",
        "UPDATE voting_leaf SET position = 5",
        "DELETE FROM voting_head",
        "UPDATE voting_poll SET candidates = 1",
        "DELETE FROM voting_poll",
        "TRUNCATE voting_rewriting",
    ],
)
def test_nothing_is_changed_or_removed(poll, sql):
    for _ in range(20):
        vote(poll)
    services.seal_batch(poll)
    with pytest.raises(DatabaseError), transaction.atomic():
        raw(sql)


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_the_same_instant_are_one_vote():
    city = factories.city()
    poll, person = make_poll(city), None
    person = voter()
    outcomes = []
    start = threading.Barrier(6)

    def device(choices):
        start.wait(10)
        try:
            outcomes.append(vote(poll, person, choices).choices)
        except AlreadyVoted as told:
            outcomes.append(told.channel)
        connections.close_all()

    threads = [threading.Thread(target=device, args=((n + 1, n + 2, n + 3),)) for n in range(6)]
    [thread.start() for thread in threads]
    [thread.join(300) for thread in threads]
    assert len([outcome for outcome in outcomes if isinstance(outcome, tuple)]) == 1
    assert outcomes.count("online") == 5
    assert Ballot.objects.count() == RollEntry.objects.count() == 1


# --- P5: nothing joins person and ballot --------------------------------------------------------------------------


def joined_by_transaction() -> int:
    """How many people an insider could pair with a ballot because both rows carry the same transaction number."""
    return raw("""
        SELECT count(*) FROM voting_rollentry r
        JOIN (SELECT xmin::text AS x FROM voting_ballot GROUP BY 1 HAVING count(*) = 1) b ON b.x = r.xmin::text
    """)[0][0]


@pytest.fixture
def thirty_votes(poll):
    """Thirty people in thirty (sub)transactions, who chose in a pattern that tells who came when."""
    services.rewrite()  # fresh files: rows that an earlier test left behind make no room between these
    for n in range(30):
        vote(poll, choices=(1 + n % 10, 11, 12))
    check_deferred()
    return poll


def rewrite():
    services.rewrite()
    check_deferred()


def test_before_it_is_shuffled_rows_can_be_paired_and_afterwards_not(thirty_votes):
    before = sorted(Ballot.objects.values_list("pk", "marks", "commitment"))
    assert joined_by_transaction() == 30
    rewrite()
    assert joined_by_transaction() == 0
    assert sorted(Ballot.objects.values_list("pk", "marks", "commitment")) == before
    assert raw("SELECT count(DISTINCT xmin::text) FROM voting_ballot") == [(1,)]


def test_nor_does_the_count_of_stubs_tell_whose_was_the_last(thirty_votes):
    joined = "SELECT count(*) FROM voting_rollentry r JOIN voting_stubs s ON s.xmin::text = r.xmin::text"
    with transaction.atomic(), pgtrigger.ignore("voting.RollEntry:votes_in_time", "voting.Stubs:have_sheets"):
        raw(
            f"WITH counted AS ({PUT_STUB} RETURNING 1) INSERT INTO voting_rollentry (edition_id, fingerprint, channel)"
            " VALUES (%s, repeat('f', 64), 'paper')",
            thirty_votes.pk,
            thirty_votes.pk,
        )
    assert raw(joined) == [(1,)]
    rewrite()
    assert raw(joined) == [(0,)]


def test_the_order_of_the_table_tells_nothing_afterwards(thirty_votes):
    in_order = [choice for (choice,) in raw("SELECT marks FROM voting_ballot ORDER BY ctid")]
    assert in_order == [marks.pack((1 + n % 10, 11, 12)) for n in range(30)]
    rewrite()
    first = [choice for (choice,) in raw("SELECT marks FROM voting_ballot ORDER BY ctid")]
    rewrite()
    second = [choice for (choice,) in raw("SELECT marks FROM voting_ballot ORDER BY ctid")]
    assert sorted(first) == sorted(in_order)
    assert len({tuple(in_order), tuple(first), tuple(second)}) == 3


def test_votes_go_on_after_it(thirty_votes):
    rewrite()
    vote(thirty_votes)
    check_deferred()
    assert Ballot.objects.count() == 31
    assert list(promises.violations()) == []


def test_an_old_entry_that_can_still_be_paired_is_found(thirty_votes):
    assert broken("P5") == []
    with pgtrigger.ignore(), transaction.atomic():
        put_entry(thirty_votes, "e" * 64, day=timezone.localdate() - timedelta(days=3))
        put_ballot(thirty_votes)
    assert len(broken("P5")) == 1


REWRITE = "INSERT INTO voting_rewriting (at, xact, digest, done) VALUES (now(), '', '', false)"
KEEP = """
    CREATE TEMPORARY TABLE roll ON COMMIT DROP AS SELECT * FROM voting_rollentry;
    CREATE TEMPORARY TABLE cast_votes ON COMMIT DROP AS SELECT * FROM voting_ballot;
    TRUNCATE voting_rollentry, voting_ballot;
"""
FILL = "INSERT INTO voting_rollentry SELECT * FROM roll; INSERT INTO voting_ballot SELECT * FROM cast_votes;"
TAMPERINGS = {
    "everything gone": "TRUNCATE voting_ballot, voting_rollentry",
    "a person and a ballot less": KEEP
    + "DELETE FROM roll WHERE ctid = '(0,1)'; DELETE FROM cast_votes WHERE ctid = '(0,1)';"
    + FILL,
    "another choice": KEEP + "UPDATE cast_votes SET marks = 7;" + FILL,
    "another day": KEEP + "UPDATE roll SET day = day - 1;" + FILL,
    "a person more": "INSERT INTO voting_rollentry VALUES ({poll}, 'e', 'paper', current_date)",
}


@pytest.mark.parametrize("steps", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_rewriting_is_no_way_to_change_anything(thirty_votes, steps):
    before = sorted(Ballot.objects.values_list("pk", "marks"))
    with pytest.raises(IntegrityError, match="would have changed"), transaction.atomic():
        raw(REWRITE)
        raw(steps.format(poll=thirty_votes.pk))
        check_deferred()
    assert sorted(Ballot.objects.values_list("pk", "marks")) == before


def test_nor_after_its_check_has_run(thirty_votes):
    end(thirty_votes)
    with pytest.raises(IntegrityError, match="while voting is open"), transaction.atomic():
        raw(REWRITE)
        check_deferred()
        put_entry(thirty_votes)


def test_a_made_up_digest_is_overwritten(thirty_votes):
    with pytest.raises(IntegrityError, match="would have changed"), transaction.atomic():
        raw("INSERT INTO voting_rewriting (at, xact, digest, done) VALUES (now(), '1', 'anything', true)")
        raw("TRUNCATE voting_ballot")
        check_deferred()


def test_without_the_check_rewriting_would_lose_ballots(thirty_votes):
    with pgtrigger.ignore("voting.Rewriting:changes_nothing"), transaction.atomic():
        raw(REWRITE)
        raw("TRUNCATE voting_ballot")
        check_deferred()
    assert Ballot.objects.count() == 0
    assert broken("P4") != []


def test_a_count_completed_without_shuffling_is_found(thirty_votes, city, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(services.closing.rewriting, "rewrite", lambda: None)
        services.close(end(thirty_votes), by=city.admin)
    assert broken("P5") == ["Where the count is complete, all ballots were written in one go, and so was the roll."]
    rewrite()
    assert broken("P5") == []


def test_the_night_turn_comes_once_a_night_while_a_vote_goes_on(poll):
    assert services.rewrite_due() is True
    assert services.rewrite_due() is False
    assert Rewriting.objects.count() == 1


def test_there_is_no_turn_without_a_vote(city):
    assert services.rewrite_due() is False


def test_nothing_of_a_vote_is_written_elsewhere(poll):
    """No audit entry, event, notification or session tells that somebody voted at some time."""
    person = voter()
    tables = ("core_auditentry", "core_outboxevent", "accounts_notification", "django_session")
    before = [raw(f"SELECT count(*) FROM {table}") for table in tables]
    vote(poll, person)
    assert [raw(f"SELECT count(*) FROM {table}") for table in tables] == before


def test_tables_have_no_running_numbers_and_no_times(poll):
    columns = raw("""
        SELECT table_name, column_name, data_type FROM information_schema.columns
        WHERE table_name IN ('voting_ballot', 'voting_rollentry')
    """)
    assert {kind for _table, _column, kind in columns}.isdisjoint(
        {"timestamp with time zone", "time without time zone"}
    )
    assert raw("SELECT pg_get_serial_sequence('voting_ballot', 'id')") == [(None,)]


# --- P8: the tree -------------------------------------------------------------------------------------------------


def test_a_commitment_to_something_else_is_refused(poll):
    receipt = receipts.new_receipt((1, 2, 3))
    lie = receipts.Receipt(receipt.ballot_id, (4, 5, 6), receipt.nonce)
    with pytest.raises(IntegrityError, match="commitment is not"), transaction.atomic():
        put_entry(poll)
        raw(
            "INSERT INTO voting_ballot (id, edition_id, marks, nonce, commitment, channel, county)"
            " VALUES (%s, %s, %s, %s, %s, 'online', '')",
            lie.ballot_id,
            poll.pk,
            receipts.bits(lie),
            lie.nonce,
            receipt.code,
        )


def test_without_the_guard_the_check_would_find_it(poll):
    vote(poll)
    with pgtrigger.ignore("voting.Ballot:never_changed"):
        raw("UPDATE voting_ballot SET marks = %s", marks.pack((4, 5, 6)))
    assert broken("P8") == ["The commitment of every ballot is that of its id, choices and nonce."]


@pytest.fixture
def sealed(poll):
    for _ in range(25):
        vote(poll)
    services.seal_batch(poll)
    return poll


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE voting_leaf SET commitment = repeat('a', 64) WHERE position = 3",
        "UPDATE voting_head SET root = repeat('a', 64)",
        "UPDATE voting_head SET signature = repeat('a', 128)",
        "UPDATE voting_head SET previous = repeat('a', 64)",
        "UPDATE voting_head SET size = 24, online = 24",
    ],
)
def test_whoever_gets_past_the_guards_is_found(sealed, sql):
    assert broken("P8") == []
    with pgtrigger.ignore():
        raw(sql)
    assert broken("P8") != []


def test_a_leaf_of_no_ballot_is_found(sealed):
    Leaf.objects.create(edition=sealed.edition, position=25, commitment="a" * 64)
    assert any("in a tree is that of a ballot" in check for check in broken("P8"))


def test_heads_only_grow_in_raw_sql_too(sealed):
    head = Head.objects.get()
    head.pk, head.seq, head.size, head.online = None, 2, 24, 24
    with pytest.raises(IntegrityError, match="follows the one before"), transaction.atomic():
        head.save(force_insert=True)


def test_batches_are_shuffled_and_wait_for_twenty_and_ten_minutes(poll):
    codes = [vote(poll).code for _ in range(19)]
    assert services.seal_batch(poll) is None
    codes.append(vote(poll).code)
    assert services.seal_batch(poll).size == 20
    leaves = list(Leaf.objects.order_by("position").values_list("commitment", flat=True))
    assert sorted(leaves) == sorted(codes)
    assert leaves != codes
    for _ in range(20):
        vote(poll)
    assert services.seal_batch(poll) is None
    with pgtrigger.ignore():
        Head.objects.update(at=timezone.now() - timedelta(minutes=11))
    second = services.seal_batch(poll)
    assert (second.seq, second.size) == (2, 40)


def test_the_closing_head_holds_every_vote_cast_before(poll):
    for _ in range(3):
        vote(poll)
    poll = end(poll)
    assert services.seal_due() == 1
    assert services.seal_due() == 0
    head = Head.objects.get()
    assert (head.size, head.state) == (3, "counting")


def test_another_order_is_another_root(sealed):
    leaves = list(Leaf.objects.order_by("position").values_list("commitment", flat=True))
    assert heads.tree_over(leaves).root.hex() == Head.objects.get().root
    assert heads.tree_over(leaves[::-1]).root.hex() != Head.objects.get().root

"""Paper: issued, handed out, read by two, settled by a third, closed by another, balanced; and what can go wrong."""

import threading

import pgtrigger
import pytest
from django.db import IntegrityError, connections, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from accounts import identity
from core import promises
from core.errors import Invalid, NotAllowed, WrongState
from core.models import AuditEntry
from core.policy import Role
from tests import factories
from tests.voting.conftest import check_deferred, end, id_number, make_edition, make_poll, raw, vote, voter
from voting import paper, services
from voting.errors import AlreadyVoted, NotEligible, NotOpen
from voting.models import Ballot, EligibleVoter, KeyedSheet, PaperBatch, PaperSheet, RollEntry, Stubs
from voting.paper import Balance, Sheet
from voting.queries import batches as queries
from voting.states import Channel

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def sheets(city, poll):
    """Ten sheets with the station of Yuehe."""
    return services.issue(poll, unit=city.yuehe, count=10, by=city.triage)


def give_paper(poll, typed, by, unit=None):
    """A clerk writes a stub at the clerk's own unit, or another."""
    return services.hand_out(poll, voter=typed, unit=unit or services.windows(by)[0], by=by)


def hand_out(poll, by, count, start=1):
    for number in range(start, start + count):
        give_paper(poll, id_number(number), by)


@pytest.fixture
def batch(city, poll, sheets):
    """A batch of three from Yuehe, with people who were given a ballot."""
    hand_out(poll, city.officer, 3)
    return services.open_batch(poll, unit=city.yuehe, declared=3, by=city.officer)


def read(batch, clerk, sheets, choices=((1, 2, 3), (4, 5, 6), (7, 8, 9)), finish=True):
    services.begin_reading(batch, by=clerk)
    for sheet, chosen in zip(sheets, choices, strict=False):
        seen = chosen if isinstance(chosen, Sheet) else Sheet(chosen)
        services.key_sheet(batch, serial=sheet.serial, read=seen, by=clerk)
    return services.finish_reading(batch, by=clerk) if finish else batch


def read_by_two(batch, city, sheets, second=((1, 2, 3), (4, 5, 6), (7, 8, 9))):
    read(batch, city.officer, sheets)
    return read(batch, city.officer2, sheets, second)


# --- the stub -----------------------------------------------------------------------------------------------------


def test_who_is_given_a_paper_ballot_has_voted(city, poll, sheets):
    entry = give_paper(poll, id_number(7), city.officer)
    assert entry.channel == Channel.PAPER
    assert RollEntry.objects.get().fingerprint == entry.fingerprint
    assert not Ballot.objects.exists()
    with pytest.raises(AlreadyVoted, match="paper"):
        give_paper(poll, id_number(7), city.officer2)


def test_who_voted_online_is_given_no_paper_and_the_clerk_is_told_when(city, poll, sheets):
    person = voter()
    person.id_fingerprint = identity.read(id_number(8)).fingerprint
    person.save()
    vote(poll, person)
    with pytest.raises(AlreadyVoted) as refused:
        give_paper(poll, id_number(8), city.officer)
    assert refused.value.channel == Channel.ONLINE


def test_who_was_given_paper_cannot_vote_online(city, poll, sheets):
    person = voter()
    person.id_fingerprint = identity.read(id_number(9)).fingerprint
    person.save()
    give_paper(poll, id_number(9), city.officer)
    with pytest.raises(AlreadyVoted) as refused:
        vote(poll, person)
    assert refused.value.channel == Channel.PAPER


@pytest.mark.parametrize("typed", ["", "123", id_number(3)[:-1] + "?", id_number(3)[:-1]])
def test_a_mistyped_number_on_a_stub_is_told(city, poll, typed):
    with pytest.raises(Invalid) as refused:
        give_paper(poll, typed, city.officer)
    assert list(refused.value.fields) == ["voter"]


def test_where_a_roll_was_uploaded_the_stub_asks_it(city, poll, sheets):
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    with pgtrigger.ignore():
        type(poll.edition).objects.update(who_may_vote="roll")
    poll.edition.refresh_from_db()
    with pytest.raises(NotEligible):
        give_paper(poll, id_number(3), city.officer)
    EligibleVoter.objects.create(edition=poll.edition, fingerprint=identity.read(id_number(3)).fingerprint)
    assert give_paper(poll, id_number(3), city.officer)


def test_after_the_close_nobody_is_given_paper(city, poll, sheets):
    with pytest.raises(NotOpen):
        give_paper(end(poll), id_number(3), city.officer)


def test_a_citizen_hands_out_nothing(city, poll):
    with pytest.raises(NotAllowed):
        give_paper(poll, id_number(3), city.citizen, city.yuehe)


def test_a_stub_names_the_clerk_the_unit_and_the_day_and_nothing_of_the_person(city, poll, sheets):
    hand_out(poll, city.officer, 2)
    give_paper(poll, id_number(9), city.officer2)
    assert sorted(Stubs.objects.values_list("clerk", "unit", "day", "written")) == [
        (city.officer.pk, city.yuehe.pk, timezone.localdate(), 2),
        (city.officer2.pk, city.yuehe.pk, timezone.localdate(), 1),
    ]
    assert not AuditEntry.objects.filter(action__startswith="voting.stub").exists()


def test_the_ledger_learns_it_when_the_last_stub_is_written_so_that_no_time_tells_of_whom(city, poll, sheets):
    hand_out(poll, city.officer, 2)
    give_paper(poll, id_number(9), city.officer2)
    services.end_voting(end(poll))
    services.end_voting(poll)
    entries = AuditEntry.objects.filter(action="voting.stubs_written").order_by("data__count")
    day = timezone.localdate().isoformat()
    assert [(one.actor, one.object_id, one.data) for one in entries] == [
        (f"user:{clerk.pk}", str(poll.pk), {"unit": city.yuehe.pk, "day": day, "count": count})
        for clerk, count in ((city.officer2, 1), (city.officer, 2))
    ]


def test_who_was_refused_a_ballot_is_not_counted(city, poll, sheets):
    give_paper(poll, id_number(7), city.officer)
    with pytest.raises(AlreadyVoted):
        give_paper(poll, id_number(7), city.officer)
    assert Stubs.objects.get().written == 1


def test_no_more_stubs_than_sheets_that_are_not_spoiled(city, poll, sheets):
    for sheet in sheets[:7]:
        services.spoil(poll, serial=sheet.serial, reason="印坏", by=city.officer)
    hand_out(poll, city.officer, 2)
    hand_out(poll, city.officer2, 1, start=20)
    with pytest.raises(WrongState, match="no ballot paper left"):
        give_paper(poll, id_number(30), city.officer)
    services.issue(poll, unit=city.chaoyang, count=1, by=city.triage)
    with pytest.raises(WrongState, match="no ballot paper left"):
        give_paper(poll, id_number(30), city.officer)
    services.issue(poll, unit=city.yuehe, count=1, by=city.triage)
    assert give_paper(poll, id_number(30), city.officer)


def test_without_the_guard_there_would_be_more_and_the_check_would_say_so(city, poll):
    with pgtrigger.ignore("voting.Stubs:have_sheets"):
        give_paper(poll, id_number(3), city.officer)
    assert [found.check[:27] for found in promises.violations()] == ["No unit has given a ballot "]


@pytest.mark.django_db(transaction=True)
def test_two_clerks_do_not_give_out_the_same_last_sheet():
    city = factories.city()
    poll = make_poll(city)
    services.issue(poll, unit=city.yuehe, count=1, by=city.triage)
    told = []

    def second():
        try:
            give_paper(poll, id_number(2), city.officer2)
        except WrongState as refused:
            told.append(str(refused))
        connections.close_all()

    other = threading.Thread(target=second)
    with transaction.atomic():
        give_paper(poll, id_number(1), city.officer)
        other.start()
        other.join(1)
        assert other.is_alive()
    other.join(30)
    assert (len(told), RollEntry.objects.count()) == (1, 1)


def test_a_stub_is_written_at_ones_own_unit(city, poll, sheets):
    with pytest.raises(NotAllowed):
        give_paper(poll, id_number(3), city.chaoyang_officer, city.yuehe)
    with pytest.raises(NotAllowed):
        give_paper(poll, id_number(3), city.triage, city.yuehe)


STUB = "INSERT INTO voting_rollentry (edition_id, fingerprint, channel) VALUES (%s, repeat('e', 64), 'paper')"


def test_raw_sql_cannot_write_a_stub_that_nobody_wrote(city, poll, sheets):
    hand_out(poll, city.officer, 1)
    with pytest.raises(IntegrityError, match="counted with the clerk"), transaction.atomic():
        raw(STUB, poll.pk)
    for sql in (
        "UPDATE voting_stubs SET written = written + 10",
        "UPDATE voting_stubs SET written = 0",
        "UPDATE voting_stubs SET clerk_id = issued_by_id FROM voting_papersheet",
        "DELETE FROM voting_stubs",
        "TRUNCATE voting_stubs",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            raw(sql)


def test_without_that_guard_it_could_and_the_check_would_say_so(city, poll, sheets):
    with pgtrigger.ignore("voting.RollEntry:votes_in_time"):
        raw(STUB, poll.pk)
    assert [found.check[:27] for found in promises.violations()] == ["On every day clerks have co"]


# --- sheets -------------------------------------------------------------------------------------------------------


def test_sheets_are_issued_with_serials_of_their_own(city, poll, sheets):
    assert len({sheet.serial for sheet in sheets}) == 10
    assert all(paper.read_serial(sheet.serial) == sheet.serial for sheet in sheets)
    with pytest.raises(NotAllowed):
        services.issue(poll, unit=city.yuehe, count=1, by=city.officer)
    with pytest.raises(Invalid):
        services.issue(poll, unit=city.yuehe, count=0, by=city.admin)


def test_a_spoiled_sheet_says_why_and_is_not_counted(city, poll, sheets, batch):
    with pytest.raises(Invalid):
        services.spoil(poll, serial=sheets[9].serial, reason=" ", by=city.officer)
    services.spoil(poll, serial=sheets[9].serial, reason="填错,已换新票", by=city.officer)
    services.begin_reading(batch, by=city.officer)
    with pytest.raises(Invalid, match="spoiled"):
        services.key_sheet(batch, serial=sheets[9].serial, read=Sheet((1, 2, 3)), by=city.officer)
    with pytest.raises(NotAllowed):
        services.spoil(poll, serial=sheets[8].serial, reason="撕坏", by=city.chaoyang_officer)


def test_raw_sql_cannot_bring_a_counted_sheet_back(city, poll, sheets):
    services.spoil(poll, serial=sheets[9].serial, reason="填错", by=city.officer)
    with pytest.raises(IntegrityError, match="cannot move"), transaction.atomic():
        raw("UPDATE voting_papersheet SET state = 'issued' WHERE serial = %s", sheets[9].serial)
    with pytest.raises(DatabaseError), transaction.atomic():
        raw("UPDATE voting_papersheet SET unit_id = %s WHERE serial = %s", city.chaoyang.pk, sheets[0].serial)


@pytest.mark.parametrize(
    ("model", "state", "guard"),
    [
        (PaperSheet, "returned", "voting.PaperSheet:starts_issued"),
        (PaperBatch, "comparing", "voting.PaperBatch:starts_keying"),
    ],
)
def test_paper_begins_at_its_beginning(city, poll, model, state, guard):
    def begin():
        own = {"serial": paper.new_serial()} if model is PaperSheet else {"number": 1, "declared": 1}
        return model.objects.create(edition=poll.edition, unit=city.yuehe, state=state, **own)

    with pytest.raises(IntegrityError, match="starts as"), transaction.atomic():
        begin()
    with pgtrigger.ignore(guard):
        assert begin().state == state


# --- reading ------------------------------------------------------------------------------------------------------


def test_a_batch_that_two_read_alike_is_counted(city, poll, sheets, batch):
    batch = read_by_two(batch, city, sheets)
    assert (batch.state, queries.differences(batch)) == ("comparing", [])
    services.close_batch(batch, by=city.admin)
    assert sorted(ballot.choices for ballot in Ballot.objects.all()) == [(1, 2, 3), (4, 5, 6), (7, 8, 9)]
    assert {(ballot.channel, ballot.county) for ballot in Ballot.objects.all()} == {("paper", "330502")}
    assert PaperSheet.objects.filter(state="returned").count() == 3
    assert list(promises.violations()) == []


def test_differences_stand_side_by_side_and_a_third_settles_them(city, poll, sheets, batch):
    batch = read_by_two(batch, city, sheets, ((1, 2, 3), (4, 5, 7), Sheet((), "unclear")))
    found = queries.differences(batch)
    assert {row.difference.serial for row in found} == {sheets[1].serial, sheets[2].serial}
    with pytest.raises(WrongState, match="settled"):
        services.close_batch(batch, by=city.admin)
    for clerk in (city.officer, city.officer2):
        with pytest.raises(NotAllowed, match="third"):
            services.settle(batch, serial=sheets[1].serial, read=Sheet((4, 5, 6)), by=clerk)
    services.settle(batch, serial=sheets[1].serial, read=Sheet((4, 5, 6)), by=city.triage)
    services.settle(batch, serial=sheets[2].serial, read=Sheet((), "unclear"), by=city.triage)
    services.close_batch(batch, by=city.admin)
    assert sorted(ballot.choices for ballot in Ballot.objects.all()) == [(1, 2, 3), (4, 5, 6)]
    assert PaperSheet.objects.filter(state="returned").count() == 3
    assert list(promises.violations()) == []


def test_one_person_does_not_read_twice(city, batch, sheets):
    read(batch, city.officer, sheets)
    with pytest.raises(NotAllowed, match="somebody else"):
        services.begin_reading(batch, by=city.officer)
    with pytest.raises(IntegrityError, match="batch_is_keyed_by_two"), transaction.atomic():
        raw("UPDATE voting_paperbatch SET second_clerk_id = first_clerk_id")


def test_without_that_rule_one_person_could_be_both(city, batch, sheets):
    read(batch, city.officer, sheets)
    check_deferred()
    raw("ALTER TABLE voting_paperbatch DROP CONSTRAINT batch_is_keyed_by_two")
    raw("UPDATE voting_paperbatch SET second_clerk_id = first_clerk_id")
    assert PaperBatch.objects.get().second_clerk == city.officer


def test_raw_sql_cannot_key_for_somebody_else(city, batch, sheets):
    services.begin_reading(batch, by=city.officer)
    put = (
        "INSERT INTO voting_keyedsheet (batch_id, reading, sheet_id, marks, fault, keyed_by_id)"
        " VALUES (%s, %s, %s, 7, '', %s)"
    )
    for reading, clerk in ((1, city.officer2), (2, city.officer), (3, city.officer)):
        with pytest.raises(IntegrityError, match="two clerks read"), transaction.atomic():
            raw(put, batch.pk, reading, sheets[0].serial, clerk.pk)


def test_a_clerk_sees_only_their_own_reading(city, batch, sheets):
    read(batch, city.officer, sheets)
    services.begin_reading(batch, by=city.officer2)
    batch.refresh_from_db()
    assert queries.keyed_by(batch, city.officer2).count() == 0
    assert queries.keyed_by(batch, city.officer).count() == 3


def test_a_clerk_of_another_station_reads_nothing(city, batch):
    with pytest.raises(NotAllowed):
        services.begin_reading(batch, by=city.chaoyang_officer)


def test_a_third_reader_is_not_needed(city, batch, sheets):
    services.begin_reading(batch, by=city.officer)
    services.begin_reading(batch, by=city.officer2)
    with pytest.raises(NotAllowed, match="Two others"):
        services.begin_reading(batch, by=city.triage)


def test_a_batch_with_a_wrong_count_is_not_finished(city, batch, sheets):
    with pytest.raises(Invalid, match="declared with 3"):
        read(batch, city.officer, sheets[:2])
    assert PaperBatch.objects.get().state == "keying"
    services.correct_count(batch, declared=2, reason="重新点票,只有两张", by=city.triage)
    services.finish_reading(batch, by=city.officer)
    with pytest.raises(Invalid):
        services.correct_count(batch, declared=0, reason="x", by=city.triage)


@pytest.mark.parametrize("declared", [0, -1, 501])
def test_a_batch_has_a_sensible_size(city, poll, declared):
    with pytest.raises(Invalid):
        services.open_batch(poll, unit=city.yuehe, declared=declared, by=city.officer)


def test_serials_never_issued_issued_elsewhere_and_used_twice(city, poll, sheets, batch):
    elsewhere = services.issue(poll, unit=city.chaoyang, count=1, by=city.triage)[0]
    other_year = make_edition(city, year=2026)
    with pgtrigger.ignore():
        old = PaperSheet.objects.create(serial=paper.new_serial(), edition=other_year, unit=city.yuehe)
    services.begin_reading(batch, by=city.officer)
    for serial, says in (
        (paper.new_serial(), "never|No ballot paper"),
        (old.serial, "No ballot paper"),
        ("ABCD-1234", "mistyped"),
        (elsewhere.serial, "was issued to"),
    ):
        with pytest.raises(Invalid, match=says):
            services.key_sheet(batch, serial=serial, read=Sheet((1, 2, 3)), by=city.officer)
    read_by_two(batch, city, sheets)
    services.close_batch(batch, by=city.admin)
    hand_out(poll, city.officer, 1, start=50)
    second = services.open_batch(poll, unit=city.yuehe, declared=1, by=city.officer)
    services.begin_reading(second, by=city.officer)
    with pytest.raises(Invalid, match="already used, in batch 1"):
        services.key_sheet(second, serial=sheets[0].serial, read=Sheet((1, 2, 3)), by=city.officer)


def test_the_same_serial_again_corrects_ones_own_line(city, batch, sheets):
    read(batch, city.officer, sheets, finish=False)
    services.key_sheet(batch, serial=sheets[0].serial, read=Sheet((10, 11, 12)), by=city.officer)
    assert queries.readings(batch)[1][sheets[0].serial].choices == (10, 11, 12)
    services.remove_sheet(batch, serial=sheets[0].serial, by=city.officer)
    assert KeyedSheet.objects.count() == 2
    with pytest.raises(Invalid):
        services.remove_sheet(batch, serial=sheets[0].serial, by=city.officer)


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        (Sheet(()), "blank"),
        (Sheet((1, 2)), "few"),
        (Sheet((1, 2, 3, 4)), "many"),
        (Sheet((1, 2, 3), "signed"), "signed"),
        (Sheet((1, 2, 3)), ""),
    ],
)
def test_what_makes_a_sheet_invalid_is_written_down(city, batch, sheets, seen, fault):
    services.begin_reading(batch, by=city.officer)
    assert services.key_sheet(batch, serial=sheets[0].serial, read=seen, by=city.officer).fault == fault


def test_a_sheet_somebody_misread_the_serial_of_is_dropped(city, batch, sheets):
    read(batch, city.officer, sheets)
    batch = read(batch, city.officer2, [sheets[0], sheets[1], sheets[5]])
    assert len(queries.differences(batch)) == 2
    services.drop(batch, serial=sheets[5].serial, by=city.triage)
    services.settle(batch, serial=sheets[2].serial, read=Sheet((7, 8, 9)), by=city.triage)
    services.close_batch(batch, by=city.admin)
    assert Ballot.objects.count() == 3


def test_a_comparison_can_go_back_to_reading(city, batch, sheets):
    batch = read_by_two(batch, city, sheets)
    batch = services.reopen_readings(batch, by=city.triage)
    assert (batch.state, batch.first_done, batch.second_done) == ("keying", False, False)
    services.finish_reading(batch, by=city.officer)
    assert services.finish_reading(batch, by=city.officer2).state == "comparing"


# --- closing ------------------------------------------------------------------------------------------------------


def test_only_an_admin_who_has_not_read_it_closes_a_batch(city, batch, sheets):
    batch = read_by_two(batch, city, sheets)
    for person in (city.officer, city.triage, city.leader, city.auditor):
        with pytest.raises(NotAllowed):
            services.close_batch(batch, by=person)
    with pytest.raises(IntegrityError, match="batch_is_closed_by_another"), transaction.atomic():
        raw("UPDATE voting_paperbatch SET state = 'closed', closed_at = now(), closed_by_id = first_clerk_id")


def test_a_closed_batch_stands(city, batch, sheets):
    batch = services.close_batch(read_by_two(batch, city, sheets), by=city.admin)
    for sql in (
        "UPDATE voting_paperbatch SET declared = 4",
        "UPDATE voting_keyedsheet SET marks = 7",
        "DELETE FROM voting_keyedsheet",
        "DELETE FROM voting_paperbatch",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            raw(sql)
    for act in (services.begin_reading, services.reopen_readings, services.close_batch):
        with pytest.raises((WrongState, NotAllowed)):
            act(batch, by=city.admin2 if act is services.close_batch else city.triage)


def test_raw_sql_cannot_close_a_batch_with_an_open_difference(city, batch, sheets):
    read_by_two(batch, city, sheets, ((1, 2, 3), (4, 5, 7), (7, 8, 9)))
    with pytest.raises(IntegrityError, match="read twice alike or settled"), transaction.atomic():
        raw("UPDATE voting_paperbatch SET state = 'closed', closed_at = now(), closed_by_id = %s", city.admin.pk)


def test_without_the_guard_it_would_and_the_check_would_say_so(city, batch, sheets):
    read_by_two(batch, city, sheets)
    with pgtrigger.ignore("voting.PaperBatch:batch_is_whole"):
        raw("UPDATE voting_paperbatch SET state = 'closed', closed_at = now(), closed_by_id = %s", city.admin.pk)
    assert [found.check[:20] for found in promises.violations()] == ["There are as many pa"] * 3


def test_a_batch_with_more_ballots_than_people_is_not_counted(city, poll, sheets):
    hand_out(poll, city.officer, 2)
    batch = services.open_batch(poll, unit=city.yuehe, declared=3, by=city.officer)
    batch = read_by_two(batch, city, sheets)
    with pytest.raises(WrongState, match="Count the stubs"):
        services.close_batch(batch, by=city.admin)
    assert PaperBatch.objects.get().state == "comparing"
    assert not Ballot.objects.exists()


# --- the balance --------------------------------------------------------------------------------------------------


def test_every_sheet_is_accounted_for_in_the_end(city, poll, sheets, batch):
    services.close_batch(read_by_two(batch, city, sheets), by=city.admin)
    services.spoil(poll, serial=sheets[9].serial, reason="填错", by=city.officer)
    [row] = queries.balances(poll.edition)
    assert (row.unit, row.balance, row.balance.open) == (city.yuehe, Balance(10, 3, 1, 0), 6)
    assert services.report_unreturned(poll, unit=city.yuehe, by=city.triage) == 6
    [row] = queries.balances(poll.edition)
    assert row.balance.balances


def test_sheets_are_not_given_up_while_a_batch_is_open(city, poll, batch):
    with pytest.raises(WrongState):
        services.report_unreturned(poll, unit=city.yuehe, by=city.triage)


def test_stubs_and_choices_share_no_key(city, batch):
    names = raw("""
        SELECT column_name FROM information_schema.columns
        WHERE table_name = 'voting_rollentry'
    """)
    assert {name for (name,) in names} == {"edition_id", "fingerprint", "channel", "day"}


def test_a_leader_neither_keys_nor_hands_out(city, poll, batch):
    leader = factories.staff(Role.LEADER, city.yuehe, position="chief")
    with pytest.raises(NotAllowed):
        services.begin_reading(batch, by=leader)
    with pytest.raises(NotAllowed):
        give_paper(poll, id_number(3), leader, city.yuehe)

"""The end of a vote: complete, shuffled, published; the count is the ledger is what a stranger counts."""

import io
import json
import threading
from datetime import timedelta

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connections, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from core import outbox, promises
from core.errors import NotAllowed, WrongState
from core.models import OutboxEvent
from tests import factories
from tests.voting.conftest import check_deferred, end, make_edition, make_poll, raw, vote
from tests.voting.test_paper import hand_out
from voting import marks, receipts, services, tally
from voting.models import Ballot, Head, Poll
from voting.paper import Sheet
from voting.queries import results
from voting.queries.results import NotCounted
from voting.tasks import tick

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def counted(poll, city):
    """Thirty votes, the count complete and published."""
    for n in range(30):
        vote(poll, choices=(1 + n % 3, 4 + n % 4, 8 + n % 5))
    poll = services.close(end(poll), by=city.admin)
    return services.publish(poll, by=city.admin)


def test_nobody_sees_a_tally_before_the_count_is_complete(poll, city):
    vote(poll)
    for moment in (poll, end(poll)):
        with pytest.raises(NotCounted):
            results.recount(moment)
    with pytest.raises(CommandError, match="count is not complete"):
        call_command("recount", "2027", skip_checks=True)


def test_the_count_is_not_closed_while_people_vote(poll, city):
    with pytest.raises(WrongState):
        services.close(poll, by=city.admin)
    with pytest.raises(IntegrityError, match="after voting has ended"), transaction.atomic():
        raw("UPDATE voting_poll SET closed_at = now()")


def test_nor_with_a_batch_open_or_a_sheet_unaccounted_for(poll, city):
    services.issue(poll, unit=city.yuehe, count=1, by=city.triage)
    with pytest.raises(WrongState, match="not accounted for"):
        services.close(end(poll), by=city.admin)
    assert not Head.objects.filter(state="final").exists()


@pytest.mark.django_db(transaction=True)
def test_nor_while_sheets_are_being_issued():
    """Who closes waits for who issues, and then finds a sheet unaccounted for."""
    city = factories.city()
    poll = end(make_poll(city))
    outcome = []

    def close():
        try:
            services.close(poll, by=city.admin)
        except WrongState as told:
            outcome.append(str(told))
        connections.close_all()

    closing = threading.Thread(target=close)
    with transaction.atomic():
        services.issue(poll, unit=city.yuehe, count=1, by=city.triage)
        closing.start()
        closing.join(1)
        assert closing.is_alive()
    closing.join(300)
    assert len(outcome) == 1
    assert Poll.objects.get().closed_at is None


def test_nor_in_raw_sql_without_the_final_head(poll):
    vote(poll)
    end(poll)
    with pytest.raises(IntegrityError, match="does not hold every ballot"), transaction.atomic():
        raw("UPDATE voting_poll SET closed_at = now()")


def test_without_that_guard_a_ballot_would_stay_outside_the_record_and_the_check_would_say_so(poll):
    vote(poll)
    end(poll)
    with pgtrigger.ignore("voting.Poll:poll_closes_after_voting"):
        raw("UPDATE voting_poll SET closed_at = now()")
    assert any("every ballot is in the tree" in found.check for found in promises.violations())


@pytest.fixture
def slipped_in(poll, city):
    """One sheet was counted; for a second person, who was given paper too, somebody wrote a ballot by hand."""
    sheet, _lost = services.issue(poll, unit=city.yuehe, count=2, by=city.triage)
    hand_out(poll, city.officer, 2)
    batch = services.open_batch(poll, unit=city.yuehe, declared=1, by=city.officer)
    for clerk in (city.officer, city.officer2):
        services.begin_reading(batch, by=clerk)
        services.key_sheet(batch, serial=sheet.serial, read=Sheet((1, 2, 3)), by=clerk)
        services.finish_reading(batch, by=clerk)
    services.close_batch(batch, by=city.admin)
    services.report_unreturned(poll, unit=city.yuehe, by=city.triage)
    made = receipts.new_receipt((4, 5, 6))
    Ballot.objects.create(
        id=made.ballot_id,
        edition=poll.edition,
        marks=receipts.bits(made),
        nonce=made.nonce,
        commitment=made.code,
        channel="paper",
    )
    return end(poll)


def test_nor_with_a_ballot_on_paper_that_nobody_read(slipped_in, city):
    with pytest.raises(WrongState, match="tell the auditor"):
        services.close(slipped_in, by=city.admin)


def test_without_the_guard_it_would_be_counted_and_the_check_would_say_so(slipped_in, city):
    with pgtrigger.ignore("voting.Poll:poll_closes_after_voting"):
        services.close(slipped_in, by=city.admin)
    assert [found.check for found in promises.violations() if found.promise == "P4"] == [
        "There are as many paper ballots as valid sheets in closed batches, with the same choices."
    ]


def test_only_the_admin_closes_and_publishes(poll, city):
    poll = end(poll)
    for person in (city.officer, city.triage, city.auditor, city.citizen):
        with pytest.raises(NotAllowed):
            services.close(poll, by=person)
        with pytest.raises(NotAllowed):
            services.publish(poll, by=person)


def test_closing_tells_the_tie_secret_that_was_committed_to(counted):
    edition = counted.edition
    assert tally.commitment(edition.tie_secret) == edition.tie_commitment
    assert services.preparing.tie_secret(counted) == edition.tie_secret


def test_the_commitment_cannot_be_made_again_or_another_secret_told(poll):
    with pytest.raises(IntegrityError, match="made once"), transaction.atomic():
        raw("UPDATE annual_projects_edition SET tie_commitment = repeat('a', 64)")
    end(poll)
    with pytest.raises(IntegrityError, match="is the one committed to"), transaction.atomic():
        raw("UPDATE annual_projects_edition SET tie_secret = 'another'")


def test_after_the_count_nothing_comes_in(counted, city):
    with pytest.raises(WrongState):
        services.close(counted, by=city.admin)
    with pytest.raises(WrongState):
        services.publish(counted, by=city.admin)
    with pytest.raises(WrongState):
        services.open_batch(counted, unit=city.yuehe, declared=1, by=city.officer)
    with pytest.raises(DatabaseError), transaction.atomic():
        raw("UPDATE voting_poll SET result = '{}'")
    with pytest.raises(DatabaseError), transaction.atomic():
        raw("UPDATE voting_poll SET closed_at = NULL, published_at = NULL, result = ''")


def test_the_count_is_the_ledger(counted):
    expected = tally.count([ballot.choices for ballot in Ballot.objects.all()], range(1, 13))
    lines = json.loads(counted.result)["candidates"]
    assert {line["number"]: line["votes"] for line in lines} == expected
    assert sum(line["won"] for line in lines) == 4
    assert json.loads(counted.result)["ballots"] == 30
    check_deferred()
    assert list(promises.violations()) == []


def test_a_published_result_is_told_to_the_other_rooms(counted):
    told = OutboxEvent.objects.get(topic="voting.result_published").payload
    lines = json.loads(counted.result)["candidates"][:4]
    numbers = dict(counted.edition.candidates.values_list("pk", "number"))
    assert [numbers[pk] for pk in told["ranked"]] == [line["number"] for line in lines]
    assert told["votes"] == [line["votes"] for line in lines]


def test_the_winners_become_the_projects_of_the_year(counted):
    outbox.deliver()
    winners = json.loads(counted.result)["winners"]
    assert [p.candidate.number for p in counted.edition.projects.order_by("rank")] == winners


def test_the_final_head_holds_every_ballot(counted):
    states = list(Head.objects.order_by("seq").values_list("state", "size"))
    assert states == [("counting", 30), ("final", 30)]


def test_the_command_prints_the_published_bytes(counted):
    out = io.StringIO()
    call_command("recount", "2027", stdout=out, skip_checks=True)
    assert out.getvalue() == counted.result
    out = io.StringIO()
    call_command("recount", "2027", "--json", stdout=out, skip_checks=True)
    assert json.loads(out.getvalue())["as_published"] is True
    with pytest.raises(CommandError, match="no vote"):
        call_command("recount", "1999", skip_checks=True)


def test_a_changed_ballot_shows_in_the_recount(counted):
    check_deferred()
    with pgtrigger.ignore():
        raw("UPDATE voting_ballot SET marks = %s", marks.pack((1, 2, 3)))
    with pytest.raises(SystemExit):
        call_command("recount", "2027", stdout=io.StringIO(), stderr=io.StringIO(), skip_checks=True)
    broken = [found.check for found in promises.violations()]
    assert "Counting again gives the published result to the byte." in broken


def test_a_vote_nobody_took_part_in_has_a_result_too(poll, city):
    poll = services.publish(services.close(end(poll), by=city.admin), by=city.admin)
    lines = json.loads(poll.result)["candidates"]
    assert sum(line["won"] for line in lines) == 4
    assert all(line["drawn"] for line in lines)


def test_a_vote_is_prepared_once_the_list_is_frozen_and_before_it_opens(city):
    edition = make_edition(city, opens=timezone.now() + timedelta(days=1), phase="public_notice")
    assert services.prepare_due() == 1
    poll = Poll.objects.get()
    edition.refresh_from_db()
    assert len(edition.tie_commitment) == 64
    assert services.prepare(edition) == poll
    assert services.prepare_due() == 0


def test_an_unfrozen_list_is_not_voted_on(city):
    edition = make_edition(
        city, opens=timezone.now() + timedelta(days=9), phase="reviewing", frozen_at=None, frozen_by=None
    )
    with pytest.raises(WrongState):
        services.prepare(edition)


def test_nobody_is_told_the_secret_before(poll):
    poll.edition.refresh_from_db()
    assert poll.edition.tie_secret == ""
    assert services.preparing.tie_secret(poll) not in str(results.rules(poll))


def test_the_clock_does_all_of_it(poll):
    for _ in range(20):
        vote(poll)
    check_deferred()
    assert tick() == {"prepared": 0, "sealed": 1, "rewritten": 1}
    assert tick() == {"prepared": 0, "sealed": 0, "rewritten": 0}
    end(poll)
    assert tick() == {"prepared": 0, "sealed": 1, "rewritten": 0}
    assert list(Head.objects.order_by("seq").values_list("state", "size")) == [("open", 20), ("counting", 20)]

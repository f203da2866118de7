"""A vote is given once, whole, in time, and nothing leads from the person to the ballot."""

from datetime import timedelta

import pgtrigger
import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from annual_projects.states import Phase, Voters
from core.errors import Invalid
from tests import factories
from tests.voting.conftest import add_candidate, check_deferred, make_edition, move, vote, voter
from voting import receipts, services, voters
from voting.errors import AlreadyVoted, NotEligible, NotOpen, StaleForm
from voting.models import Ballot, EligibleVoter, RollEntry
from voting.proofs import published
from voting.states import Channel

pytestmark = pytest.mark.usefixtures("in_english")


def test_a_vote_is_a_line_on_the_roll_and_a_ballot(poll):
    user = voter()
    receipt = vote(poll, user, (5, 1, 12), county="330502", age_band=3)
    check_deferred()
    ballot, entry = Ballot.objects.get(), RollEntry.objects.get()
    assert ballot.choices == receipt.choices == (1, 5, 12)
    assert (ballot.county, ballot.age_band, ballot.channel) == ("330502", 3, Channel.ONLINE)
    assert (entry.channel, entry.day) == (Channel.ONLINE, timezone.localdate())
    assert entry.fingerprint == voters.on_roll(poll.edition, user.id_fingerprint)


def test_the_receipt_commits_to_the_ballot_and_shows_nothing_of_it(poll):
    receipt = vote(poll)
    ballot = Ballot.objects.get()
    assert receipt.code == ballot.commitment == published.commit(str(ballot.pk), (1, 2, 3), ballot.nonce)
    same_choices = vote(poll)
    assert same_choices.code != receipt.code


def test_what_a_ballot_and_the_roll_have_in_common_is_nothing(poll):
    vote(poll)
    ballot = {field.attname: getattr(Ballot.objects.get(), field.attname) for field in Ballot._meta.concrete_fields}
    entry = {
        field.attname: getattr(RollEntry.objects.get(), field.attname) for field in RollEntry._meta.concrete_fields
    }
    assert set(ballot) & set(entry) == {"edition_id", "channel"}
    assert {str(value) for name, value in ballot.items() if name not in ("edition_id", "channel")}.isdisjoint(
        map(str, entry.values())
    )


def test_the_same_form_twice_is_one_vote_with_one_receipt(poll):
    user = voter()
    ticket = receipts.new_ticket(poll.edition, user)
    first = vote(poll, user, (1, 2, 3), ticket=ticket)
    assert vote(poll, user, (3, 2, 1), ticket=ticket) == first
    assert Ballot.objects.count() == RollEntry.objects.count() == 1


def test_who_has_voted_is_told_when_and_how_and_never_what(poll):
    user = voter()
    vote(poll, user, (1, 2, 3))
    with pytest.raises(AlreadyVoted) as refused:
        vote(poll, user, (4, 5, 6))
    assert (refused.value.on, refused.value.channel) == (timezone.localdate(), Channel.ONLINE)
    assert not any(word in str(refused.value) for word in ("红绿灯", "巡逻", "充电"))
    assert Ballot.objects.get().choices == (1, 2, 3)


def test_a_used_form_with_other_choices_is_refused(poll):
    user = voter()
    ticket = receipts.new_ticket(poll.edition, user)
    vote(poll, user, (1, 2, 3), ticket=ticket)
    with pytest.raises(AlreadyVoted):
        vote(poll, user, (1, 2, 4), ticket=ticket)


@pytest.mark.parametrize(
    "choices", [(1, 2), (1, 2, 3, 4), (), (1, 1, 2), (1, 2, 99), (0, 1, 2), (-1, 1, 2), (1, 2, 63)]
)
def test_wrong_choices_are_refused_with_words_and_leave_nothing(poll, choices):
    with pytest.raises(Invalid) as refused:
        vote(poll, choices=choices)
    assert list(refused.value.fields) == ["choices"]
    assert not Ballot.objects.exists()
    assert not RollEntry.objects.exists()


def test_a_candidate_that_was_taken_back_cannot_be_chosen(city):
    edition = make_edition(city, opens=timezone.now() + timedelta(days=1), phase=Phase.PUBLIC_NOTICE)
    with pgtrigger.ignore():
        add_candidate(city, edition, None, "撤回的项目", state="withdrawn")
    poll = move(services.prepare(edition), voting_opens=timezone.now() - timedelta(hours=1), phase=Phase.VOTING)
    assert poll.candidates.bit_count() == 12
    with pytest.raises(Invalid):
        vote(poll, choices=(1, 2, 13))


@pytest.mark.parametrize(
    "ticket",
    ["", "made-up", "a:b:c", signing.dumps([1], salt="voting.ticket"), signing.dumps("x")],
    ids=["none", "made-up", "colons", "of-something-else", "of-another-purpose"],  # signed now: not the same twice
)
def test_a_forged_form_is_refused(poll, ticket):
    with pytest.raises(StaleForm):
        vote(poll, ticket=ticket)
    assert not RollEntry.objects.exists()


def test_somebody_elses_form_is_refused(poll):
    ticket = receipts.new_ticket(poll.edition, voter())
    with pytest.raises(StaleForm):
        vote(poll, voter(), ticket=ticket)


def test_a_form_of_another_edition_is_refused(city, poll):
    other = make_edition(city, year=2026, opens=timezone.now() - timedelta(days=400), phase=Phase.ARCHIVED)
    user = voter()
    with pytest.raises(StaleForm):
        vote(poll, user, ticket=receipts.new_ticket(other, user))


def test_a_form_from_yesterday_is_refused(poll):
    user = voter()
    ticket = receipts.new_ticket(poll.edition, user)
    with time_machine.travel(timezone.now() + timedelta(hours=25)), pytest.raises(StaleForm):
        receipts.read_ticket(poll.edition, user, ticket)


# --- who -----------------------------------------------------------------------------------------------------------


def test_an_unverified_citizen_is_asked_to_verify(poll, city):
    with pytest.raises(NotEligible):
        vote(poll, city.citizen)
    assert voters.standing(poll.edition, city.citizen)[0] is voters.Standing.NEEDS_IDENTITY


def test_where_a_phone_is_enough_it_is(city, poll):
    poll = move(poll, who_may_vote=Voters.PHONE)
    assert voters.standing(poll.edition, city.citizen)[0] is voters.Standing.ELIGIBLE
    vote(poll, city.citizen)
    staff = city.officer
    assert voters.standing(poll.edition, staff)[0] is voters.Standing.NEEDS_PHONE


def test_where_a_roll_was_uploaded_only_those_on_it_vote(poll):
    poll = move(poll, who_may_vote=Voters.ROLL)
    on_it, not_on_it = voter(), voter()
    EligibleVoter.objects.create(edition=poll.edition, fingerprint=on_it.id_fingerprint)
    vote(poll, on_it)
    with pytest.raises(NotEligible):
        vote(poll, not_on_it)


def test_the_same_person_under_a_new_account_has_voted(poll):
    first = voter()
    vote(poll, first)
    fingerprint = first.id_fingerprint
    first.id_fingerprint = first.id_verified_at = None
    first.save()
    again = factories.citizen("19900009999")
    again.id_fingerprint, again.id_verified_at = fingerprint, timezone.now()
    again.save()
    with pytest.raises(AlreadyVoted):
        vote(poll, again)


# --- when ----------------------------------------------------------------------------------------------------------


def test_before_it_opens_nobody_votes(poll):
    poll = move(poll, voting_opens=timezone.now() + timedelta(hours=1))
    with pytest.raises(NotOpen):
        vote(poll)
    assert not Ballot.objects.exists()


def test_after_the_close_nobody_votes_whatever_the_phase_says(poll):
    poll = move(poll, voting_closes=timezone.now() - timedelta(milliseconds=1))
    with pytest.raises(NotOpen):
        vote(poll)


def test_in_another_phase_nobody_votes(poll):
    poll = move(poll, phase=Phase.PUBLIC_NOTICE)
    with pytest.raises(NotOpen):
        vote(poll)

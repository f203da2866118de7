"""What a superuser does to a vote that is over, with every trigger asleep, is noticed by what the ledger says (P12)."""

import hashlib

import pytest

from core.models import AuditEntry
from tests.core.broken_promises import asleep
from tests.core.broken_promises import raw as force
from tests.voting.conftest import end, vote
from voting import invariants, services
from voting.models import Poll

CHANGES = {
    "a ballot deleted": "DELETE FROM voting_ballot WHERE id = (SELECT id FROM voting_ballot ORDER BY id LIMIT 1)",
    "the last head taken away": "DELETE FROM voting_head WHERE seq = (SELECT max(seq) FROM voting_head)",
    "the root": "UPDATE voting_head SET root = repeat('0', 64)",
    "the published result": "UPDATE voting_poll SET result = result || ' '",
    "an act taken out of the ledger": "DELETE FROM core_auditentry WHERE action = 'voting.published'",
}


@pytest.fixture
def over(poll, city) -> Poll:
    """Three votes, counted and published."""
    for _n in range(3):
        vote(poll)
    closed = services.close(end(poll), by=city.admin)
    return services.publish(closed, by=city.admin2)


@pytest.mark.parametrize("change", CHANGES)
def test_a_vote_that_is_over_stays_as_it_ended(over, change):
    assert invariants.votes_ended_as_the_ledger_says() == []
    with asleep():
        force(CHANGES[change])
    assert set(invariants.votes_ended_as_the_ledger_says()) == {(over.edition.year,)}


def test_the_ledger_has_the_published_bytes(over):
    entry = AuditEntry.objects.get(action="voting.published")
    assert entry.data["result"] == hashlib.sha256(over.result.encode()).hexdigest()
    assert entry.data["size"] == 3

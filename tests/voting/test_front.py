"""What the rest of the house says of the vote: the front door while it is open, /me/ afterwards, and ballots by API."""

import pytest
from django.utils import timezone

from tests import factories
from tests.pages import page_of
from tests.voting.conftest import end, make_poll, vote, voter
from voting import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return factories.city()


@pytest.fixture
def poll(city):
    return make_poll(city)


def page(client, path: str) -> str:
    return page_of(client.get(path))


def test_the_front_door_asks_for_the_vote_while_it_is_open_and_not_after(client, poll):
    before = page(client, "/")
    assert "请您来选2027年十件实事" in before
    assert 'href="/annual/2027/vote/"' in before
    end(poll)
    assert "请您来选" not in page(client, "/")


def test_ones_own_page_says_that_one_voted_and_never_what(client, poll):
    person = voter()
    client.force_login(person)
    assert "2027年十件实事票选" not in page(client, "/me/")
    receipt = vote(poll, person)
    mine = page(client, "/me/")
    assert "2027年十件实事票选" in mine
    assert "您已投票（网上）" in mine
    exported = client.get("/me/export/").json()["voting"]
    assert exported == [{"year": 2027, "channel": "online", "day": timezone.localdate().isoformat()}]
    assert receipt.code not in str(client.get("/me/export/").json())
    assert str(receipt.ballot_id) not in str(client.get("/me/export/").json())


def test_another_persons_page_says_nothing(client, poll):
    vote(poll, voter())
    client.force_login(voter())
    assert "您已投票" not in page(client, "/me/")


def test_no_ballot_by_api_before_the_result_and_then_every_one(client, city, poll):
    cast = {str(receipt.ballot_id): list(receipt.choices) for receipt in (vote(poll) for _ in range(21))}
    address = "/api/v1/editions/2027/ballots/"
    assert client.get(address).status_code == 404
    services.publish(services.close(end(poll), by=city.admin), by=city.admin)
    found = client.get(address).json()
    assert {one["id"]: one["choices"] for one in found["results"]} == cast
    assert set(found["results"][0]) == {"id", "choices"}

"""The demo's votes keep every promise, load once, and come out as the projects say."""

import json
from types import SimpleNamespace

import pytest
from django.utils import timezone

from annual_projects.models import Edition
from core import clock, promises
from demo_city import accounts as people
from demo_city.annual_projects import load as annual
from demo_city.voting import load as demo
from suggestions.models import Category
from tests.voting.conftest import check_deferred
from tools import watch
from voting import services
from voting.models import Ballot, PaperBatch, Poll
from voting.queries import batches, polls, proofs, results
from voting.queries.polls import Stage
from voting.services import sheets


@pytest.fixture
def loaded(city, monkeypatch):
    monkeypatch.setattr(demo, "DELIVERING", 1_500)
    monkeypatch.setattr(demo, "EARLIER", 400)
    monkeypatch.setattr(demo, "SO_FAR", 300)
    city.household = Category.objects.create(code="household", name="户籍办理", kind="administrative", order=1)
    now = clock.now()
    city.context = SimpleNamespace(
        now=now, today=timezone.localdate(now), seed=2014, say=lambda words: None, objects={"unit": "wuxing-yuehe"}
    )
    annual.load(city.context)
    city.report = demo.load(city.context)
    check_deferred()
    return city


def test_the_demo_votes(loaded, tmp_path):
    """One story in one world: making it takes seconds."""
    every_promise_of_the_votes_holds()
    the_projects_are_the_winners_in_their_order()
    there_is_one_vote_open_and_a_visitor_can_give_theirs()
    a_stranger_finds_it_in_order(tmp_path)
    the_years_are_there(loaded)
    loading_again_changes_nothing(loaded)


def every_promise_of_the_votes_holds():
    ours = {check.__doc__.strip() for _, check in promises._checks if check.__module__ == "voting.invariants"}
    assert "Counting again gives the published result to the byte." in ours
    assert [found for found in promises.violations() if found.check in ours] == []


def the_projects_are_the_winners_in_their_order():
    for poll in Poll.objects.filter(published_at__isnull=False).select_related("edition"):
        winners = json.loads(poll.result)["winners"]
        ten = poll.edition.projects.order_by("rank").values_list("candidate__number", "votes")
        assert [number for number, _votes in ten] == winners
        votes = [votes for _number, votes in ten]
        assert votes == sorted(votes, reverse=True)
        assert votes[-1] > 0
        assert results.recount(poll) == poll.result


def there_is_one_vote_open_and_a_visitor_can_give_theirs():
    poll = Poll.objects.select_related("edition").get(edition__phase="voting")
    assert polls.stage(poll.edition, poll) is Stage.OPEN
    free = [one for one in people.citizens() if one.is_verified and polls.place(poll.edition, one).may_vote]
    assert len(free) >= 20
    assert services.check_choices(poll, range(1, 11))
    assert {batch.state for batch in PaperBatch.objects.filter(edition=poll.edition)} == {
        "keying",
        "comparing",
        "closed",
    }
    keying = PaperBatch.objects.get(edition=poll.edition, state="keying")
    assert sheets.reaches(keying.first_clerk, "key", keying.unit)
    comparing = PaperBatch.objects.get(edition=poll.edition, state="comparing")
    assert len(batches.differences(comparing)) == 2


def loading_again_changes_nothing(loaded):
    before = Ballot.objects.count()
    assert demo.load(loaded.context)["counts"] == loaded.report["counts"]
    assert Ballot.objects.count() == before


def a_stranger_finds_it_in_order(tmp_path):
    for poll in Poll.objects.select_related("edition"):
        folder = tmp_path / str(poll.edition.year)
        folder.mkdir()
        (folder / "rules.json").write_text(json.dumps(results.rules(poll)))
        (folder / "heads.jsonl").write_text("".join(proofs.head_lines(poll)))
        (folder / "leaves.txt").write_text("".join(proofs.leaf_lines(poll)))
        assert watch.once(str(folder), None) == []


def the_years_are_there(loaded):
    year = loaded.context.today.year
    assert set(Edition.objects.filter(poll__isnull=False).values_list("year", flat=True)) == {
        year + 1,
        year,
        year - 1,
        year - 2,
    }
    assert loaded.report["objects"] | {"project": None} == {
        "vote": year + 1,
        "result": year,
        "delivering_edition": year,
        "project": None,
    }

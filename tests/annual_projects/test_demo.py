"""The demo's four editions: they keep every promise, load once, and show the report's figures from rows."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models import Sum
from django.utils import timezone

from annual_projects import invariants
from annual_projects.models import BeneficiaryCount, Candidate, Edition, Measure, Project
from annual_projects.queries import delivery
from annual_projects.states import Phase
from core import clock
from demo_city.annual_projects import load as demo
from demo_city.annual_projects import story
from suggestions.models import Category
from tests.annual_projects.voices import voices


@pytest.fixture
def loaded(city):
    """The editions, with voices of last autumn behind them: 342 of 1,000 requests about moving a household."""
    city.household = Category.objects.create(code="household", name="户籍办理", kind="administrative", order=1)
    city.lights.kind = "administrative"
    city.lights.save()
    now = clock.now()
    last = story.at(timezone.localtime(now).date().replace(year=now.year - 2, month=6, day=1))
    voices(city, 342, category=city.household, at=last, body="想把户口迁到月河街道。")
    voices(city, 658, category=city.lights, at=last, body="绿灯太短。")
    context = SimpleNamespace(now=now, today=timezone.localdate(now), seed=2014, say=lambda words: None, objects={})
    city.context, city.report = context, demo.load(context)
    for edition in Edition.objects.filter(voting_closes__lt=now).order_by("year"):
        demo.begin(edition, Phase.RESULT)
        winners = demo.chosen(edition, context)
        demo.carry_out(
            edition, {one.pk: 5_000 - place for place, one in enumerate(winners)}, context, since=edition.voting_closes
        )
    return city


def test_four_years_in_their_phases_keep_every_promise(loaded):
    year = loaded.context.today.year
    assert list(Edition.objects.order_by("-year").values_list("year", "phase", "is_demo")) == [
        (year + 1, Phase.VOTING, True),
        (year, Phase.DELIVERING, True),
        (year - 1, Phase.ARCHIVED, True),
        (year - 2, Phase.ARCHIVED, True),
    ]
    voted = Edition.objects.get(year=year + 1)
    assert voted.candidates.on_the_ballot().count() == 25
    assert voted.voting_opens < loaded.context.now < voted.voting_closes
    assert all(edition.projects.count() == 10 for edition in Edition.objects.exclude(year=year + 1))
    checks = (
        invariants.milestone_reminders_are_sent,
        invariants.a_frozen_list_is_the_one_two_persons_froze,
        invariants.the_ten_are_as_many_as_announced,
        invariants.voices_put_together_are_not_lost,
    )
    assert {check.__name__: list(check()) for check in checks} == {check.__name__: [] for check in checks}


def test_the_figures_of_the_report_come_from_rows(loaded):
    moves = Project.objects.get(candidate__slug="household-moves")
    assert Measure.objects.filter(project=moves).count() == 6
    served = {one.definition: one.people for one in delivery.served(BeneficiaryCount.objects.filter(project=moves))}
    assert served["办理户口迁移的群众"] == 82_000
    assert served["落上户口的无户口人员"] > 2_800
    assert moves.candidate.evidence.share == 3420
    assert moves.candidate.voices.count() == 342
    assert not BeneficiaryCount.objects.filter(month__gt=loaded.context.today).exists()
    total = BeneficiaryCount.objects.filter(project__candidate__slug="one-list").aggregate(n=Sum("number"))
    assert total["n"] == 143_000
    for project in Project.objects.filter(edition__phase=Phase.DELIVERING):
        for step in delivery.delivery(project).late:
            assert step.reminders.filter(sent_at__isnull=False).exists()
            assert step.reminders.filter(sent_at=None, due_at__gt=clock.now() - timedelta(hours=1)).count() == 1


def test_loading_again_changes_nothing(loaded):
    before = (Edition.objects.count(), Candidate.objects.count(), Project.objects.count())
    assert demo.load(loaded.context)["counts"] == loaded.report["counts"]
    assert before == (Edition.objects.count(), Candidate.objects.count(), Project.objects.count())


def test_the_winners_carry_their_votes(loaded):
    first = Project.objects.filter(edition__phase=Phase.DELIVERING).order_by("rank").first()
    assert (first.rank, first.votes, first.candidate.slug) == (1, 5_000, "household-one-trip")

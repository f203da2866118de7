"""Working appraisals out is long work: asked for on a page, done by a worker, claimed once, all or nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from evaluations import services, tasks
from evaluations.errors import AppraisalMovedOn
from evaluations.models import Appraisal, AppraisalRun
from evaluations.queries.appraisal_files import faults
from evaluations.scoring import appraisal as arithmetic
from evaluations.services import working
from tests.evaluations import appraisals, polls
from tests.pages import page_of


@pytest.fixture
def scheme(city):
    polls.scored_wave(city, state="published")
    return appraisals.locked_scheme(city)


def address(name, run):
    return reverse(f"evaluations:{name}", args=[run.pk])


def test_asked_for_on_a_page_it_goes_on_when_the_page_is_closed(client, city, scheme):
    client.force_login(city.admin)
    sent = client.post(reverse("evaluations:scheme_work_out", args=[scheme.pk]))
    run = AppraisalRun.objects.get()
    assert sent.headers["Location"] == address("run", run)
    assert not run.appraisals.exists()
    page = page_of(client.get(address("run", run)))
    for words in ('hx-trigger="every 2s"', "正在计算：已完成百分之 0", "刷新进度", "计算中"):
        assert words in page
    assert "/steps/freeze/" not in page
    asked = client.get(address("run_progress", run), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in asked.headers
    assert tasks.work_out_appraisals(run.pk)
    asked = client.get(address("run_progress", run), headers={"HX-Request": "true"})
    assert asked.headers["HX-Refresh"] == "true"
    client.force_login(city.admin2)
    assert "/steps/freeze/" in page_of(client.get(address("run", run)))
    run.refresh_from_db()
    assert (run.progress, run.failed, run.appraisals.count() >= 6) == (100, "", True)
    assert not list(faults(run))


def test_meanwhile_nobody_asks_again_or_freezes(client, city, scheme):
    run = services.ask_for_appraisals(scheme, by=city.admin)
    with pytest.raises(AppraisalMovedOn):
        services.ask_for_appraisals(scheme, by=city.admin2)
    with pytest.raises(AppraisalMovedOn):
        services.freeze_appraisals(run, by=city.admin2)
    client.force_login(city.admin2)
    again = client.post(reverse("evaluations:scheme_work_out", args=[scheme.pk]), follow=True)
    assert "考评正在计算" in page_of(again)
    assert AppraisalRun.objects.count() == 1


def test_nor_does_raw_sql_freeze_what_is_not_worked_out(city, scheme):
    run = services.ask_for_appraisals(scheme, by=city.admin)
    with pytest.raises(IntegrityError, match="frozen_run_is_worked_out"), transaction.atomic():
        AppraisalRun.objects.filter(pk=run.pk).update(state="frozen", frozen_by=city.admin2)
    AppraisalRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    assert AppraisalRun.objects.filter(pk=run.pk).update(state="frozen", frozen_by=city.admin2) == 1


def test_it_is_claimed_once_and_taken_over_from_the_dead(city, scheme):
    run = services.ask_for_appraisals(scheme, by=city.admin)
    assert services.unfinished_appraisals() == [run.pk]
    assert working.claim(AppraisalRun.objects.all())
    assert not services.work_out_appraisals(run.pk)
    assert not Appraisal.objects.exists()
    AppraisalRun.objects.update(claimed_at=timezone.now() - working.LEASE - timedelta(seconds=1))
    assert tasks.sweep_scoring() == 1
    count = Appraisal.objects.count()
    assert count >= 6
    assert not services.work_out_appraisals(run.pk)  # however often it is called
    assert tasks.sweep_scoring() == 0
    assert Appraisal.objects.count() == count


def test_of_two_at_once_one_writes(city, scheme, monkeypatch):
    """The first was taken for dead; the second finishes while it still counts."""
    run = services.ask_for_appraisals(scheme, by=city.admin)
    first = arithmetic.lines

    def overtaken(*given):
        monkeypatch.setattr(arithmetic, "lines", first)
        AppraisalRun.objects.update(claimed_at=None)
        assert services.work_out_appraisals(run.pk)
        return first(*given)

    monkeypatch.setattr(arithmetic, "lines", overtaken)
    assert services.work_out_appraisals(run.pk)
    run.refresh_from_db()
    assert not list(faults(run))


def test_what_cannot_be_worked_out_says_why_and_leaves_nothing(client, city, scheme, monkeypatch):
    run = services.ask_for_appraisals(scheme, by=city.admin)

    def refuses(*_given):
        raise arithmetic.SchemeRefused("the public's weight is at least 5100")

    monkeypatch.setattr(arithmetic, "lines", refuses)
    services.work_out_appraisals(run.pk)
    run.refresh_from_db()
    assert (run.finished_at, run.appraisals.count()) == (None, 0)
    client.force_login(city.admin)
    assert "at least 5100" in page_of(client.get(address("run", run)))
    assert "计算失败" in page_of(client.get(reverse("evaluations:scheme", args=[scheme.pk])))
    monkeypatch.undo()
    assert services.run_appraisals(scheme, by=city.admin).number == 2  # and can be asked for again


def test_an_upheld_appeal_asks_for_the_work_and_does_not_wait(city):
    year = appraisals.appraised_year(city)
    one = year.complete[0]
    made = services.appeal(one, text="不对。", by=appraisals.person(one))
    services.decide_appeal(made, uphold=True, reasons="属实。", by=city.admin2)
    assert services.unfinished_appraisals() == [year.scheme.runs.get(number=2).pk]
    assert tasks.sweep_scoring() == 1

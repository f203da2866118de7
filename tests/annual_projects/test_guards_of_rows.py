"""Ties, candidates, evidence, projects and milestones: what raw SQL may not do either, with negative controls."""

import pgtrigger
import pytest
from django.db import IntegrityError, transaction

from annual_projects import services
from annual_projects.errors import NotNow
from annual_projects.models import Candidate, Evidence, Project
from core.errors import Invalid
from tests.annual_projects import worlds
from tests.annual_projects.sql import CANDIDATE, EDITION, raw, refused

# --- ties ---------------------------------------------------------------------------------------------------------

SECRET = "掷骰子前写下的一句话"
COMMITTED = "UPDATE annual_projects_edition SET tie_commitment = encode(sha256(convert_to(%s, 'UTF8')), 'hex')"


def test_the_tie_rule_is_committed_before_and_told_after(city):
    worlds.edition(city, "public_notice")
    raw(COMMITTED, SECRET)
    refused(COMMITTED, "another", match="once")
    refused(f"UPDATE {EDITION} SET tie_secret = %s", SECRET, match="after voting closes")


def test_the_secret_told_is_the_one_committed_to(city):
    made = worlds.edition(city, "result")
    with pgtrigger.ignore("annual_projects.Edition:tie_rule_is_set_beforehand"):
        raw(COMMITTED, SECRET)
    refused(f"UPDATE {EDITION} SET tie_secret = 'another'", match="committed to")
    raw(f"UPDATE {EDITION} SET tie_secret = %s", SECRET)
    assert worlds.fresh(made).tie_secret == SECRET


def test_a_commitment_made_while_people_vote_is_refused(city):
    worlds.edition(city, "voting")
    refused(COMMITTED, SECRET, match="before voting opens")


# --- candidates ---------------------------------------------------------------------------------------------------


def test_candidates_move_by_their_table(city):
    made = worlds.edition(city)
    worlds.candidate(city, made)
    refused(f"UPDATE {CANDIDATE} SET state = 'accepted'")
    with pgtrigger.ignore("annual_projects.Candidate:moves_by_the_table"):
        refused(f"UPDATE {CANDIDATE} SET state = 'accepted'", match="candidate_(decided|accepted)")
        refused(
            f"UPDATE {CANDIDATE} SET state = 'accepted', reasons = '好', decided_at = now(), decided_by_id = %s",
            city.admin.pk,
            match="candidate_accepted_is_whole",
        )


def test_evidence_stands_as_it_was_counted(city):
    made = worlds.edition(city)
    one = worlds.candidate(city, made)
    day = worlds.clock.now().date()
    proof = Evidence.objects.create(candidate=one, count=342, of="administrative", total=1000, starts=day, ends=day)
    proof.refresh_from_db()
    assert proof.share == 3420
    big = Evidence.objects.create(
        candidate=worlds.candidate(city, made), count=260_000, of="all", total=2_600_000, starts=day, ends=day
    )
    big.refresh_from_db()
    assert big.share == 1000, "a big city's counts fit"
    refused("UPDATE annual_projects_evidence SET count = 400")
    refused("DELETE FROM annual_projects_evidence")
    two = worlds.candidate(city, made)
    with pytest.raises(IntegrityError, match="evidence_is_a_share"), transaction.atomic():
        Evidence.objects.create(candidate=two, count=2, of="all", total=1, starts=day, ends=day)


def test_a_candidate_joins_one_of_its_own_edition_that_stands_by_itself(city):
    made, other = worlds.edition(city), worlds.edition(city, year=2028)
    one, two, foreign = worlds.candidate(city, made), worlds.candidate(city, made), worlds.candidate(city, other)
    with pytest.raises(Invalid):
        services.merge(one, into=foreign, by=city.triage)
    refused(
        f"UPDATE {CANDIDATE} SET state = 'merged', merged_into_id = %s WHERE id = %s",
        foreign.pk,
        one.pk,
        match="own edition",
    )
    services.merge(one, into=two, by=city.triage)
    refused(f"UPDATE {CANDIDATE} SET merged_into_id = %s WHERE id = %s", one.pk, two.pk, match="own edition")


# --- projects -----------------------------------------------------------------------------------------------------


def test_projects_come_from_a_result_alone(city):
    made = worlds.edition(city, "voting")
    first = made.candidates.first()
    with pytest.raises(NotNow):
        services.open_projects(made, [first.pk])
    with pytest.raises(IntegrityError, match="put among the winners"), transaction.atomic():
        Project.objects.create(edition=made, candidate=first, rank=1)
    with pgtrigger.ignore("annual_projects.Project:comes_from_a_result"):
        assert Project.objects.create(edition=made, candidate=first, rank=1).pk


def test_a_result_names_as_many_as_win_and_is_recorded_once(city):
    made = worlds.edition(city, "result")
    ids = list(made.candidates.values_list("pk", flat=True))
    for wrong in (ids[:2], [ids[0]] * 3, [*ids[:2], 0]):
        with pytest.raises(Invalid):
            services.open_projects(made, wrong)
    assert len(services.open_projects(made, ids[:3])) == 3
    assert len(services.open_projects(made, ids[:3])) == 3
    with pytest.raises(NotNow):
        services.open_projects(made, ids[1:4])
    assert Project.objects.count() == 3


def test_delivery_waits_for_the_result(city):
    made = worlds.edition(city, "result")
    with pgtrigger.ignore("annual_projects.Edition:frozen_edition_stands"):
        raw(f"UPDATE {EDITION} SET delivering_from = now() - interval '1 hour'")
    with pytest.raises(NotNow):
        services.advance(made)
    refused(f"UPDATE {EDITION} SET phase = 'delivering'", match="projects of the result")


def test_a_project_is_delivered_when_its_steps_are_done(city):
    made = worlds.edition(city, "delivering")
    project = made.projects.first()
    step = worlds.milestone(city, project)
    with pytest.raises(NotNow):
        services.settle_project(project, by=city.admin, delivered=True, achieved=1, words="好了")
    raw("UPDATE annual_projects_project SET state = 'underway' WHERE id = %s", project.pk)
    by_force = (
        "UPDATE annual_projects_project SET state = 'delivered', achieved = 1, closing_words = '好', closed_at = now() "
        "WHERE id = %s"
    )
    refused(by_force, project.pk, match="milestones are done")
    with pgtrigger.ignore("annual_projects.Project:delivered_means_done"), transaction.atomic():
        raw(by_force, project.pk)
        transaction.set_rollback(True)
    services.finish_milestone(step, by=city.admin, done_on=worlds.date(2026, 5, 1))
    assert services.settle_project(project, by=city.admin, delivered=True, achieved=1, words="好了").is_settled


def test_a_year_is_not_finished_while_a_project_is_open(city):
    worlds.edition(city, "judged")
    raw(f"UPDATE {EDITION} SET archived_from = now() - interval '1 minute', judged_from = now() - interval '2 minutes'")
    refused(f"UPDATE {EDITION} SET phase = 'archived'", match="neither delivered nor given up")


def test_the_first_promised_date_stands(city):
    project = worlds.edition(city, "delivering").projects.first()
    step = worlds.milestone(city, project)
    refused("UPDATE annual_projects_milestone SET first_due_on = '2030-01-01'")
    refused("UPDATE annual_projects_milestone SET due_on = '2030-01-01'", match="milestone_moved_says_why")
    moved = services.move_milestone(step, by=city.admin, due_on=worlds.date(2030, 1, 1), reason="设备晚到。")
    assert (moved.due_on.year, moved.first_due_on) == (2030, step.first_due_on)


def test_candidates_list_is_what_the_ballot_shows(city):
    made = worlds.edition(city, "voting")
    assert list(Candidate.objects.on_the_ballot().values_list("edition", "number")) == [
        (made.pk, number) for number in (1, 2, 3, 4)
    ]

"""Phases go forward by the clock, a frozen list stands, projects come from a result: in raw SQL too, each with its
negative control."""

import threading

import pgtrigger
import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.utils import DatabaseError

from annual_projects import services
from annual_projects.errors import Frozen, NotNow, NotYet
from annual_projects.models import Candidate, CandidateVoice, Edition, Evidence, Project
from annual_projects.states import Phase
from core import promises
from core.errors import Invalid, NotAllowed, Stale
from tests import factories
from tests.annual_projects import worlds

EDITION, CANDIDATE = "annual_projects_edition", "annual_projects_candidate"


def raw(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def refused(sql: str, *params: object, match: str = "") -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        raw(sql, *params)


def broken(number: str) -> list[str]:
    return [violation.row for violation in promises.violations() if violation.promise == number]


# --- phases -------------------------------------------------------------------------------------------------------


def test_a_phase_begins_at_its_hour_and_not_before(city):
    made = worlds.edition(city, "collecting")
    with pytest.raises(NotYet):
        services.advance(made, by=city.admin)
    refused(f"UPDATE {EDITION} SET phase = 'reviewing'", match="does not begin before")


def test_without_the_trigger_it_would_begin_early(city):
    worlds.edition(city, "collecting")
    with pgtrigger.ignore("annual_projects.Edition:phase_keeps_the_hour"):
        raw(f"UPDATE {EDITION} SET phase = 'reviewing'")
    assert Edition.objects.get().phase == Phase.REVIEWING


@pytest.mark.parametrize("to", ["collecting", "reviewing", "result", "archived"])
def test_phases_neither_go_back_nor_jump(city, to):
    worlds.edition(city, "public_notice")
    refused(f"UPDATE {EDITION} SET phase = %s", to)


def test_without_the_table_it_would_go_back(city):
    worlds.edition(city, "voting")
    with pgtrigger.ignore("annual_projects.Edition:moves_by_the_table"):
        raw(f"UPDATE {EDITION} SET phase = 'public_notice'")
    assert Edition.objects.get().phase == Phase.PUBLIC_NOTICE


def test_a_new_edition_begins_at_the_beginning(city):
    made = worlds.edition(city)
    columns = "SELECT (jsonb_populate_record(e, %s)).* FROM annual_projects_edition e WHERE id = %s"
    refused(
        f"INSERT INTO {EDITION} {columns}", '{"id": 99, "year": 2099, "phase": "voting"}', made.pk, match="starts as"
    )


def test_nothing_is_voted_on_before_it_is_frozen(city):
    made = worlds.edition(city, "reviewing")
    with pgtrigger.ignore("annual_projects.Edition:phase_keeps_the_hour"):
        refused(f"UPDATE {EDITION} SET phase = 'public_notice'", match="edition_is_public_when_frozen")
    assert services.editions.missing_for(made, Phase.PUBLIC_NOTICE)


def test_an_edition_is_never_deleted(city):
    worlds.edition(city)
    refused(f"DELETE FROM {EDITION}")


def test_the_clock_moves_editions_that_are_ready(city):
    ready = worlds.edition(city, "reviewing")
    worlds.freeze(city, ready)
    waiting = worlds.edition(city, "reviewing", year=2028)
    with pgtrigger.ignore():
        raw(f"UPDATE {EDITION} SET notice_from = now() - interval '1 hour'")
    assert services.advance_phases() == 1
    assert services.advance_phases() == 0
    assert {edition.year: edition.phase for edition in Edition.objects.all()} == {
        2027: Phase.PUBLIC_NOTICE,
        waiting.year: Phase.REVIEWING,
    }


def test_an_edition_that_slept_catches_up(city):
    worlds.edition(city, "collecting", n=0)
    made = worlds.edition(city, "reviewing", year=2028)
    worlds.freeze(city, made)
    with pgtrigger.ignore():
        raw(
            f"UPDATE {EDITION} SET collecting_from = now() - interval '9 days', "
            "reviewing_from = now() - interval '8 days', "
            "notice_from = now() - interval '7 days', voting_opens = now() - interval '6 days', "
            "voting_closes = now() - interval '5 days', delivering_from = now() - interval '4 days' "
            "WHERE year = 2028"
        )
    assert services.advance_phases() == 3
    assert worlds.fresh(made).phase == Phase.RESULT, "delivery waits for the result"


# --- the freeze ---------------------------------------------------------------------------------------------------


def test_two_persons_freeze(city):
    made = worlds.edition(city, "reviewing")
    proposed = services.propose_freeze(made, by=city.triage)
    frozen = services.confirm_freeze(made, by=city.admin, seen=proposed.freeze_digest)
    assert frozen.is_frozen
    assert [c.number for c in frozen.candidates.on_the_ballot()] == [1, 2, 3, 4]


def test_one_person_alone_cannot(city):
    made = worlds.edition(city, "reviewing")
    proposed = services.propose_freeze(made, by=city.admin)
    with pytest.raises(NotAllowed):
        services.confirm_freeze(made, by=city.admin, seen=proposed.freeze_digest)
    refused(
        f"UPDATE {EDITION} SET frozen_at = now(), frozen_by_id = freeze_proposed_by_id", match="frozen_by_two_persons"
    )


def test_without_the_constraint_one_person_could_and_the_check_would_say_so(city):
    made = worlds.edition(city, "reviewing")
    services.propose_freeze(made, by=city.admin)
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw(f"ALTER TABLE {EDITION} DROP CONSTRAINT edition_is_frozen_by_two_persons")
    raw(f"UPDATE {EDITION} SET frozen_at = now(), frozen_by_id = freeze_proposed_by_id")
    assert broken("P8") == ["2027"]


@pytest.mark.parametrize("who", ["triage", "citizen", "leader", "auditor"])
def test_only_an_admin_confirms(city, who):
    made = worlds.edition(city, "reviewing")
    proposed = services.propose_freeze(made, by=city.admin)
    with pytest.raises(NotAllowed):
        services.confirm_freeze(made, by=getattr(city, who), seen=proposed.freeze_digest)


def test_what_is_confirmed_is_what_was_proposed(city):
    made = worlds.edition(city, "reviewing")
    proposed = services.propose_freeze(made, by=city.admin)
    services.describe(made.candidates.first(), worlds.description(city, title="换了一个名字"), by=city.triage)
    with pytest.raises(Stale):
        services.confirm_freeze(made, by=city.admin2, seen=proposed.freeze_digest)
    again = services.propose_freeze(made, by=city.admin)
    with pytest.raises(Stale):
        services.confirm_freeze(made, by=city.admin2, seen=proposed.freeze_digest)
    assert services.confirm_freeze(made, by=city.admin2, seen=again.freeze_digest).is_frozen


def test_a_list_with_open_questions_is_not_frozen(city):
    made = worlds.edition(city, "collecting")
    for _ in range(4):
        worlds.candidate(city, made, "accepted")
    worlds.candidate(city, made)
    with pgtrigger.ignore():
        raw(f"UPDATE {EDITION} SET reviewing_from = now() - interval '1 hour', phase = 'reviewing'")
    with pytest.raises(NotNow):
        services.propose_freeze(made, by=city.admin)
    refused(
        f"UPDATE {EDITION} SET freeze_proposed_by_id = %s, freeze_proposed_at = now(), freeze_digest = 'x', "
        "frozen_by_id = %s, frozen_at = now()",
        city.admin.pk,
        city.admin2.pk,
        match="only a whole list",
    )


def test_too_short_a_list_is_not_frozen(city):
    made = worlds.edition(city, "reviewing", n=2)
    with pytest.raises(NotNow):
        services.propose_freeze(made, by=city.admin)


CHANGES = {
    "a title": f"UPDATE {CANDIDATE} SET title = '另一个' WHERE number = 1",
    "a number": f"UPDATE {CANDIDATE} SET number = 77 WHERE number = 1",
    "a withdrawal": f"UPDATE {CANDIDATE} SET state = 'withdrawn', number = NULL WHERE number = 1",
    "a new one": (
        f"INSERT INTO {CANDIDATE} "
        "(edition_id, slug, state, source, title, summary, outcome, target_unit, reasons, law) "
        f"SELECT id, 'late', 'nominated', 'staff', '晚来的', '', '', '', '', '' FROM {EDITION}"
    ),
    "a deletion": f"DELETE FROM {CANDIDATE} WHERE number = 1",
}


@pytest.mark.parametrize("sql", CHANGES.values(), ids=CHANGES)
def test_a_frozen_list_cannot_change(city, sql):
    worlds.edition(city, "voting")
    refused(sql)


def test_without_the_trigger_it_could_and_the_check_would_say_so(city):
    worlds.edition(city, "voting")
    with pgtrigger.ignore("annual_projects.Candidate:frozen_list_stands"):
        raw(CHANGES["a title"])
    assert broken("P8") == ["2027"]


def test_nor_can_the_voices_behind_it(city):
    made = worlds.edition(city, "voting")
    case = factories.say(city).suggestion
    first = made.candidates.first()
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        CandidateVoice.objects.create(candidate=first, suggestion=case)
    with pgtrigger.ignore("annual_projects.CandidateVoice:frozen_list_stands"):
        assert CandidateVoice.objects.create(candidate=first, suggestion=case).pk


@pytest.mark.parametrize(
    "change",
    [
        "voting_closes = voting_closes + interval '1 minute'",
        "choose_max = choose_max + 1",
        "winners = 1",
        "who_may_vote = 'phone'",
        "frozen_at = NULL, frozen_by_id = NULL",
        "freeze_digest = 'other'",
        "year = 2030",
    ],
)
def test_the_rules_of_a_frozen_edition_stand(city, change):
    worlds.edition(city, "voting")
    refused(f"UPDATE {EDITION} SET {change}")


def test_without_the_trigger_voting_could_be_prolonged(city):
    worlds.edition(city, "voting")
    with pgtrigger.ignore("annual_projects.Edition:frozen_edition_stands"):
        raw(f"UPDATE {EDITION} SET voting_closes = voting_closes + interval '1 minute'")
    assert broken("P8") == ["2027"]


def test_the_services_say_it_in_words(city):
    made = worlds.edition(city, "voting")
    first = made.candidates.first()
    for verb in (
        lambda: services.describe(first, worlds.description(city), by=city.admin),
        lambda: services.withdraw(first, by=city.admin, reason="晚了"),
        lambda: services.take_up(first, by=city.admin),
        lambda: services.recall_freeze(made, by=city.admin),
    ):
        with pytest.raises(Frozen):
            verb()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_races_the_freeze_is_refused():
    """The change waits for the freeze that is under way, and then finds the list frozen."""
    city = factories.city()
    made = worlds.edition(city, "reviewing")
    proposed = services.propose_freeze(made, by=city.admin)
    outcome: list[str] = []
    started = threading.Event()

    def change() -> None:
        started.set()
        try:
            raw(CHANGES["a title"])
            outcome.append("changed")
        except DatabaseError as error:
            outcome.append(str(error))
        connections.close_all()

    thread = threading.Thread(target=change)
    with transaction.atomic():
        services.confirm_freeze(made, by=city.admin2, seen=proposed.freeze_digest)
        thread.start()
        started.wait(5)
        thread.join(0.5)
        assert thread.is_alive(), f"it should wait, but {outcome}"
    thread.join(10)
    assert "frozen" in outcome[0]


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

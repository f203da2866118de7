"""Phases go forward by the clock, a frozen list stands, projects come from a result: in raw SQL too, each with its
negative control."""

import threading
from dataclasses import replace
from datetime import timedelta

import pgtrigger
import pytest
from django.db import IntegrityError, connections, transaction
from django.db.utils import DatabaseError

from annual_projects import services
from annual_projects.errors import Frozen, NotNow, NotYet
from annual_projects.models import CandidateVoice, Edition
from annual_projects.states import MOST_LISTED, Phase
from core import clock
from core.errors import NotAllowed, Stale
from tests import factories
from tests.annual_projects import worlds
from tests.annual_projects.sql import CANDIDATE, EDITION, broken, raw, refused
from voting import marks

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


def test_more_candidates_than_a_ballot_holds_are_not_frozen(city, monkeypatch):
    """The 63rd would have no place on the ballot, and a frozen list cannot be shortened."""
    made = worlds.edition(city, "reviewing")
    refused(f"UPDATE {CANDIDATE} SET number = 63", match="candidate_fits_on_the_ballot")
    monkeypatch.setattr(services.freezing, "MOST_LISTED", 3)
    with pytest.raises(NotNow, match="3"):
        services.propose_freeze(made, by=city.admin)
    assert marks.MOST_CANDIDATES == MOST_LISTED


def test_a_list_that_comes_too_late_for_the_vote_is_not_frozen(city):
    """Frozen half an hour before, the hours of voting would stand, and the vote could never be made ready."""
    soon = clock.now() + timedelta(minutes=30)
    made = worlds.edition(city, "reviewing", notice_from=soon - timedelta(minutes=20), voting_opens=soon)
    with pytest.raises(NotNow):
        services.propose_freeze(made, by=city.admin)
    plan = replace(worlds.plan("reviewing"), voting_opens=made.voting_opens + timedelta(hours=3))
    times = {name: getattr(made, name) for name in ("collecting_from", "reviewing_from", "notice_from")}
    services.change_edition(made, replace(plan, **times), by=city.admin)
    assert services.propose_freeze(made, by=city.admin).freeze_digest


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

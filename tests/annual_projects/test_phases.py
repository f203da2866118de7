"""Phases only ever go to the next one, whatever is tried in whatever order."""

from datetime import timedelta
from itertools import pairwise

import pgtrigger
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annual_projects import services
from annual_projects.errors import Frozen, NotNow
from annual_projects.models import Edition
from annual_projects.models.edition import STARTS
from annual_projects.states import CANDIDATES, MILESTONES, PHASES, PROJECTS, Phase
from core import transitions
from core.errors import Invalid, NotAllowed
from tests.annual_projects import worlds


@pytest.fixture
def public_notice(city):
    return worlds.edition(city, "public_notice")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tried=st.lists(st.sampled_from(list(Phase)), min_size=1, max_size=14))
def test_no_order_of_tries_goes_back_or_jumps(public_notice, tried):
    """A model beside the database: a try succeeds exactly when it names the next phase."""
    expected = list(Phase).index(Phase.PUBLIC_NOTICE)
    with pgtrigger.ignore("annual_projects.Edition:phase_keeps_the_hour"), transaction.atomic():
        for phase in tried:
            moved = _try(public_notice, phase)
            assert moved == (phase in PHASES[list(Phase)[expected]])
            expected += moved
        assert worlds.fresh(public_notice).phase == list(Phase)[expected]
        transaction.set_rollback(True)


def _try(made: Edition, phase: Phase) -> bool:
    """Whether raw SQL moved it; writing the phase it has already is no move."""
    before = worlds.fresh(made).phase
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE annual_projects_edition SET phase = %s WHERE id = %s", [phase, made.pk])
    except DatabaseError:
        return False
    return before != phase


@pytest.mark.parametrize("table", [PHASES, CANDIDATES, PROJECTS, MILESTONES])
def test_every_table_ends_and_names_only_what_it_knows(table):
    assert any(not row for row in table.values())
    assert {to for row in table.values() for to in row} <= set(table)
    assert len(transitions.pairs(table)) == sum(map(len, table.values()))


@given(st.permutations(list(STARTS.values())))
def test_a_timetable_out_of_order_is_refused(order):
    plan = worlds.Plan(**{name: worlds.date(2026, 1, 1) + timedelta(days=day) for day, name in enumerate(order)})
    if order == list(STARTS.values()):
        services.editions._check(plan)
        return
    with pytest.raises(Invalid) as refused:
        services.editions._check(plan)
    later = next(name for name in refused.value.fields)
    before = {after: first for first, after in pairwise(STARTS.values())}[later]
    assert getattr(plan, before) >= getattr(plan, later)


def test_only_an_admin_sets_up_a_year(city):
    for who in (city.triage, city.leader, city.citizen, city.auditor):
        with pytest.raises(NotAllowed):
            services.create_edition(2031, worlds.plan(), by=who)
    assert services.create_edition(2031, worlds.plan(), by=city.admin).phase == Phase.COLLECTING


@pytest.mark.parametrize("wrong", [{"choose_min": 4}, {"choose_min": 0}, {"winners": 0}])
def test_a_choice_must_be_possible(city, wrong):
    with pytest.raises(Invalid) as refused:
        services.create_edition(2031, worlds.plan(**wrong), by=city.admin)
    assert set(refused.value.fields) <= set(wrong)


def test_a_year_is_set_up_once(city):
    worlds.edition(city)
    with pytest.raises(Invalid) as refused:
        services.create_edition(2027, worlds.plan(), by=city.admin)
    assert list(refused.value.fields) == ["year"]


def test_what_has_begun_keeps_its_date(city):
    made = worlds.edition(city)
    said = {name: getattr(made, name) for name in (*STARTS.values(), "choose_min", "choose_max", "winners")}
    earlier = worlds.Plan(**said | {"collecting_from": made.collecting_from - timedelta(days=1)})
    with pytest.raises(NotNow):
        services.change_edition(made, earlier, by=city.admin)
    later = worlds.Plan(**said | {"reviewing_from": made.reviewing_from + timedelta(hours=1), "intro": "请大家来提。"})
    changed = services.change_edition(made, later, by=city.admin)
    assert (changed.intro, changed.reviewing_from) == ("请大家来提。", later.reviewing_from)


def test_after_the_freeze_only_words_and_delivery_change(city):
    made = worlds.edition(city, "voting")
    said = {name: getattr(made, name) for name in (*STARTS.values(), "choose_min", "choose_max", "winners")}
    with pytest.raises(Frozen):
        services.change_edition(made, worlds.Plan(**said | {"choose_max": 4}), by=city.admin)
    later = worlds.Plan(**said | {"judged_from": made.judged_from + timedelta(hours=1), "intro": "正在投票。"})
    assert services.change_edition(made, later, by=city.admin).intro == "正在投票。"

"""What people ask for, against known answers: of 1,000 administrative requests 342 are about moving the household."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from annual_projects import services
from annual_projects.errors import Frozen
from annual_projects.models import Topic
from annual_projects.queries import board as boards
from annual_projects.queries import demand
from annual_projects.queries.demand import Demand, Period, basis_points, round_half_up, year_before
from core.errors import Invalid, NotAllowed
from core.workdays import SHANGHAI
from suggestions.models import Category
from tests import factories
from tests.annual_projects import worlds
from tests.annual_projects.voices import voices

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
IN_MAY = datetime(2025, 5, 20, 10, tzinfo=SHANGHAI)
BEFORE = datetime(2024, 5, 20, 10, tzinfo=SHANGHAI)
MOVING = "我想把户口迁到月河街道,要跑几趟?"


@pytest.fixture
def asked(city):
    """1,000 administrative requests (342 about moving a household, 58 about other papers), 300 about noise."""
    city.household = Category.objects.create(code="household", name="户籍办理", kind="administrative", order=1)
    city.lights.kind = "administrative"
    city.lights.save()
    city.moves = Topic.objects.create(
        code="household-moves", name="户籍迁移", category=city.household, words=["迁", "落户"]
    )
    voices(city, 242, category=city.household, at=IN_MAY, body=MOVING)
    voices(city, 100, category=city.household, at=IN_MAY, body="孩子落户在哪里办?", area=city.lianshi_area)
    voices(city, 58, category=city.household, at=IN_MAY, body="身份证丢了怎么补?")
    voices(city, 600, category=city.lights, at=IN_MAY, body="绿灯太短。")
    voices(city, 300, category=city.noise, at=IN_MAY, body="半夜太吵。")
    voices(city, 171, category=city.household, at=BEFORE, body=MOVING)
    voices(city, 5, category=city.household, at=IN_MAY, body=MOVING, state="withdrawn")
    return city


def test_household_moves_are_342_of_a_thousand_requests(asked):
    counted = demand.count(Demand(YEAR, topic=asked.moves))
    assert (counted.count, counted.administrative, counted.all) == (342, 1000, 1300)
    assert counted.administrative_share == 3420
    assert counted.share == 2631
    assert (counted.before, counted.growth) == (171, 10_000)


def test_the_board_says_the_same(asked):
    board = boards.board(Demand(YEAR))
    assert (board.all, board.administrative, board.before) == (1300, 1000, 171)
    assert [(row.name, row.counted.count) for row in board.categories] == [
        ("红绿灯与标线", 600), ("户籍办理", 400), ("噪音扰民", 300),
    ]  # fmt: skip
    assert [(row.name, row.counted.count, row.counted.administrative_share) for row in board.topics] == [
        ("户籍迁移", 342, 3420)
    ]
    assert [(row.name, row.counted.count) for row in board.areas] == [("吴兴区", 1200), ("南浔区", 100)]
    noise = board.categories[2].counted
    assert (noise.administrative_share, noise.share, noise.growth) == (None, 2308, None)


def test_a_category_and_a_place_narrow_it(asked):
    board = boards.board(Demand(YEAR, category=asked.household, area=asked.wuxing_area))
    assert [(row.name, row.counted.count) for row in board.topics] == [("户籍迁移", 242)]
    assert [(row.name, row.counted.count) for row in board.areas] == [("月河街道", 300)]
    assert {row.name: row.counted.count for row in board.categories}["户籍办理"] == 300
    assert board.all == 1300, "shares stay shares of everything"


def test_every_line_of_the_board_is_what_a_click_would_count(asked):
    about = Demand(YEAR, area=asked.wuxing_area)
    board = boards.board(about)
    for row in (*board.categories, *board.topics, *board.areas):
        assert demand.count(row.demand).count == row.counted.count


def test_own_words_may_be_asked_for(asked):
    assert demand.count(Demand(YEAR, words=("身份证", "绿灯"))).count == 658
    assert demand.count(Demand(YEAR, words=("100%",))).count == 0, "a percent sign is a percent sign"


def test_words_of_a_topic_are_taken_literally(asked):
    Topic.objects.create(code="odd", name="怪词", category=asked.household, words=["%", "_", "\\"])
    assert [row.name for row in boards.board(Demand(YEAR)).topics] == ["户籍迁移"]


def test_complaints_that_name_somebody_are_no_demand(asked):
    this_year = Demand(year_before(timezone.localdate()))
    before = demand.count(this_year)
    factories.say(asked, category=asked.conduct, subjects=[(asked.chaoyang, None)], publish=False)
    factories.say(asked, category=asked.conduct, publish=False)  # seems to complain, and nobody has decided yet
    factories.say(asked, publish=False)
    after = demand.count(this_year)
    assert after.all == before.all + 1


def test_days_are_days_of_shanghai(asked):
    day = Period(date(2025, 7, 1), date(2025, 7, 1))
    for at in (datetime(2025, 7, 1, 0, 0), datetime(2025, 7, 1, 23, 59), datetime(2025, 7, 2), datetime(2025, 6, 30)):
        voices(asked, 1, category=asked.noise, at=at.replace(tzinfo=SHANGHAI))
    counted = demand.count(Demand(day))
    assert (counted.count, counted.before) == (2, 1)


def test_a_board_of_nothing_is_a_board(city):
    board = boards.board(Demand(YEAR))
    assert (board.all, board.administrative, board.categories, board.topics, board.areas) == (0, 0, [], [], [])
    assert demand.count(Demand(YEAR)).share is None


def test_the_number_of_statements_does_not_grow(asked, django_assert_num_queries):
    with django_assert_num_queries(5):
        boards.board(Demand(YEAR))
    with django_assert_num_queries(1):
        demand.count(Demand(YEAR, topic=asked.moves))


# --- one click ----------------------------------------------------------------------------------------------------


def test_one_click_makes_a_candidate_with_its_evidence(asked, django_assert_max_num_queries):
    edition = worlds.edition(asked)
    with django_assert_max_num_queries(14):
        made = services.candidate_from_demand(edition, Demand(YEAR, topic=asked.moves), by=asked.triage)
    made.refresh_from_db()
    proof = made.evidence
    assert (proof.count, proof.of, proof.total, proof.share) == (342, "administrative", 1000, 3420)
    assert (proof.starts, proof.ends, proof.before) == (YEAR.starts, YEAR.ends, 171)
    assert made.voices.count() == 342
    assert (made.state, made.slug, made.title) == ("under_review", "household-moves-1", "户籍迁移")


def test_a_second_click_finds_the_candidate(asked):
    edition = worlds.edition(asked)
    made = services.candidate_from_demand(edition, Demand(YEAR, topic=asked.moves), by=asked.triage)
    later = Demand(Period(YEAR.starts, YEAR.ends - timedelta(days=1)), topic=asked.moves)
    assert services.candidate_from_demand(edition, later, by=asked.admin) == made
    assert demand.candidates_made(edition) == {later.about: made}
    services.withdraw(made, by=asked.triage, reason="说法重复。")
    assert services.candidate_from_demand(edition, later, by=asked.admin) != made


def test_evidence_does_not_move_with_the_voices(asked):
    made = services.candidate_from_demand(
        worlds.edition(asked), Demand(YEAR, topic=asked.moves), by=asked.admin, title="户籍迁移一次办成"
    )
    voices(asked, 50, category=asked.household, at=IN_MAY, body=MOVING)
    made.evidence.refresh_from_db()
    assert (made.evidence.count, made.title) == (342, "户籍迁移一次办成")


def test_a_demand_outside_administration_is_a_share_of_everything(asked):
    made = services.candidate_from_demand(worlds.edition(asked), Demand(YEAR, category=asked.noise), by=asked.triage)
    made.evidence.refresh_from_db()
    assert (made.evidence.of, made.evidence.share) == ("all", 2308)


def test_what_nobody_said_is_no_demand(asked):
    with pytest.raises(Invalid):
        services.candidate_from_demand(worlds.edition(asked), Demand(YEAR, words=("没人说过",)), by=asked.triage)


@pytest.mark.parametrize("who", ["citizen", "officer", "leader", "auditor", "pollster"])
def test_only_the_desk_and_the_admins_make_candidates(asked, who):
    with pytest.raises(NotAllowed):
        services.candidate_from_demand(worlds.edition(asked), Demand(YEAR, topic=asked.moves), by=getattr(asked, who))


def test_not_after_the_freeze(asked):
    with pytest.raises(Frozen):
        services.candidate_from_demand(worlds.edition(asked, "voting"), Demand(YEAR, topic=asked.moves), by=asked.admin)


def test_voices_go_along_when_candidates_are_put_together(asked):
    edition = worlds.edition(asked)
    moves = services.candidate_from_demand(edition, Demand(YEAR, topic=asked.moves), by=asked.triage)
    papers = services.candidate_from_demand(edition, Demand(YEAR, category=asked.household), by=asked.triage)
    services.merge(moves, into=papers, by=asked.triage)
    assert papers.voices.count() == 400, "nobody is counted twice"
    assert moves.voices.count() == 342


# --- arithmetic ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "points"), [(342, 1000, 3420), (1, 3, 3333), (2, 3, 6667), (1, 20_000, 1), (1, 20_001, 0)]
)
def test_shares_are_rounded_half_up(part, whole, points):
    assert basis_points(part, whole) == points


def test_nothing_of_nothing_is_no_share():
    assert basis_points(0, 0) is None


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_rounding_is_to_the_nearest(numerator, denominator):
    rounded = round_half_up(numerator, denominator)
    assert abs(2 * rounded * denominator - 2 * numerator) <= denominator
    assert round_half_up(-numerator, denominator) == -rounded


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_year_ends_on_its_day_and_is_a_year_long(day):
    period = year_before(day)
    assert period.ends == day
    assert period.days in (365, 366)
    assert period.before.ends == period.starts - timedelta(days=1)
    assert period.before.days == period.days

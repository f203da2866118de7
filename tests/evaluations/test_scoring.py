"""The arithmetic of the polls against published examples and well-kept libraries."""

from decimal import Decimal

import ipfn.ipfn
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from evaluations.scoring import appraisal, floors, funnel, indicators, intervals, raking, ranks, recovery, rounding
from evaluations.scoring.errors import DidNotConverge, EmptyCategory, MarginsDisagree, ScoringError
from evaluations.scoring.shrinkage import PeerGroup, fit_peers, shrink

# --- intervals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("positives", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_limits(positives, n, low, high):
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3."""
    assert intervals.wilson(positives / n, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 3000), st.data())
def test_wilson_is_that_of_statsmodels(n, data):
    k = data.draw(st.integers(0, n))
    assert intervals.wilson(k / n, n) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-9)


def test_nobody_asked_nothing_known():
    assert intervals.wilson(0.5, 0) == (0.0, 1.0)
    assert intervals.weighted_share([], []).n == 0


def test_equal_weights_lose_nothing_and_unequal_ones_do():
    assert intervals.effective_size([2.0] * 40) == pytest.approx(40)
    assert intervals.effective_size([1, 1, 1, 3]) == pytest.approx(36 / 12)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_the_effective_number_is_at_most_the_number(weights):
    assert 0 < intervals.effective_size(weights) <= len(weights) + 1e-9


def test_answers_that_come_in_clusters_are_worth_fewer():
    positive = [True] * 10 + [False] * 10
    alone = intervals.weighted_share(positive, [1.0] * 20)
    together = intervals.weighted_share(positive, [1.0] * 20, ["a"] * 10 + ["b"] * 10)
    assert alone.n_eff == pytest.approx(20)
    assert together.n_eff == pytest.approx(1)  # two clusters that agree within: as good as one answer
    assert together.interval[0] < alone.interval[0]


def test_cluster_variance_by_hand():
    """Three clusters of two: deviations +1/6·…, so v = 3/2 · Σ(t − t̄)² with t = Σ(y − p)/6."""
    positive = [True, True, True, False, False, False]
    share = intervals.weighted_share(positive, [1.0] * 6, ["a", "a", "b", "b", "c", "c"])
    assert share.variance == pytest.approx(1.5 * 2 * (1 / 6) ** 2)


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf")])
def test_weights_that_are_none_are_refused(weight):
    with pytest.raises(ScoringError):
        intervals.weighted_share([True, False], [1.0, weight])


# --- raking -------------------------------------------------------------------------------------


def crowd(seed=3305, n=600):
    rng = np.random.default_rng(seed)
    area = rng.choice(["330502", "330503", "330521"], n, p=[0.6, 0.3, 0.1])
    age = rng.choice(["18-34f", "18-34m", "35-59f", "35-59m", "60+f", "60+m"], n, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    people_by_area = {"330502": 900.0, "330503": 600.0, "330521": 500.0}
    people_by_age = {"18-34f": 250.0, "18-34m": 260.0, "35-59f": 480.0, "35-59m": 490.0, "60+f": 270.0, "60+m": 250.0}
    return [raking.Margin("area", list(area), people_by_area), raking.Margin("age and sex", list(age), people_by_age)]


def test_margins_hold_and_agree_with_ipfn():
    margins = crowd()
    ours = raking.rake(margins, trim_at=None)
    frame = pd.DataFrame({"area": margins[0].of, "age": margins[1].of, "weight": 1.0})
    targets = [
        pd.Series(m.population, name="weight").rename_axis(c) for m, c in zip(margins, ("area", "age"), strict=True)
    ]
    theirs = ipfn.ipfn.ipfn(frame, targets, [["area"], ["age"]], "weight", convergence_rate=1e-12).iteration()
    weights = theirs["weight"].to_numpy()
    assert ours.weights == pytest.approx(weights * len(weights) / weights.sum(), rel=1e-4)
    for margin in margins:
        for name, people in margin.population.items():
            got = ours.weights[np.array(margin.of) == name].sum() / ours.weights.sum()
            assert got == pytest.approx(people / 2000, rel=1e-5)


def test_no_weight_sticks_out_after_trimming():
    margins = crowd(n=80)
    untrimmed = raking.rake(margins, trim_at=None).weights.max()
    raked = raking.rake(margins, trim_at=2.0)
    assert untrimmed > 2.0
    assert raked.weights.max() <= 2.0 + 1e-9
    assert raked.trimmed > 0


def test_margins_that_disagree_are_told():
    margins = crowd()
    wrong = raking.Margin("age and sex", margins[1].of, {**margins[1].population, "60+f": 999.0})
    with pytest.raises(MarginsDisagree, match="age and sex"):
        raking.rake([margins[0], wrong])


def test_a_category_nobody_answered_for_is_told():
    with pytest.raises(EmptyCategory, match="德清"):
        raking.rake([raking.Margin("area", ["吴兴", "吴兴"], {"吴兴": 5.0, "德清": 5.0})])


def test_what_cannot_settle_is_told_by_name():
    """Only (a, x) and (b, y) answered, so the two margins ask for different things of the same people."""
    first = raking.Margin("area", ["a", "b"], {"a": 50.0, "b": 50.0})
    second = raking.Margin("sex", ["x", "y"], {"x": 80.0, "y": 20.0})
    with pytest.raises(DidNotConverge, match="area"):
        raking.rake([first, second])


def test_one_respondent_has_weight_one():
    assert raking.rake([raking.Margin("area", ["a"], {"a": 10.0})]).weights == pytest.approx([1.0])


# --- indicators ---------------------------------------------------------------------------------


def test_five_and_four_are_positive_and_a_reversed_item_turns_round():
    assert [indicators.positive(level) for level in (1, 2, 3, 4, 5)] == [False, False, False, True, True]
    assert [indicators.positive(level, reversed_item=True) for level in (1, 2, 3, 4, 5)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    with pytest.raises(ValueError, match="answer"):
        indicators.positive(0)


def test_who_also_knows_the_man_who_does_not_exist_is_discounted():
    assert indicators.familiarity(0.6, 0.2) == pytest.approx(0.5)
    assert indicators.familiarity(0.1, 0.3) == 0.0
    assert indicators.familiarity(1.0, 1.0) == 0.0


def test_the_same_answer_to_everything_with_one_turned_round():
    assert indicators.is_straight_line([5, 5, 5, 5], [False, True, False, False])
    assert not indicators.is_straight_line([5, 1, 5, 5], [False, True, False, False])
    assert not indicators.is_straight_line([5, 5, 5, 5], [False] * 4)


# --- shrinkage ----------------------------------------------------------------------------------

# Rats with tumours in 70 groups: Tarone (1982), Biometrics 38, as in Gelman et al., Bayesian Data Analysis, table 5.1.
TUMOURS = (
    [0] * 14 + [1] * 8 + [2] * 9 + [1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10] + [4] * 7
    + [10, 4, 4, 4, 5, 11, 12, 5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9]
)  # fmt: skip
RATS = (
    [20] * 7 + [19] * 4 + [18] * 2 + [17] + [20] * 4 + [19] * 2 + [18] * 2 + [25, 24, 23] + [20] * 6
    + [10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50] + [20] * 7
    + [48, 19, 19, 19, 22, 46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 46, 47, 24]
)  # fmt: skip


def test_the_rats_have_the_published_spread():
    """BDA §5.3: mean 0.14, α + β about 16 (posterior mode (2.4, 14.3) under a nearly flat prior)."""
    group = fit_peers(TUMOURS, RATS)
    assert group.mean == pytest.approx(0.14, abs=0.005)
    assert group.worth == pytest.approx(16.5, abs=1.5)


def test_no_other_beta_explains_the_rats_better():
    group = fit_peers(TUMOURS, RATS)

    def log_likelihood(mean, worth):
        return betabinom.logpmf(TUMOURS, RATS, mean * worth, (1 - mean) * worth).sum()

    best = log_likelihood(group.mean, group.worth)
    around = [(m, w) for m in np.linspace(0.1, 0.2, 41) for w in np.linspace(5, 60, 111)]
    assert max(log_likelihood(m, w) for m, w in around) <= best + 1e-6


def test_peers_who_do_not_differ_are_said_not_to():
    group = fit_peers([80, 81, 79, 80, 80, 81, 79], [100] * 7)
    assert not group.differs
    assert group.variance_between == 0.0
    assert shrink(100, 100, group).share == pytest.approx(0.8)


def test_ten_of_ten_does_not_rank_first():
    group = PeerGroup(mean=0.85, worth=40, peers=50)
    assert shrink(10, 10, group).share < shrink(190, 200, group).share
    assert shrink(10, 10, group).reliability == pytest.approx(0.2)


@given(st.integers(1, 300), st.data())
def test_shrinking_lies_between_the_answers_and_the_group(n, data):
    k = data.draw(st.integers(0, n))
    group = PeerGroup(0.9, 30, 20)
    low, high = sorted((k / n, group.mean))
    shrunk = shrink(k, n, group)
    assert low - 1e-12 <= shrunk.share <= high + 1e-12
    assert shrunk.low <= shrunk.share <= shrunk.high


@pytest.mark.parametrize(("k", "n"), [([1] * 4, [2] * 4), ([3] * 6, [2] * 6), ([-1] * 6, [2] * 6)])
def test_counts_that_cannot_be_are_refused(k, n):
    with pytest.raises(ScoringError):
        fit_peers(k, n)


def test_everybody_satisfied_is_no_difference():
    assert not fit_peers([30] * 8, [30] * 8).differs


# --- ranks --------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.001, 0.2)), min_size=1, max_size=30))
def test_ranks_share_out_all_places(posteriors):
    found = ranks.expected_ranks([m for m, _ in posteriors], [s for _, s in posteriors])
    n = len(found)
    assert sum(rank.expected for rank in found) == pytest.approx(n * (n + 1) / 2)
    assert all(1 <= rank.low <= rank.expected <= rank.high <= n for rank in found)


def test_sure_differences_give_plain_ranks_and_equals_share():
    plain = ranks.expected_ranks([0.9, 0.5, 0.7], [1e-9] * 3)
    assert [rank.expected for rank in plain] == pytest.approx([1, 3, 2])
    assert [rank.expected for rank in ranks.expected_ranks([0.8, 0.8], [0.0, 0.0])] == pytest.approx([1.5, 1.5])


# --- funnel -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "n"), [(0.97, 40), (0.97, 400), (0.5, 100), (0.85, 33)])
def test_limits_hold_back_the_tail_they_promise(target, n):
    low, high = funnel.limits(target, n)
    assert 0 <= low < target < high <= 1
    assert betabinom_free_cdf(low * n, n, target) == pytest.approx(0.025, abs=1e-9)


def betabinom_free_cdf(count, n, target):
    """The binomial distribution with straight lines between whole counts."""
    from scipy.stats import binom

    below = np.floor(count)
    share = count - below
    return (1 - share) * binom.cdf(below, n, target) + share * binom.cdf(below + 1, n, target)


def test_the_normal_would_promise_more_than_all():
    """At 97 % of 40 the normal limit lies above 100 %: the reason for exact limits."""
    assert 0.97 + 1.96 * (0.97 * 0.03 / 40) ** 0.5 > 1
    assert funnel.limits(0.97, 40)[1] <= 1


def test_over_dispersion_widens():
    narrow, wide = funnel.limits(0.8, 200), funnel.limits(0.8, 200, dispersion=4.0)
    assert (0.8 - wide[0]) == pytest.approx(2 * (0.8 - narrow[0]))
    assert funnel.dispersion([0.1, -0.2, 0.05]) == 1.0
    assert funnel.dispersion([-4, -3, 3, 4] * 10) > 9


P_VALUES = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
P_VALUES += [0.7590, 1.0000]


def test_benjamini_and_hochberg_call_their_four():
    """Benjamini and Hochberg (1995), §2.3: of fifteen the first four at q = 0.05."""
    assert funnel.discoveries(P_VALUES) == [True] * 4 + [False] * 11


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_discoveries_are_those_of_statsmodels(p_values):
    assert funnel.discoveries(p_values) == list(multipletests(p_values, 0.05, "fdr_bh")[0])


# --- floors, appraisal, recovery ----------------------------------------------------------------


def test_too_little_is_not_shown():
    enough = floors.Evidence(30, 25.0, 0.7, 4)
    assert floors.person_may_be_shown(enough)
    for weaker in (floors.Evidence(29, 25, 0.7), floors.Evidence(30, 24.9, 0.7), floors.Evidence(30, 25, 0.69),
                   floors.Evidence(30, 25, 0.7, 5)):  # fmt: skip
        assert not floors.person_may_be_shown(weaker)
    assert floors.unit_may_be_shown(floors.Evidence(100, 100.0))
    assert not floors.unit_may_be_shown(floors.Evidence(1000, 99.9))


SCHEME = [
    appraisal.Component("satisfaction", 3100, public=True),
    appraisal.Component("familiarity", 2000, public=True),
    appraisal.Component("on_time", 4900, public=False),
]


def test_an_appraisal_by_hand():
    rows, total = appraisal.lines(
        SCHEME, {"satisfaction": Decimal("96.48"), "familiarity": Decimal(80), "on_time": Decimal("97.36")}
    )
    assert [row.points for row in rows] == [Decimal("29.91"), Decimal("16.00"), Decimal("47.71")]
    assert total == Decimal("93.62")


def test_what_the_public_did_not_say_is_not_made_up():
    rows, total = appraisal.lines(SCHEME, {"satisfaction": None, "familiarity": Decimal(80), "on_time": Decimal(90)})
    assert total is None
    assert [row.key for row in rows] == ["familiarity", "on_time"]


@pytest.mark.parametrize("public", [5099, 0, 5000])
def test_less_than_51_percent_is_refused(public):
    parts = [appraisal.Component("internal", 10_000 - public, public=False)]
    if public:
        parts.append(appraisal.Component("public", public, public=True))
    with pytest.raises(appraisal.SchemeRefused):
        appraisal.check_scheme(parts)


@pytest.mark.parametrize("score", ["100.01", "-0.01"])
def test_a_score_beyond_the_scale_is_refused(score):
    with pytest.raises(ValueError, match="between 0 and 100"):
        appraisal.lines(SCHEME, {"satisfaction": Decimal(score)})


def test_a_public_part_on_which_all_are_alike_decides_nothing():
    alike = [{"satisfaction": Decimal(30), "familiarity": Decimal(16), "on_time": Decimal(n)} for n in range(40, 49)]
    assert appraisal.effective_public_weight(SCHEME, alike) == 0
    assert appraisal.effective_public_weight(SCHEME, alike[:1] * 3) is None
    apart = [{"satisfaction": Decimal(n), "familiarity": Decimal(16), "on_time": Decimal(45)} for n in range(20, 30)]
    assert appraisal.effective_public_weight(SCHEME, apart) == 1


def test_solved_in_both_senses():
    case = recovery.PropertyCase
    year = recovery.recovery(
        [
            case(Decimal(1000), Decimal(380), True),
            case(Decimal(500), Decimal(0), True),
            case(Decimal(500), Decimal(380), False),
        ]
    )
    assert (year.solved_usually, year.solved_in_huzhou) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert year.rate == Decimal("0.38")
    assert recovery.recovery([]).rate is None
    with pytest.raises(ValueError, match="loss"):
        recovery.recovery([case(Decimal(1), Decimal(2), True)])


def test_figures_are_rounded_once_half_to_even():
    assert rounding.points(0.964849999) == Decimal("96.48")
    assert rounding.published(2.675) == Decimal("2.68")
    assert rounding.published(0.125) == Decimal("0.12")

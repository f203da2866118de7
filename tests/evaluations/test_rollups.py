"""The rollups that pages read are what one GROUP BY over the answers gives, whatever was answered."""

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluations.invariants import polls as invariants
from evaluations.models import Score
from evaluations.queries.dashboard import CITY, overview, published_runs, units
from evaluations.scoring.indicators import familiarity
from tests import factories
from tests.evaluations import polls

RECOUNT = """
    WITH said AS (
        SELECT a.subject_id, i.indicator, i.is_foil, a.response_id, r.weight, count(a.level) AS asked,
               count(*) FILTER (WHERE CASE WHEN i.is_reversed THEN 6 - a.level ELSE a.level END >= 4) AS good
        FROM evaluations_answer a
        JOIN evaluations_item i ON i.id = a.item_id JOIN evaluations_response r ON r.id = a.response_id
        GROUP BY 1, 2, 3, 4, 5
    )
    SELECT subject_id, indicator, is_foil, count(*) FILTER (WHERE asked > 0), count(*) FILTER (WHERE asked = 0),
           sum(weight * good::float / NULLIF(asked, 0)) / sum(weight) FILTER (WHERE asked > 0)
    FROM said GROUP BY 1, 2, 3
"""


def recount():
    """The share of each foil; by subject and indicator how many answered and did not know, and the share in percent."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT)
        rows = cursor.fetchall()
    foils = {indicator: share for _subject, indicator, is_foil, _n, _dk, share in rows if is_foil}
    return foils, {
        (subject, indicator): (n, unknown, _percent(share, foils.get(indicator)))
        for subject, indicator, is_foil, n, unknown, share in rows
        if not is_foil
    }


def _percent(share, foil):
    if share is None:
        return None
    return 100 * (share if foil is None else familiarity(share, foil))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), count=st.integers(60, 240), unknown=st.sampled_from([0.0, 0.1, 0.6]))
def test_rollups_equal_a_recount_of_the_answers(db, seed, count, unknown):
    with transaction.atomic():
        city = factories.city()
        wave = polls.make_wave(city, state="fielding", code=f"w{seed}-{count}")
        polls.answer(wave, count, seed=seed, dont_know=unknown)
        polls.advance(city, wave, to="scored")
        foil_of, by_hand = recount()
        stored = Score.objects.filter(run__wave=wave, run__is_current=True, run__without_flagged=False)
        assert len(by_hand) == len(stored)
        for one in stored:
            n, not_known, percent = by_hand[one.subject_id, one.indicator]
            assert (one.n, one.dont_know) == (n, not_known)
            if one.subject and one.subject.kind == "officer":  # told in whole effective answers, or not at all
                exact, halves = 0.0051, 50 / float(one.n_eff or 1) / (1 - foil_of.get(one.indicator, 0))
                assert one.points is None or abs(float(one.points) - percent) <= halves + exact
            else:
                assert (
                    one.points is None if percent is None else float(one.points) == pytest.approx(percent, abs=0.0051)
                )
        transaction.set_rollback(True)


def test_pages_read_what_stands_in_the_rollups_of_a_real_wave(city):
    wave = polls.scored_wave(city, state="published", count=600)
    assert list(invariants.frozen_figures_equal_a_recomputation()) == []
    [run] = published_runs()
    rows = {(one.subject_id, one.indicator): one for one in run.scores.all()}
    figure = overview([run])[run.pk, "safety", CITY, ""]
    assert (figure.points, figure.n) == (float(rows[None, "safety"].points), rows[None, "safety"].n)
    shown = {place.code: place.figure("satisfaction") for place in units(run)}
    station = next(one for key, one in rows.items() if one.subject and one.subject.code == "wuxing-yuehe")
    assert station.is_shown
    assert shown["wuxing-yuehe"].points == float(station.points)
    assert run.wave == wave

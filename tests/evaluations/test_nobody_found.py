"""A reader of the open files who wants to know which officer is which, and finds nobody (P14)."""

import csv
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.models import Score
from evaluations.public_names import public_name
from evaluations.queries import published
from evaluations.scoring.observations import OFFICER, About, Observations, rows
from evaluations.scoring.persons import FEWEST_ALIKE, condensed, in_steps
from evaluations.scoring.wave import measured, score
from tests.evaluations import polls

STATIONS, EACH = 6, 2
PEERS = [About("satisfaction", OFFICER, "g", f"{n % STATIONS}-{n}") for n in range(STATIONS * EACH)]
UNITS = [About("satisfaction", "unit", "u", f"station-{n}") for n in range(STATIONS)]


def interviews(count=720, *, seed=1, weighted=True, of=None):
    """Each about an officer and their station, by one of two interviewers of the place; lines sorted as published."""
    rng = np.random.default_rng(seed)
    officer = rng.choice(len(PEERS), count, p=of)
    station = officer % STATIONS
    interviewer = station + STATIONS * rng.integers(0, 2, count)
    weight = np.round(rng.integers(12, 29, count) * 0.05, 2) if weighted else np.ones(count)
    flagged = rng.random(count) < 0.08
    good = np.linspace(0.5, 0.95, len(PEERS))
    about = np.concatenate([officer, len(PEERS) + station])
    positive = np.concatenate([rng.random(count) < good[officer], rng.random(count) < 0.85]).astype(np.intp)
    columns = [np.tile(interviewer, 2), np.tile(weight, 2), positive, np.ones(2 * count, np.intp), np.tile(flagged, 2)]
    sort = np.lexsort((*columns[::-1], about))
    return Observations([*PEERS, *UNITS], about[sort], *(column[sort] for column in columns))


def lines(made):
    """As somebody reads them: what a file says, under the true names, so that a guess can be judged."""
    return [text.split(",") for _place, text in rows(made, [about.code for about in made.subjects])]


def cells(made):
    """How many interviews there are by subject, interviewer, weight and flag; of what is told so many at least."""
    found = defaultdict(Counter)
    for _indicator, kind, _group, code, interviewer, weight, _positive, asked, flagged in lines(made):
        if interviewer or flagged == "with":
            found[kind, code][interviewer, weight, flagged] += 1 if interviewer else int(asked)
    return found


def fits(officer, station):
    """Whether all interviews about the officer may be among those about the station."""
    if all(cell[0] for cell in officer):
        return all(station[cell] >= count for cell, count in officer.items())
    return officer.total() <= station.total()


def pinned(made):
    """The officers for whom exactly one station fits."""
    found = cells(made)
    stations = {code: counts for (kind, code), counts in found.items() if kind == "unit"}
    where = {
        code: [name for name, station in stations.items() if fits(counts, station)]
        for (kind, code), counts in found.items()
        if kind == OFFICER
    }
    return {code: places[0] for code, places in where.items() if len(places) == 1}


def test_no_officer_is_found_at_a_station_and_by_the_interviews_themselves_all_were():
    made = interviews()
    found = pinned(made)
    assert found == {a.code: f"station-{a.code.split('-')[0]}" for a in PEERS}  # without the mend: everybody, all right
    assert pinned(condensed(made)) == {}


def by_kind(made):
    """Interviewers numbered anew for officers and for stations, which would be less of a change."""
    shift = np.where(made.about < len(PEERS), made.interviewer, 100 + made.interviewer)
    return replace(made, interviewer=shift)


def interviewers(made, kind):
    found = defaultdict(Counter)
    for line in lines(made):
        if line[1] == kind:
            found[line[4]][line[5], line[8]] += 1
    return found


def test_new_numbers_alone_would_not_do():
    """How often an interviewer's interviews have which weight tells the interviewer under any number."""
    made = by_kind(interviews())
    ours, theirs = interviewers(made, OFFICER), interviewers(made, "unit")
    same = {a: [b for b, counts in theirs.items() if counts == mine] for a, mine in ours.items()}
    assert all(found == [str(100 + int(number))] for number, found in same.items())
    assert not interviewers(condensed(made), OFFICER).keys() - {""}


@pytest.mark.parametrize("weighted", [True, False])
def test_nor_by_counting_the_interviews_of_a_station(weighted):
    """Where a station has one officer, both have the same interviews; so may three of the names."""
    share = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) / 78
    made = interviews(1500, weighted=weighted, of=share)
    exact = Counter(np.bincount(made.about)[: len(PEERS)].tolist())
    assert min(exact.values()) == 1  # without the mend a count tells who it is
    told = condensed(made).told
    sizes = Counter(ways[0].size for ways in told.values() if ways[0].size)
    assert sum(sizes.values()) >= 8
    assert min(sizes.values()) >= FEWEST_ALIKE
    for place, (everything, clean) in told.items():
        figures = measured(made)[place], measured(made.without_flagged())[place]
        assert everything.size == clean.size <= min(f.n_eff for f in figures)
        if everything.size:
            assert abs(everything.well / everything.size - figures[0].share) <= 0.5 / everything.size + 1e-9


@given(st.integers(25, 5000))
def test_so_many_good_ones_fit_every_number_in_between(number):
    size = in_steps(number)
    assert 25 <= size <= number < size + 5
    assert size == in_steps(size)
    for well in range(0, size + 1, max(1, size // 7)):
        assert any(round(k / number * size) == well for k in range(number + 1))


def test_of_few_peers_and_of_few_answers_nothing_is_told():
    few = condensed(interviews(300))
    assert not any(ways[0].size for ways in few.told.values())
    assert all(ways[0].n for ways in few.told.values())
    assert not [line for line in lines(few) if line[1] == OFFICER]
    assert not any(f.shown or f.share for f in score(few).with_flagged if f.about.kind == OFFICER)


def test_the_files_of_waves_have_no_name_in_common_and_no_interview_about_a_person(city):
    first = polls.half_year(city, 0, officers=6, count=600)
    second = polls.half_year(city, 1)
    files = {(w.code, name): content for w in (first, second) for name, content in published.files(w).items()}
    assert (second.code, "pooled-scores") in files  # of persons of whom the first wave told by itself
    seen, found = set(), 0
    for (_wave, name), content in files.items():
        told = [r for r in csv.DictReader(content.decode().splitlines()) if r["kind"] == OFFICER]
        if "inputs" not in name:
            assert all(r["n"] == r["dont_know"] == "" for r in told)
            continue
        assert all(r["interviewer"] == r["weight"] == "" for r in told)
        names = Counter(r["subject"] for r in told if r["subject"].startswith("officer-"))
        assert set(names.values()) <= {2}  # one figure, with and without the flagged interviews
        assert not seen & set(names)
        seen |= set(names)
        found += len(names)
    assert found > 12
    badge = Score.objects.filter(is_shown=True, subject__kind=OFFICER).first().subject.code
    assert public_name(OFFICER, badge, wave=first.code, indicator="satisfaction") in seen

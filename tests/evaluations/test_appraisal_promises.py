"""P8 and P9 of appraisals: no route round the guards, every violation is found, a stranger gets the same bytes."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core import promises
from evaluations import services
from evaluations.invariants import appraisals as invariants
from evaluations.models import Appeal, Appraisal, AppraisalLine, AppraisalRun, Component, Scheme, Score
from evaluations.queries.appraisal_files import files
from evaluations.scoring import appraisal as arithmetic
from evaluations.scoring.appraised import Outcome, canonical, inputs_file, line_hash, results_file, run_hash
from tests.evaluations import appraisals
from tests.evaluations.test_guards import at_commit

REAPPRAISE = Path(__file__).resolve().parents[2] / "tools" / "reappraise.py"


@pytest.fixture
def year(city):
    return appraisals.appraised_year(city)


# --- what the database refuses ----------------------------------------------------------------------------------------


def _refused(match, act):
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        act()
        at_commit()


def test_a_figure_of_the_house_is_not_called_the_publics(city):
    scheme = services.propose_scheme(appraisals.plan(), by=city.admin)
    on_time = scheme.components.filter(key="on_time")
    _refused("only_a_poll_speaks", lambda: on_time.update(is_public=True))
    at_commit()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE evaluations_component DROP CONSTRAINT only_a_poll_speaks_for_the_public")
    assert on_time.update(is_public=True)  # without the guard it would
    assert list(invariants.schemes_are_the_publics()) == [scheme.pk]


def test_what_is_locked_or_frozen_does_not_go_over_to_another(city, year):
    other = services.propose_scheme(appraisals.plan(role="handler"), by=city.admin)
    draft = services.run_appraisals(year.scheme, by=city.admin)
    lines = AppraisalLine.objects.filter(appraisal=year.complete[0])
    for act in (
        lambda: year.scheme.components.filter(key="attitude").update(scheme=other),
        lambda: Appraisal.objects.filter(pk=year.complete[0].pk).update(run=draft),
        lambda: lines.filter(component__key="attitude").update(appraisal=draft.appraisals.first()),
    ):
        _refused("stays where it is|locked scheme", act)
    with pgtrigger.ignore("evaluations.Appraisal:stays_in_its_run", "evaluations.Appraisal:frozen_appraisal_stands"):
        draft.appraisals.filter(officer=year.complete[0].officer).update(unit=city.chaoyang)
        assert Appraisal.objects.filter(pk=year.complete[0].pk).update(run=draft)  # without the guard it would
    transaction.set_rollback(True)


def test_a_locked_scheme_is_not_opened_again(city, year):
    unlock = {"locked_at": None, "locked_by": None}
    _refused("locked scheme", lambda: Scheme.objects.update(**unlock))
    with pgtrigger.ignore("evaluations.Scheme:locked_scheme_stands"):
        assert Scheme.objects.update(**unlock)


@pytest.mark.parametrize("change", [{"inputs_sha256": "0" * 64}, {"effective_public": 1}, {"frozen_by": None}])
def test_the_figures_of_a_frozen_run_stand(city, year, change):
    _refused("frozen run stand", lambda: AppraisalRun.objects.update(**change))
    if "inputs_sha256" in change:
        with pgtrigger.ignore("evaluations.AppraisalRun:frozen_run_keeps_its_figures"):
            assert AppraisalRun.objects.update(**change)


def test_only_the_appraised_appeals_and_a_decision_stands(city, year):
    one = year.complete[0]
    row = {"appraisal": one, "text": "不对。", "due_at": year.run.published_at}
    _refused("appraised alone", lambda: Appeal.objects.create(by=city.officer, **row))
    with pgtrigger.ignore("evaluations.Appeal:appealed_by_the_appraised"):
        Appeal.objects.create(by=city.officer, **row)
    made = services.appeal(year.complete[1], text="不对。", by=appraisals.person(year.complete[1]))
    _refused("only_an_upheld", lambda: Appeal.objects.filter(pk=made.pk).update(not_counted=["1"]))
    _refused("stands as it is", lambda: Appeal.objects.filter(pk=made.pk).update(text="很对。"))
    services.decide_appeal(made, uphold=False, reasons="核对无误。", by=city.admin2)
    _refused("stands as it is", lambda: Appeal.objects.filter(pk=made.pk).update(state="open"))
    with pgtrigger.ignore("evaluations.Appeal:decided_appeal_stands"):
        assert Appeal.objects.filter(pk=made.pk).update(state="open")


# --- what a look at the rows finds ------------------------------------------------------------------------------------


def broken():
    return {v.check for v in promises.violations() if v.promise in ("P8", "P9")}


def test_a_plain_year_breaks_nothing_and_each_violation_is_found(city, year):
    assert broken() == set()
    with pgtrigger.ignore():
        for check, spoil, mend in violations(year, city):
            spoil()
            assert list(check()), check.__name__
            mend()
    assert broken() == set()


def violations(year, city):
    one, run = year.complete[0], year.run
    line = one.lines.get(component__key="satisfaction")
    house = one.lines.get(component__key="on_time")
    part = year.scheme.components.get(key="satisfaction")
    score = Score.objects.get(
        run__wave=year.wave, run__is_current=True, run__without_flagged=True, indicator="satisfaction",
        subject__officer=one.officer,
    )  # fmt: skip
    made = services.appeal(one, text="不对。", by=appraisals.person(one))
    services.decide_appeal(made, uphold=False, reasons="核对无误。", by=city.admin2)

    def put(row, **values):
        return lambda: type(row).objects.filter(pk=row.pk).update(**values)

    yield invariants.schemes_are_the_publics, put(part, weight=3099), put(part, weight=3100)
    yield invariants.schemes_are_the_publics, put(part, is_public=False), put(part, is_public=True)
    summed, again = invariants.totals_are_the_sum_of_all_lines, invariants.appraisals_equal_a_recomputation
    for check in (summed, again):
        yield check, put(one, total=one.total - 1), put(one, total=one.total)
        yield check, put(one, total=None), put(one, total=one.total)
        yield check, put(line, points=line.points + 1), put(line, points=line.points)
    missing = next((a for a in year.appraisals if a.total is None), None)
    if missing:
        yield summed, put(missing, total=50), put(missing, total=None)
    yield again, put(line, inputs=line.inputs | {"points": "100.00"}), put(line, inputs=line.inputs)
    yield again, put(house, inputs=house.inputs | {"good": 99}), put(house, inputs=house.inputs)
    yield again, put(one, salt="0"), put(one, salt=one.salt)
    yield again, put(one, missing={"x": "y"}), put(one, missing=one.missing)
    yield again, put(run, inputs_sha256="0" * 64), put(run, inputs_sha256=run.inputs_sha256)
    yield again, put(run, effective_public="0.1"), put(run, effective_public=run.effective_public)
    stands = invariants.appraisals_stand_on_published_scores
    yield stands, put(score, points=score.points - 1), put(score, points=score.points)
    yield stands, put(year.wave, state="frozen"), put(year.wave, state="published")
    yield (
        invariants.two_persons_freeze,
        drop("evaluations_appraisalrun", "appraisals_frozen_by_a_second", put(run, frozen_by=run.by)),
        put(run, frozen_by=run.frozen_by),
    )
    yield (
        invariants.two_persons_freeze,
        drop("evaluations_scheme", "scheme_locked_by_two", put(year.scheme, locked_by=year.scheme.proposed_by)),
        put(year.scheme, locked_by=year.scheme.locked_by),
    )
    yield (
        invariants.two_persons_freeze,
        drop("evaluations_appeal", "nobody_decides_their_own_appeal", put(made, decided_by=made.by)),
        put(made, decided_by=city.admin2),
    )


def drop(table, constraint, act):
    def dropped():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        act()

    return dropped


# --- a stranger's recomputation ---------------------------------------------------------------------------------------


def reappraise(*arguments):
    return subprocess.run(
        [sys.executable, "-S", "-E", str(REAPPRAISE), *map(str, arguments)], capture_output=True, cwd="/", check=False
    )


@pytest.fixture
def folder(tmp_path):
    def write(contents):
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        return tmp_path / "inputs.jsonl", tmp_path / "results.csv"

    return write


def test_a_stranger_gets_the_same_bytes(year, folder):
    contents = files(year.run)
    inputs, results = folder(contents)
    assert reappraise(inputs).stdout == contents["results.csv"]
    done = reappraise(inputs, results, year.run.inputs_sha256)
    assert (done.returncode, done.stdout.decode()) == (0, f"AGREES: inputs {year.run.inputs_sha256}\n")
    assert f",{year.complete[0].total}\r\n".encode() in contents["results.csv"]
    assert reappraise(inputs, results, "0" * 64).returncode == 1


def test_ones_own_part_belongs_to_the_run_and_names_nobody_else(year, folder):
    one, other = year.complete[:2]
    contents = files(year.run, only=one)
    inputs, results = folder(contents)
    assert reappraise(inputs, results, year.run.inputs_sha256).returncode == 0
    assert one.officer.badge_number.encode() in contents["inputs.jsonl"]
    assert other.officer.badge_number.encode() not in b"".join(contents.values())
    assert b"effective_public" not in contents["results.csv"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("inputs.jsonl", b'"good":9', b'"good":8'), ("inputs.jsonl", b'"weight":3100', b'"weight":3000'),
     ("inputs.jsonl", b'"public":true', b'"public":false'), ("results.csv", b"total,,", b"total,,1"),
     ("inputs.jsonl", b'"salt":"', b'"salt":"0'), ("inputs.jsonl", b"\n{", b"\n["),
     ("results.csv", b"effective", b"e")],
)  # fmt: skip
def test_a_file_that_was_tampered_with_is_noticed(year, folder, file, old, new):
    contents = files(year.run)
    assert old in contents[file]
    inputs, results = folder(contents | {file: contents[file].replace(old, new, 1)})
    done = reappraise(inputs, results)
    assert done.returncode == 1
    assert done.stdout.startswith(b"DIFFERS")


# --- arithmetic, whatever the figures ---------------------------------------------------------------------------------

CENTS = st.integers(0, 10_000).map(lambda n: Decimal(n).scaleb(-2))
PUBLIC_KEYS = ("satisfaction", "attitude", "contact_satisfaction")
HOUSE_KEYS = ("on_time", "post_reply", "first_reply")


@st.composite
def schemes(draw):
    """Up to three parts of the public and of the house, with any weights that a scheme may have."""
    public = draw(st.integers(5_100, 9_997))
    chosen = draw(st.lists(st.sampled_from(PUBLIC_KEYS), min_size=1, unique=True))
    house = draw(st.lists(st.sampled_from(HOUSE_KEYS), min_size=1, max_size=3, unique=True))
    return [
        arithmetic.Component(key, weight, is_public)
        for keys, whole, is_public in ((chosen, public, True), (house, 10_000 - public, False))
        for key, weight in zip(keys, _split(draw, whole, len(keys)), strict=True)
    ]


def _split(draw, whole, parts):
    cuts = sorted(draw(st.lists(st.integers(1, whole - 1), min_size=parts - 1, max_size=parts - 1, unique=True)))
    return [b - a for a, b in zip([0, *cuts], [*cuts, whole], strict=True)]


def _facts(draw, part):
    """Any inputs of a part, also on too few; None where nothing is known."""
    if draw(st.integers(0, 9)) == 0:
        return None
    if part.public:
        points = str(draw(CENTS))
        waves = draw(st.sampled_from([{}, {"waves": ["b", "a"]}, {"waves": list("edcba")}]))
        return {"from": "poll", "points": points, "n": draw(st.integers(25, 90)), "floor": {"n": 30}} | waves
    cases = draw(st.integers(5, 400))
    facts = {"from": "cases", "measure": part.key, "cases": cases, "floor": {"cases": 10}}
    if part.key == "first_reply":
        return facts | {"seconds": draw(st.integers(0, 40 * 86_400 * cases))}
    return facts | {"good": draw(st.integers(0, cases))}


@st.composite
def worlds(draw):
    parts = draw(schemes())
    people = draw(st.integers(0, 12))
    return parts, [{p.key: f for p in parts if (f := _facts(draw, p)) is not None} for _n in range(people)]


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_whatever_the_figures_the_house_and_the_stranger_agree(world):
    parts, people = world
    worked = [
        arithmetic.lines(parts, {key: arithmetic.score_of(facts) for key, facts in inputs.items()}) for inputs in people
    ]
    for lines, total in worked:
        assert (total is None) == (len(lines) < len(parts))
        assert total is None or 0 <= total <= 100
        assert total is None or total == sum(line.points for line in lines)
        for line in lines:
            assert abs(line.points - line.score * line.weight / 10_000) <= Decimal("0.005")
    points = [{line.key: line.points for line in lines} for lines, total in worked if total is not None]
    effective = arithmetic.effective_public_weight(parts, points)
    header = canonical({"components": [{"key": p.key, "weight": p.weight, "public": p.public} for p in parts]})
    told = [
        canonical({"inputs": inputs, "missing": {}, "salt": str(n), "subject": f"{n:06d}", "unit": "u"})
        for n, inputs in enumerate(people)
    ]
    digest = run_hash(header, map(line_hash, told))
    outcomes = [
        Outcome(f"{n:06d}", "u", [(line.key, line.score, line.points) for line in lines], total)
        for n, (lines, total) in enumerate(worked)
    ]
    expected = results_file(outcomes, digest, effective, whole=True)
    assert stranger().results(inputs_file(header, told).decode()) == (expected, digest)


def stranger():
    """The tool as a module."""
    if "reappraise" not in sys.modules:
        import importlib.util

        spec = importlib.util.spec_from_file_location("reappraise", REAPPRAISE)
        sys.modules["reappraise"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["reappraise"])
    return sys.modules["reappraise"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(CENTS, CENTS), min_size=2, max_size=40))
def test_the_effective_weights_of_both_parts_make_one(pairs):
    public = arithmetic.Component("satisfaction", 5_100, True)
    house = arithmetic.Component("on_time", 4_900, False)
    rows = [{"satisfaction": a, "on_time": b} for a, b in pairs]
    one = arithmetic.effective_public_weight([public, house], rows)
    turned = [arithmetic.Component("satisfaction", 5_100, False), arithmetic.Component("on_time", 4_900, True)]
    other = arithmetic.effective_public_weight(turned, rows)
    assert (one is None) == (other is None)
    if one is not None and abs(one) < 99 and abs(other) < 99:
        assert abs(one + other - 1) <= Decimal("0.0001")


def test_the_export_holds_what_was_worked_out(year):
    first, *rest = files(year.run)["inputs.jsonl"].decode().splitlines()
    assert json.loads(first)["year"] == 2026
    assert len(rest) == year.run.appraisals.count()
    assert Component.objects.filter(scheme=year.scheme).count() == len(json.loads(first)["components"])

"""Recovered losses and assessments by others: files taken whole or not at all, and the figures of the 2014 report."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.utils import InternalError
from django.utils import timezone

from core.errors import Invalid, NotAllowed
from demo_city.evaluations import outcomes as demo
from evaluations.errors import ImportRefused
from evaluations.invariants import polls as invariants
from evaluations.models import ExternalAssessment, PropertyCrime, PropertyImport
from evaluations.queries.outcomes import assessments, recovery_by_year
from evaluations.scoring.recovery import PropertyCase, recovery
from evaluations.services import Assessment, import_property_cases, record_assessment

DAY = date(2014, 1, 15)
HEAD = "number,year,unit,loss,recovered,suspect_found"


def file(*lines):
    return "\r\n".join([HEAD, *lines]).encode()


def take(*lines, as_of=DAY, **kind):
    return import_property_cases(file(*lines), as_of=as_of, by=None, **kind)


def test_the_demo_city_shows_the_figures_of_the_report(city):
    context = type("Context", (), {"seed": 2014})
    demo.load(context)
    demo.load(context)  # the second time finds them
    years = {one.year: one for one in recovery_by_year()}
    assert years[2009].recovery.rate == Decimal("0.07")
    assert years[2013].recovery.rate == Decimal("0.38")
    assert sorted(years) == [2009, 2010, 2011, 2012, 2013]
    assert all(one.recovery.solved_in_huzhou < one.recovery.solved_usually for one in years.values())
    assert {(one.indicator, one.value) for one in assessments()} == {
        ("群众安全感", Decimal("96.48")),
        ("群众满意度", Decimal("97.36")),
    }
    assert "2014" in ExternalAssessment.objects.first().source
    assert PropertyImport.objects.count() == 1


def test_the_statement_counts_as_the_formula_does(city):
    lines = [f"a{n},2013,wuxing-yuehe,{100 + n},{n * 3},{n % 2}" for n in range(30)]
    take(*lines)
    [year] = recovery_by_year()
    rows = PropertyCrime.objects.values_list("loss", "recovered", "suspect_found")
    assert year.recovery == recovery(PropertyCase(*row) for row in rows)


def test_a_case_counts_as_the_newest_file_tells_it(city):
    take("a,2013,wuxing-yuehe,100,0,0", "b,2013,wuxing-yuehe,100,50,1")
    take("a,2013,wuxing-yuehe,100,100,1", as_of=DAY + timedelta(days=90))
    take("a,2013,wuxing-yuehe,100,7,1", as_of=DAY - timedelta(days=90))
    [year] = recovery_by_year()
    assert (year.recovery.cases, year.recovery.recovered) == (2, Decimal(150))
    assert year.as_of == DAY + timedelta(days=90)
    assert not year.is_shown  # two cases could be two people


def test_every_fault_is_told_by_line_column_and_code_and_nothing_is_kept(city):
    with pytest.raises(ImportRefused) as refused:
        take(
            "a330500200901,2013,wuxing-yuehe,100,0,1",
            "a330500200901,13,nowhere,1e9,-1,maybe",
            ",2015,wuxing-yuehe,0,0,0",
            "c,2013,wuxing-yuehe,100,100.01,否",
            "=1+1,2013,wuxing-yuehe,10,1,1",
        )
    found = {(p.line, p.column, p.code) for p in refused.value.problems}
    assert found == {
        (3, "number", "number-twice"), (3, "year", "bad-year"), (3, "unit", "unknown-unit"),
        (3, "loss", "bad-amount"), (3, "recovered", "bad-amount"), (3, "suspect_found", "bad-yes-or-no"),
        (4, "number", "empty"), (4, "year", "year-out-of-range"), (4, "loss", "no-loss"),
        (5, "recovered", "more-than-lost"), (6, "number", "formula"),
    }  # fmt: skip
    assert all("330500200901" not in p.value for p in refused.value.problems)
    assert not PropertyImport.objects.exists()
    assert not PropertyCrime.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (HEAD.encode(), "empty-file"),
        (HEAD.replace("loss,", "").encode() + b"\na,2013,wuxing-yuehe,0,1", "missing-column"),
        (HEAD.encode() + b",colour\na,2013,wuxing-yuehe,1,0,1,red", "unknown-column"),
    ],
)
def test_a_file_that_is_none(city, content, code):
    with pytest.raises(ImportRefused) as refused:
        import_property_cases(content, as_of=DAY, by=None)
    assert code in {p.code for p in refused.value.problems}


def test_a_file_from_excel_in_china_is_read(city):
    content = file("湖公（吴）立字〔2013〕1号,２０１３,wuxing-yuehe,100.50,20,是").decode().encode("gb18030")
    import_property_cases(content, as_of=DAY, by=None)
    case = PropertyCrime.objects.get()
    assert (case.number, case.year, case.loss, case.suspect_found) == (
        "湖公（吴）立字〔2013〕1号",
        2013,
        Decimal("100.50"),
        True,
    )


def test_the_same_file_is_taken_once(city):
    first = take("a,2013,wuxing-yuehe,100,0,1")
    assert take("a,2013,wuxing-yuehe,100,0,1").again
    assert PropertyImport.objects.get() == first.source
    with pytest.raises(ImportRefused):
        take("a,2013,wuxing-yuehe,100,0,1", as_of=DAY + timedelta(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        PropertyImport.objects.create(sha256=first.sha256, as_of=DAY, rows_count=0)


def test_a_trial_keeps_nothing(city):
    assert take("a,2013,wuxing-yuehe,100,0,1", dry_run=True).cases == 1
    assert not PropertyImport.objects.exists()


def test_a_day_to_come_is_refused(city):
    with pytest.raises(Invalid):
        take("a,2013,wuxing-yuehe,100,0,1", as_of=timezone.localdate() + timedelta(days=1))


def test_only_the_public_work_admin_hands_in(city):
    for who in (city.officer, city.leader, city.pollster, city.auditor):
        with pytest.raises(NotAllowed):
            import_property_cases(file("a,2013,wuxing-yuehe,100,0,1"), as_of=DAY, by=who)
    assert import_property_cases(file("a,2013,wuxing-yuehe,100,0,1"), as_of=DAY, by=city.admin).cases == 1


def test_what_was_taken_stands_in_raw_sql_too(city):
    take("a,2013,wuxing-yuehe,100,0,1")
    with pytest.raises(InternalError), transaction.atomic():
        PropertyCrime.objects.update(recovered=100)
    with pgtrigger.ignore("evaluations.PropertyCrime:never_changed"):
        PropertyCrime.objects.update(recovered=100)  # without the guard it would
    assert recovery_by_year()[0].recovery.recovered == 100


def test_a_file_with_a_case_less_is_noticed(city):
    take("a,2013,wuxing-yuehe,100,0,1")
    assert not list(invariants.files_of_property_cases_are_whole())
    PropertyImport.objects.update(rows_count=2)
    assert list(invariants.files_of_property_cases_are_whole())


def test_the_commands(city, tmp_path):
    good, bad, out, faults = tmp_path / "good.csv", tmp_path / "bad.csv", io.StringIO(), io.StringIO()
    good.write_bytes(file("a,2013,wuxing-yuehe,100,0,1"))
    bad.write_bytes(file("a,2013,nowhere,100,0,1"))
    call_command("import_property_cases", good, "--as-of", "2014-01-15", stdout=out)
    assert out.getvalue().startswith("1 property cases: taken")
    with pytest.raises(CommandError):
        call_command("import_property_cases", bad, "--as-of", "2014-01-15", stderr=faults)
    assert faults.getvalue().startswith("2:unit unknown-unit")
    words = ("--body", "省", "--indicator", "安全感", "--source", "报告")
    call_command("record_assessment", "2014", "96.48", *words, stdout=out)
    with pytest.raises(CommandError):
        call_command("record_assessment", "2014", "100.01", *words)
    assert ExternalAssessment.objects.get().value == Decimal("96.48")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": Decimal("100.01")}, "value"),
        ({"value": Decimal("96.481")}, "value"),
        ({"year": 1999}, "year"),
        ({"source": " "}, "source"),
        ({"body": "省" * 81}, "body"),
    ],
)
def test_an_assessment_is_sound_or_refused_by_field(city, change, field):
    values = {"year": 2014, "body": "省", "indicator": "安全感", "value": Decimal("96.48"), "source": "报告"} | change
    with pytest.raises(Invalid) as refused:
        record_assessment(Assessment(**values), by=city.admin)
    assert field in refused.value.fields
    assert not ExternalAssessment.objects.exists()


def test_an_assessment_is_recorded_once_and_by_the_admin(city):
    one = Assessment(2014, "省", "安全感", Decimal("96.48"), "报告")
    record_assessment(one, by=city.admin)
    with pytest.raises(Invalid):
        record_assessment(one, by=city.admin)
    with pytest.raises(NotAllowed):
        record_assessment(one, by=city.leader)

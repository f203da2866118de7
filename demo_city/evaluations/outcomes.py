"""What Huzhou reached, as rows: property cases that give 7 % for 2009 and 38 % for 2013, and the province's assessment.

The two rates and the two assessments are those of the 2014 report on Huzhou; the cases, the years between and the
shares of solved cases are made up.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from demo_city.context import Context
from directory.models import Unit
from evaluations.importing.property_cases import COLUMNS
from evaluations.models import ExternalAssessment
from evaluations.services import Assessment, import_property_cases, record_assessment

AS_OF = date(2014, 1, 15)
CASES_A_YEAR = 240
YEARS = {2009: (7, 30, 12), 2010: (14, 33, 20), 2011: (22, 37, 29), 2012: (30, 42, 37), 2013: (38, 48, 45)}  # percents
SOURCE = "2014 年关于湖州公安工作的报告；报告未写明测评年份，按报告年份记"
ASSESSMENTS = tuple(
    Assessment(
        2014, "浙江省群众安全感满意度测评", indicator, Decimal(value), SOURCE, "Provincial assessment", in_english
    )
    for indicator, in_english, value in (
        ("群众安全感", "Feeling of safety", "96.48"),
        ("群众满意度", "Satisfaction", "97.36"),
    )
)


def load(context: Context) -> None:
    """Hand the cases in as a file, and write the assessments down; the second time both are found."""
    import_property_cases(property_cases(context.seed), as_of=AS_OF, by=None)
    known = set(ExternalAssessment.objects.values_list("year", "body", "indicator"))
    for one in ASSESSMENTS:
        if (one.year, one.body, one.indicator) not in known:
            record_assessment(one, by=None)


def property_cases(seed: int) -> bytes:
    """The file: five years of cases at all stations."""
    stations = list(Unit.objects.filter(kind=Unit.Kind.STATION).order_by("code").values_list("code", flat=True))
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(COLUMNS)
    for year in YEARS:
        out.writerows(_year(Random(f"{seed} {year}"), year, stations))
    return text.getvalue().encode()


def _year(rng: Random, year: int, stations: list[str]) -> Iterator[tuple[object, ...]]:
    """A year's cases; what came back is the year's percent of what was lost, to the yuan."""
    percent, usual, huzhou = YEARS[year]
    losses = [rng.randint(300, 40_000) for _n in range(CASES_A_YEAR)]
    losses[0] += -sum(losses) % 100
    back = _share_out(sum(losses) * percent // 100, losses[: CASES_A_YEAR * huzhou // 100])
    lines = [
        (year, rng.choice(stations), loss, back[place] if place < len(back) else 0, int(place < found))
        for found in [CASES_A_YEAR * usual // 100]
        for place, loss in enumerate(losses)
    ]
    rng.shuffle(lines)
    for number, line in enumerate(lines, 1):
        yield f"{year}-{number:05d}", *line


def _share_out(amount: int, losses: list[int]) -> list[int]:
    """The amount over these losses in proportion, never more than was lost."""
    whole = sum(losses)
    back = [amount * loss // whole for loss in losses]
    for place in range(amount - sum(back)):
        back[place] += 1
    return back

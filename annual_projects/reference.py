"""The topics of the demand board, from topics.csv; the back office may change them later."""

import csv
from pathlib import Path

from annual_projects.models import Topic
from suggestions.models import Category

HERE = Path(__file__).parent / "data"
STEP = 10  # between two topics, so that one can be put in between


def load_topics(folder: Path | None = None) -> int:
    """Add the topics that are not there yet and whose category is; returns how many were new."""
    known = set(Category.objects.values_list("pk", flat=True))
    with ((folder or HERE) / "topics.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["category"] in known]
    topics = [
        Topic(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            category_id=row["category"],
            words=row["words"].split("|"),
            order=STEP * number,
        )
        for number, row in enumerate(rows, start=1)
    ]
    before = Topic.objects.count()
    Topic.objects.bulk_create(topics, ignore_conflicts=True)
    return Topic.objects.count() - before

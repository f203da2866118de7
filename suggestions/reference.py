"""Categories from categories.csv, and a routing rule for each: the category's target × its kind of department.

Words that say the same come from same_words.csv; those of which one is in the table stay as the back office has them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core import audit
from core.reference import Fault, Sheet, upsert
from directory.models import Unit
from suggestions.models import Category, RoutingRule, SameMeaning

HERE = Path(__file__).parent / "data"
COLUMNS = {"code": "code", "name": "name_zh", "name_en": "name_en", "kind": "kind", "complexity": "complexity"}
COLUMNS |= {"reply_days": "reply_days"}
DECIDES = ("kind", "complexity", "reply_days")  # who answers, and by when
FALL_BACK = "other"  # the category of a voice that fits none
NO_DEPARTMENT = "none"
STEP = 10  # between two categories, so that one can be put in between
Target = RoutingRule.Target


@dataclass
class Categories:
    categories: list[Category] = field(default_factory=list)
    rules: list[RoutingRule] = field(default_factory=list)
    meanings: list[SameMeaning] = field(default_factory=list)


def read(folder: Path, faults: list[Fault]) -> Categories:
    """The files of ``folder``, those that are there."""
    found = Categories(meanings=_meanings(folder, faults))
    if not (folder / "categories.csv").exists():
        return found
    sheet = Sheet(folder / "categories.csv", [*COLUMNS.values(), "function", "target", "keywords"], faults)
    for number, line in enumerate(sheet.lines(key=["code"]), start=1):
        words = [word for word in line["keywords"].split("|") if word]
        found.categories.append(line.build(Category, COLUMNS, keywords=words, order=number * STEP))
        if any(len(word) > 20 for word in words):
            line.fault("keywords", "a keyword has at most 20 characters")
        if line["target"] not in (Target.STATION, Target.COUNTY, Target.BUREAU):
            line.fault("target", "station, county or bureau")
        function = "" if line["function"] == NO_DEPARTMENT else line["function"]
        if function and function not in Unit.Function.values:
            line.fault("function", f"“{function}” is no kind of department")
        if not function and line["target"] in (Target.COUNTY, Target.BUREAU):
            line.fault("function", "a county or bureau target names a department")
        department = "" if line["target"] == Target.STATION else function
        found.rules.append(RoutingRule(category_id=line["code"], target=line["target"], function=department))
    if not _has_fall_back(category.code for category in found.categories):
        faults.append(Fault(sheet.name, 1, "code", f"the category “{FALL_BACK}” is needed"))
    return found


def _meanings(folder: Path, faults: list[Fault]) -> list[SameMeaning]:
    if not (folder / "same_words.csv").exists():
        return []
    sheet, found = Sheet(folder / "same_words.csv", ["words"], faults), []
    for line in sheet.lines(key=["words"]):
        words = [word for word in line["words"].split("|") if word]
        if len(words) < 2 or any(len(word) > 20 for word in words):
            line.fault("words", "two or more words, of at most 20 characters each")
        found.append(SameMeaning(words=words))
    return found


def _has_fall_back(given: Iterable[str]) -> bool:
    return FALL_BACK in given or Category.objects.filter(code=FALL_BACK).exists()


def save(found: Categories) -> dict[str, int]:
    """Upsert categories; a category without any rule gets its default one, and what the desk has set stays."""
    fields = ["name", "name_en", "kind", "complexity", "reply_days", "keywords", "order"]
    categories = upsert(found.categories, key=["code"], fields=fields, decides=DECIDES)
    known = [set(words) for words in SameMeaning.objects.values_list("words", flat=True)]
    fresh = [group for group in found.meanings if not any(words & set(group.words) for words in known)]
    SameMeaning.objects.bulk_create(fresh)
    routed = set(RoutingRule.objects.values_list("category_id", flat=True))
    missing = [rule for rule in found.rules if rule.category_id not in routed]
    RoutingRule.objects.bulk_create(missing)
    for rule in missing if routed else ():
        audit.record("routing.saved", rule, target=rule.target)
    return {"categories": categories, "routing rules": len(missing), "words that say the same": len(fresh)}

"""Where a voice goes: the most specific rule, and never to somebody who would judge themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import audit, policy
from core.errors import Invalid
from directory.models import Area, Officer, Unit
from directory.queries import inspectorates
from suggestions.models import Category, RoutingRule, Suggestion

Subjects = Sequence[tuple[Unit, Officer | None]]


@dataclass(frozen=True)
class Routed:
    """Where it goes, by which rule, and why, in words."""

    unit: Unit
    rule: RoutingRule | None
    why: str


def triage_unit() -> Unit:
    """The bureau's public-work centre, where every voice arrives."""
    return Unit.objects.select_related("parent").get(
        function=Unit.Function.PUBLIC_WORK, parent__kind=Unit.Kind.BUREAU, is_active=True
    )


def arrival_unit(subjects: Subjects) -> Unit:
    """The unit that first answers for a new voice: the public-work centre, or who stands above the complained-of."""
    return away_from(triage_unit(), subjects)


def is_conflicted(unit: Unit, subjects: Iterable[tuple[Unit, Officer | None]]) -> bool:
    """Whether the unit is complained of, or stands under a unit that is (P3)."""
    barred = unit.commanding_paths
    return any(subject.path in barred for subject, _officer in subjects)


def away_from(unit: Unit, subjects: Subjects) -> Unit:
    """The unit itself, or the nearest one above that is not complained of, or the bureau's inspectorate."""
    here: Unit | None = unit
    while here is not None and is_conflicted(here, subjects):
        here = here.parent
    if here is not None:
        return here
    for candidate in inspectorates().select_related("parent"):
        if not is_conflicted(candidate, subjects):
            return candidate
    raise Invalid("subjects", _("No unit is left that could handle this: name the unit more precisely."))


def looks_into_conduct(unit: Unit) -> bool:
    """Whether the unit may have what seems to accuse the police before it is decided of whom: the bureau itself, its
    inspectorate and its public-work centre. The database holds to the same."""
    impartial = unit.function in (Unit.Function.INSPECTORATE, Unit.Function.PUBLIC_WORK)
    of_the_bureau = unit.parent is not None and unit.parent.kind == Unit.Kind.BUREAU
    return unit.kind == Unit.Kind.BUREAU or (impartial and of_the_bureau)


def rules_for(category: Category | None, area: Area | None) -> list[RoutingRule]:
    """The active rules that match, the most specific first: category, then the smaller area, then the order."""
    matching = RoutingRule.objects.filter(is_active=True).filter(
        Q(category=None) | Q(category=category) if category else Q(category=None)
    )
    rules = [
        rule
        for rule in matching.select_related("unit__parent", "category", "area")
        if rule.area_id is None or (area is not None and area.code.startswith(rule.area_id))
    ]
    return sorted(rules, key=lambda rule: (rule.category_id is None, -len(rule.area_id or ""), rule.order))


def station_of(area: Area | None) -> Unit | None:
    """The station whose jurisdiction holds the area: the longest code that matches."""
    if area is None:
        return None
    prefixes = [area.code[:length] for length in (12, 9) if len(area.code) >= length]
    stations = Unit.objects.active().filter(kind=Unit.Kind.STATION, areas__code__in=prefixes)
    return stations.select_related("parent__parent").order_by("-areas__code").first()


def sub_bureau_of(area: Area | None) -> Unit | None:
    """The sub-bureau that answers for an area: its station's, or the one whose seat is in the county."""
    station = station_of(area)
    if station is not None:
        return station.parent
    if area is None or len(area.code) < 6:
        return None
    seated = Unit.objects.active().filter(kind=Unit.Kind.SUB_BUREAU, area__code=area.code[:6])
    return seated.select_related("parent").first()


def _department(parent: Unit | None, function: str) -> Unit | None:
    if parent is None:
        return None
    return parent.children.filter(function=function, is_active=True).select_related("parent__parent").first()


def _target(rule: RoutingRule, area: Area | None) -> Unit | None:
    match rule.target:
        case RoutingRule.Target.UNIT:
            return rule.unit
        case RoutingRule.Target.STATION:
            return station_of(area)
        case RoutingRule.Target.COUNTY:
            return _department(sub_bureau_of(area), rule.function)
        case _:
            return _department(Unit.objects.filter(kind=Unit.Kind.BUREAU).first(), rule.function)


def route(category: Category | None, area: Area | None, subjects: Subjects = ()) -> Routed:
    """Where a voice of this category from this area goes, moved away from whoever it complains of."""
    unit, rule = _by_rules(category, area)
    if unit is None:
        unit = station_of(area) or _department(sub_bureau_of(area), Unit.Function.PUBLIC_WORK) or triage_unit()
    answering = away_from(unit, subjects)
    return Routed(answering, rule, _why(unit, answering, rule))


def route_case(case: Suggestion, category: Category | None = None, area: Area | None = None) -> Routed:
    """Where the case goes. While it only seems to be a complaint about the police it is routed as one, and to nobody
    who may be meant."""
    subjects = [(subject.unit, subject.officer) for subject in case.subjects.all()]
    category, area = category or case.category, area or case.area
    if not case.seems_complaint:
        return route(category, area, subjects)
    routed = route(conduct() or category, area, subjects)
    unit = routed.unit
    if not looks_into_conduct(unit):
        unit = away_from(inspectorates().select_related("parent").first() or triage_unit(), subjects)
    return Routed(unit, routed.rule, _("it seems to complain of the police, and nobody has decided yet"))


def conduct() -> Category | None:
    """The category of complaints about the police."""
    return Category.objects.filter(kind="complaint", is_active=True).first()


def _by_rules(category: Category | None, area: Area | None) -> tuple[Unit | None, RoutingRule | None]:
    for rule in rules_for(category, area):
        unit = _target(rule, area)
        if unit is not None and unit.is_active:
            return unit, rule
    return None, None


def _why(wanted: Unit, answering: Unit, rule: RoutingRule | None) -> str:
    by_rule = _("by the rule %(rule)s") % {"rule": rule} if rule else _("by the place")
    if wanted == answering:
        return by_rule
    return _("%(reason)s it would be %(unit)s, which the complaint is about or which stands under it") % {
        "reason": by_rule,
        "unit": wanted,
    }


@transaction.atomic
def save_rule(rule: RoutingRule, *, by: Any) -> RoutingRule:
    """Add or change a rule; what its target does not use is left out.

    Raises: NotAllowed; Invalid by field when the target lacks its unit or department, or the place is taken.
    """
    policy.require(by, "edit", "routing")
    if rule.target == RoutingRule.Target.UNIT and rule.unit is None:
        raise Invalid("unit", _("Choose the unit this rule sends to."))
    if rule.target in (RoutingRule.Target.COUNTY, RoutingRule.Target.BUREAU) and not rule.function:
        raise Invalid("function", _("Choose the department this rule sends to."))
    if rule.target != RoutingRule.Target.UNIT:
        rule.unit = None
    if rule.target in (RoutingRule.Target.UNIT, RoutingRule.Target.STATION):
        rule.function = ""
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError:
        raise Invalid("order", _("Another rule has this category, area and order. Choose another order.")) from None
    audit.record("routing.saved", rule, by=by, target=rule.target)
    return rule


@transaction.atomic
def delete_rule(rule: RoutingRule, *, by: Any) -> None:
    """Remove a rule; what it routed before stays where it is."""
    policy.require(by, "edit", "routing")
    audit.record("routing.deleted", rule, by=by)
    rule.delete()

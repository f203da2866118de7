"""How a year's appraisals are made up: proposed by one person, locked by another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit, policy
from core.errors import Invalid, NotAllowed
from core.said import limit, said
from core.text import clean
from directory.models import Officer
from evaluations.errors import AppraisalMovedOn
from evaluations.models import Component, Scheme
from evaluations.scoring.appraisal import LEAST_PUBLIC, WHOLE
from evaluations.sources import SOURCES, sources_for
from evaluations.states import SubjectKind

FIRST_YEAR, LAST_YEAR = 2011, 2100  # the public has been asked since May 2011


@dataclass(frozen=True)
class SchemePlan:
    """Whom a scheme is for, and the weight of each source in whole basis points."""

    year: int
    about: str
    title: str
    weights: Mapping[str, int]
    role: str = ""


@transaction.atomic
def propose_scheme(plan: SchemePlan, *, by: Any) -> Scheme:
    """Write a scheme down, in place of an earlier proposal for the same year and role, if that is not locked.

    Raises: NotAllowed, Invalid by field: the weights add up to 10000 and the public's to at least 5100.
    """
    policy.require(by, "propose", "scheme")
    check_plan(plan)
    key = {"year": plan.year, "about": plan.about, "role": plan.role}
    named = {"title": said(plan.title, "title", limit(Scheme, "title")), "proposed_by": by}
    scheme, _new = Scheme.objects.select_for_update().get_or_create(**key, defaults=named)
    if scheme.locked_at is not None:
        raise Invalid("year", _("There is a locked scheme for this year and role; it stands as it is."))
    scheme.title, scheme.proposed_by = named["title"], by
    scheme.save(update_fields=["title", "proposed_by"])
    scheme.components.all().delete()
    Component.objects.bulk_create(_components(scheme, plan.weights))
    audit.record("scheme.proposed", scheme, by=by, year=plan.year, weights=dict(_given(plan.weights)))
    return scheme


def _given(weights: Mapping[str, int]) -> list[tuple[str, int]]:
    """The parts that weigh something, the public's first, in the order of the sources."""
    order = list(SOURCES)
    named = [(key, weight) for key, weight in weights.items() if weight]
    return sorted(named, key=lambda pair: (not SOURCES[pair[0]].is_public, order.index(pair[0])))


def _components(scheme: Scheme, weights: Mapping[str, int]) -> list[Component]:
    made = []
    for order, (key, weight) in enumerate(_given(weights), 1):
        source = SOURCES[key]
        with translation.override("zh-hans"):
            label = str(source.label)
        with translation.override("en"):
            english = str(source.label)
        about = {"label": label, "label_en": english, "is_public": source.is_public, "order": order}
        made.append(Component(scheme=scheme, key=key, weight=weight, **about))
    return made


def check_plan(plan: SchemePlan) -> None:
    """Raises: Invalid by field."""
    if not FIRST_YEAR <= plan.year <= LAST_YEAR:
        raise Invalid("year", _("A year from %(first)s on.") % {"first": FIRST_YEAR})
    if plan.about not in SubjectKind.values:
        raise Invalid("about", _("Please choose whom the scheme is for."))
    if plan.role and (plan.about != SubjectKind.OFFICER or plan.role not in Officer.Position.values):
        raise Invalid("role", _("Please choose a position, or leave it open for a unit."))
    if not clean(plan.title):
        raise Invalid("title", _("Please give the scheme a name."))
    _check_weights(plan)


def _check_weights(plan: SchemePlan) -> None:
    known = {source.key for source in sources_for(plan.about)}
    for key, weight in plan.weights.items():
        if key not in known:
            raise Invalid("weights", _("There is no source «%(key)s».") % {"key": key})
        if weight < 0:
            raise Invalid("weights", _("A weight is not below nought."))
    whole = sum(plan.weights.values())
    if whole != WHOLE:
        raise Invalid("weights", _("The weights add up to 10000 basis points; here it is %(sum)s.") % {"sum": whole})
    public = sum(weight for key, weight in plan.weights.items() if SOURCES[key].is_public)
    if public < LEAST_PUBLIC:
        words = _("The public's weight is at least 5100 of 10000 basis points; here it is %(sum)s.")
        raise Invalid("weights", words % {"sum": public})


@transaction.atomic
def lock_scheme(scheme: Scheme, *, by: Any) -> Scheme:
    """From now on the scheme stands; whoever proposed it does not lock it. Raises: NotAllowed, AppraisalMovedOn."""
    policy.require(by, "lock", "scheme")
    scheme = hold_scheme(scheme)
    if scheme.locked_at is not None:
        raise AppraisalMovedOn(_("This scheme is locked already."))
    if scheme.proposed_by_id == by.pk:
        raise NotAllowed(_("You proposed this scheme; somebody else must lock it."))
    scheme.locked_by, scheme.locked_at = by, timezone.now()
    scheme.save(update_fields=["locked_by", "locked_at"])
    audit.record("scheme.locked", scheme, by=by)
    return scheme


def hold_scheme(scheme: Scheme) -> Scheme:
    """The scheme as it is now, locked against others: everything about its runs is done one at a time."""
    return Scheme.objects.select_for_update().get(pk=scheme.pk)

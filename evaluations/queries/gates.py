"""The gate of an officer in words, and whom somebody may look up."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from core.text import ascii_digits, clean
from directory.models import Officer
from evaluations.models import Gate
from evaluations.states import AppraisalState, GateReason

MOST_FOUND = 20


def in_force(gates: QuerySet[Gate] | None = None) -> QuerySet[Gate]:
    """The gates of published runs that are current; an appeal that was upheld puts a new run in place of the old."""
    rows = Gate.objects.all() if gates is None else gates
    return rows.filter(run__is_current=True, run__state=AppraisalState.PUBLISHED).order_by("-year", "-passed", "-pk")


def gates_of(officer: Officer) -> list[Gate]:
    """One gate a year, the newest first; where two runs speak of a year, the one that was passed. One statement."""
    by_year: dict[int, Gate] = {}
    for gate in in_force(officer.gates.all()):
        by_year.setdefault(gate.year, gate)
    return list(by_year.values())


def found_officers(officers: QuerySet[Officer], words: str) -> list[Officer]:
    """Up to twenty of these officers by badge number or name, each with ``gates_in_force``; two statements."""
    words = ascii_digits(clean(words))[:40]
    by = {"badge_number": words} if words.isdigit() else {"name__contains": words}
    rows = officers.filter(is_active=True, **by) if words else officers.none()
    prefetch = Prefetch("gates", queryset=in_force(), to_attr="gates_in_force")
    return list(rows.select_related("unit").prefetch_related(prefetch).order_by("name", "badge_number")[:MOST_FOUND])


def explain(gate: Gate) -> str:
    """Why the gate was passed or not, in one sentence."""
    said = {"year": gate.year, "points": gate.public_points, "threshold": gate.threshold}
    if gate.passed:
        return _("Of 100 points the public gave %(points)s in %(year)s; %(threshold)s are needed.") % said
    if gate.public_points is None or gate.because == GateReason.TOO_FEW:
        return _("For %(year)s too few people answered: no score may be published, so the gate is not passed.") % said
    missing = gate.threshold - gate.public_points
    return _("Of 100 points the public gave %(points)s in %(year)s: %(missing)s short of the %(threshold)s needed.") % {
        **said,
        "missing": missing,
    }


def unexplained(year: int | None = None) -> str:
    """What is said where there is no gate at all."""
    if year is None:
        return _("No published appraisal speaks of this officer yet, so nobody knows what the public thinks.")
    return _("No published appraisal of %(year)s speaks of this officer.") % {"year": year}

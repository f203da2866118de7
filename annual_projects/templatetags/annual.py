"""Figures as people read them: 34.2%, 82,000, +12.5%."""

from django import template
from django.utils.translation import gettext as _

from annual_projects import thread
from annual_projects.models import Evidence
from annual_projects.states import ShareOf

register = template.Library()


@register.filter
def percent(basis_points: int | None) -> str:
    """3420 → 34.2%; nothing for None."""
    return "" if basis_points is None else thread.percent(basis_points)


@register.filter
def growth(basis_points: int | None) -> str:
    """1250 → +12.5%; a dash where there is nothing to compare with."""
    if basis_points is None:
        return "—"
    sign = "+" if basis_points > 0 else "−" if basis_points < 0 else "±"
    return f"{sign}{thread.percent(abs(basis_points))}"


@register.filter
def thousands(number: int | None) -> str:
    """82000 → 82,000."""
    return "" if number is None else f"{number:,}"


@register.filter
def share_label(evidence: Evidence) -> str:
    """占行政管理类求助: what the share is of."""
    if evidence.of == ShareOf.ADMINISTRATIVE:
        return _("of the requests for administrative services")
    return _("of everything people told us")


@register.filter
def share_words(evidence: Evidence) -> str:
    """占行政管理类求助 34.2%."""
    return thread.evidence_words(evidence)

"""What is recorded of a project while it goes on: reports with photos, measures issued, people served, ratings."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annual_projects import access
from annual_projects.errors import NotNow
from annual_projects.models import BeneficiaryCount, Measure, ProgressReport, Project, ProjectRating
from annual_projects.services import moves
from annual_projects.services.delivering import begin
from annual_projects.states import Phase
from core import audit, clock, policy
from core.errors import Invalid
from core.files import CleanFile
from core.said import limit, said

LARGEST_COUNT = 3_000_000  # nobody serves more people in a month than live in the city


def _open(project: Project, by: Any) -> Project:
    """The locked project that the user may report on while its year is not finished. Raises: NotAllowed, NotNow."""
    project = moves.lock_project(project)
    access.require(access.may_report(by, project))
    if project.edition.phase == Phase.ARCHIVED:
        raise NotNow(_("This year is finished; its figures stand."))
    return project


@transaction.atomic
def report_progress(project: Project, *, by: Any, words: str, photos: Sequence[CleanFile] = ()) -> ProgressReport:
    """Say publicly what has been done, with photos. Raises: NotAllowed, NotNow, Invalid."""
    project = _open(project, by)
    officer = by.officer_or_none
    report = project.reports.create(
        text=moves.words(words, "text", limit(ProgressReport, "text")),
        reported_by=by,
        unit=officer.unit if officer else None,
    )
    for photo in {photo.sha256: photo for photo in photos}.values():
        if not photo.mime.startswith("image/"):
            raise Invalid("photos", _("Only photos can be shown with a report."))
        report.photos.create(
            file=photo.content, mime=photo.mime, sha256=photo.sha256, width=photo.width, height=photo.height
        )
    audit.record("project.reported", project, by=by, report=report.pk)
    begin(project, by=by)
    return report


@transaction.atomic
def hide_report(report: ProgressReport, *, by: Any, reason: str) -> ProgressReport:
    """Take a report off the public page; that it was, and why, stays on record. Raises: NotAllowed, Invalid."""
    policy.require(by, "settle", "project")
    report = ProgressReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    report.hidden_because = moves.words(reason, "reason", limit(ProgressReport, "hidden_because"))
    report.hidden_at = clock.now()
    report.save(update_fields=["hidden_because", "hidden_at"])
    audit.record("project.report_hidden", report, by=by, reason=report.hidden_because)
    return report


@transaction.atomic
def issue_measure(
    project: Project, *, by: Any, title: str, document_number: str, issued_on: date, summary: str = ""
) -> Measure:
    """Record a rule or measure that was issued. Raises: NotAllowed, NotNow, Invalid by field."""
    project = _open(project, by)
    number = moves.words(document_number, "document_number", limit(Measure, "document_number"))
    if project.measures.filter(document_number=number).exists():
        raise Invalid("document_number", _("This document is recorded already."))
    if issued_on > timezone.localdate(clock.now()):
        raise Invalid("issued_on", _("This day is still to come."))
    measure = project.measures.create(
        title=moves.words(title, "title", limit(Measure, "title")),
        document_number=number,
        issued_on=issued_on,
        summary=said(summary, "summary", limit(Measure, "summary")),
        recorded_by=by,
    )
    audit.record("project.measure", project, by=by, measure=measure.pk)
    return measure


@transaction.atomic
def count_beneficiaries(
    project: Project, *, by: Any, month: date, definition: str, source: str, number: int
) -> BeneficiaryCount:
    """How many people were served in a month; recorded again for the same month, the figure is corrected.

    Raises: NotAllowed, NotNow, Invalid by field.
    """
    project = _open(project, by)
    if not 0 <= number <= LARGEST_COUNT:
        raise Invalid("number", _("Please give a number of people that can be true."))
    if month > timezone.localdate(clock.now()):
        raise Invalid("month", _("This month is still to come."))
    counted = moves.words(definition, "definition", limit(BeneficiaryCount, "definition"))
    told_by = moves.words(source, "source", limit(BeneficiaryCount, "source"))
    of = {"month": month.replace(day=1), "definition": counted}
    figure = {"source": told_by, "number": number, "recorded_by": by, "at": clock.now()}
    count, made = BeneficiaryCount.objects.select_for_update().get_or_create(project=project, **of, defaults=figure)
    if not made:
        for name, value in figure.items():
            setattr(count, name, value)
        count.save(update_fields=list(figure))
    audit.record("project.beneficiaries", project, by=by, count=count.pk, month=str(count.month), number=number)
    return count


@transaction.atomic
def rate_project(project: Project, *, user: Any, level: int, comment: str = "") -> ProjectRating:
    """A verified citizen says what a project was worth, once. Raises: NotAllowed, NotNow, Invalid."""
    policy.require(user, "rate", "project")
    project = moves.lock_project(project)
    if project.edition.phase != Phase.JUDGED:
        raise NotNow(_("Projects are rated at the end of their year. The timetable shows when."))
    if not 1 <= level <= 5:
        raise Invalid("level", _("Please choose one of the five."))
    if project.ratings.filter(user=user).exists():
        raise Invalid("level", _("You have rated this project already. Thank you."))
    return project.ratings.create(
        user=user, level=level, comment=said(comment, "comment", limit(ProjectRating, "comment"))
    )

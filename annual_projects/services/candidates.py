"""The desk's work on candidates: made from demand, described, put together, looked at, decided."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from annual_projects.errors import NotNow
from annual_projects.models import Candidate, CandidateVoice, Edition, Evidence
from annual_projects.models.candidate import SLUG
from annual_projects.queries import demand as demands
from annual_projects.queries.demand import Demand
from annual_projects.services import moves
from annual_projects.services.nominating import free_slug
from annual_projects.states import UNDECIDED, CandidateState, ShareOf, Source, Who
from core import audit, clock, policy, text
from core.errors import Invalid
from core.said import limit, said
from directory.models import Area, Unit
from suggestions.models import Category


@dataclass(frozen=True)
class Description:
    """What people read of a candidate before they vote."""

    title: str
    summary: str = ""
    outcome: str = ""
    slug: str = ""
    category: Category | None = None
    area: Area | None = None
    lead_unit: Unit | None = None
    target: int | None = None
    target_unit: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the feasibility review found."""

    accepted: bool
    reasons: str
    cost: int | None = None
    law: str = ""


@transaction.atomic
def candidate_from_demand(
    edition: Edition, demand: Demand, *, by: Any, title: str = "", summary: str = ""
) -> Candidate:
    """Turn a demand into a candidate under review, its evidence counted now and frozen, its voices linked.

    Asked a second time, the candidate that stands for it already. Raises: NotAllowed, Frozen, Invalid when nobody said
    it in that period.
    """
    policy.require(by, "prepare", "edition")
    edition = moves.lock_open_list(edition)
    if made := demands.candidates_made(edition).get(demand.about):
        return made
    counted = demands.count(demand)
    if not counted.count:
        raise Invalid("title", _("Nobody has said this in that period."))
    candidate = Candidate.objects.create(
        edition=edition,
        slug=free_slug(edition, demand.key),
        source=Source.DEMAND,
        title=said(title, "title", limit(Candidate, "title")) or demand.label[: limit(Candidate, "title")],
        summary=said(summary, "summary", limit(Candidate, "summary")),
        category=demand.category or (demand.topic.category if demand.topic else None),
        area=demand.area,
    )
    evidence_of(candidate, demand, counted).save()
    link_voices(candidate, demand)
    moves.move(candidate, CandidateState.UNDER_REVIEW, who=Who.DESK, by=by)
    return candidate


def evidence_of(candidate: Candidate, demand: Demand, counted: demands.Counted) -> Evidence:
    """The figures as they are to be frozen, not saved yet."""
    asked = counted.administrative
    return Evidence(
        candidate=candidate,
        count=counted.count,
        of=ShareOf.ALL if asked is None else ShareOf.ADMINISTRATIVE,
        total=counted.all if asked is None else asked,
        before=counted.before,
        starts=demand.period.starts,
        ends=demand.period.ends,
        category=demand.category,
        area=demand.area,
        topic=demand.topic,
        words=list(demand.words),
    )


def link_voices(candidate: Candidate, demand: Demand) -> None:
    """Put every voice of the demand behind the candidate, in one statement."""
    sql, params = demands.voices(demand).order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO annual_projects_candidatevoice (candidate_id, suggestion_id) "  # noqa: S608  our own query
            f"SELECT %s, said.id FROM ({sql}) said(id) ON CONFLICT DO NOTHING",
            [candidate.pk, *params],
        )


@transaction.atomic
def describe(candidate: Candidate, description: Description, *, by: Any) -> Candidate:
    """Say it so that a neighbour understands it. Raises: NotAllowed, Frozen, Invalid by field, NotNow."""
    policy.require(by, "prepare", "edition")
    candidate = moves.lock_candidate(candidate)
    if candidate.state not in (*UNDECIDED, CandidateState.ACCEPTED):
        raise NotNow
    fields = _cleaned(candidate, description)
    for name, value in fields.items():
        setattr(candidate, name, value)
    if candidate.state == CandidateState.ACCEPTED:
        _require_whole(candidate)
    candidate.save(update_fields=list(fields))
    audit.record("candidate.described", candidate, by=by)
    return candidate


def _cleaned(candidate: Candidate, wanted: Description) -> dict[str, Any]:
    """Raises: Invalid by field."""
    slug = text.clean(wanted.slug) or candidate.slug
    if not re.fullmatch(SLUG, slug) or len(slug) > 60:
        raise Invalid("slug", _("Only small letters, digits and hyphens."))
    if candidate.edition.candidates.exclude(pk=candidate.pk).filter(slug=slug).exists():
        raise Invalid("slug", _("Another candidate has this address."))
    summary = text.clean(wanted.summary)
    if len(summary) > 120:
        raise Invalid("summary", _("At most 120 characters, so that it fits on the ballot."))
    return {
        "title": moves.words(wanted.title, "title", limit(Candidate, "title")),
        "summary": summary,
        "outcome": said(wanted.outcome, "outcome", limit(Candidate, "outcome")),
        "slug": slug,
        "category": wanted.category,
        "area": wanted.area,
        "lead_unit": wanted.lead_unit,
        "target": wanted.target,
        "target_unit": said(wanted.target_unit, "target_unit", limit(Candidate, "target_unit")),
    }


@transaction.atomic
def take_up(candidate: Candidate, *, by: Any) -> Candidate:
    """Begin to look at a proposal, or look again at one that was decided, put together or turned down.

    Raises: NotAllowed, Frozen, NotNow.
    """
    decided = candidate.state in (CandidateState.ACCEPTED, CandidateState.REJECTED)
    policy.require(by, "decide" if decided else "prepare", "edition")
    candidate = moves.lock_candidate(candidate)
    changes: dict[str, Any] = (
        {"merged_into": None, "number": None} if candidate.state != CandidateState.NOMINATED else {}
    )
    who = Who.ADMIN if policy.can(by, "decide", "edition") else Who.DESK
    moves.move(candidate, CandidateState.UNDER_REVIEW, who=who, by=by, **changes)
    return candidate


@transaction.atomic
def merge(candidate: Candidate, *, into: Candidate, by: Any) -> Candidate:
    """Put a candidate together with another of the edition that wants the same; voices and proposers go along.

    Raises: NotAllowed, Frozen, NotNow, Invalid.
    """
    policy.require(by, "prepare", "edition")
    candidate = moves.lock_candidate(candidate)
    into = Candidate.objects.select_for_update(of=("self",)).get(pk=into.pk)
    if into.pk == candidate.pk or into.edition_id != candidate.edition_id:
        raise Invalid("into", _("Choose another candidate of the same year."))
    if into.state not in (*UNDECIDED, CandidateState.ACCEPTED):
        raise Invalid("into", _("That one does not stand by itself any more. Choose another."))
    if candidate.members.exists():
        raise Invalid("into", _("Others were put together with this one. Merge the other way round."))
    moves.move(candidate, CandidateState.MERGED, who=Who.DESK, by=by, merged_into=into)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO annual_projects_candidatevoice (candidate_id, suggestion_id) "
            "SELECT %s, v.suggestion_id FROM annual_projects_candidatevoice v WHERE v.candidate_id = %s "
            "ON CONFLICT DO NOTHING",
            [into.pk, candidate.pk],
        )
    return candidate


@transaction.atomic
def review(candidate: Candidate, verdict: Verdict, *, by: Any) -> Candidate:
    """Accept a candidate for the ballot or turn it down, with reasons in either case.

    Raises: NotAllowed, Frozen, NotNow, Invalid by field for what is missing.
    """
    policy.require(by, "decide", "edition")
    candidate = moves.lock_candidate(candidate)
    longest = limit(Candidate, "reasons")
    reasons = moves.words(verdict.reasons, "reasons", longest, _("Please give the reasons; they are public."))
    law = said(verdict.law, "law", limit(Candidate, "law"))
    if verdict.cost is not None and verdict.cost < 0:
        raise Invalid("cost", _("A cost is not below zero."))
    if verdict.accepted:
        _require_whole(candidate)
    moves.move(
        candidate,
        CandidateState.ACCEPTED if verdict.accepted else CandidateState.REJECTED,
        who=Who.ADMIN,
        by=by,
        reason=reasons,
        reasons=reasons,
        cost=verdict.cost,
        law=law,
        decided_by=by,
        decided_at=clock.now(),
    )
    return candidate


def _require_whole(candidate: Candidate) -> None:
    """Raises: Invalid for the first thing voters would miss."""
    for field in ("summary", "outcome", "lead_unit", "target", "target_unit"):
        if not getattr(candidate, field):
            name = Candidate._meta.get_field(field).verbose_name  # type: ignore[union-attr]
            raise Invalid(field, _("Voters need this. Please fill it in first: %(field)s") % {"field": name})


@transaction.atomic
def withdraw(candidate: Candidate, *, by: Any, reason: str) -> Candidate:
    """Take a candidate off before the freeze. Raises: NotAllowed, Frozen, NotNow, Invalid."""
    policy.require(by, "prepare", "edition")
    candidate = moves.lock_candidate(candidate)
    who = Who.ADMIN if policy.can(by, "decide", "edition") else Who.DESK
    reason = moves.words(reason, "reason", limit(Candidate, "reasons"))
    moves.move(candidate, CandidateState.WITHDRAWN, who=who, by=by, reason=reason, reasons=reason, number=None)
    return candidate


def voices_behind(candidate: Candidate) -> int:
    """How many voices stand behind it; one statement."""
    return CandidateVoice.objects.filter(candidate=candidate).count()

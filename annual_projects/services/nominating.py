"""Anybody who signs in proposes something for the year, or joins what somebody proposed already."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annual_projects.errors import NotNow
from annual_projects.models import Candidate, Edition, Nomination
from annual_projects.services import moves
from annual_projects.states import UNDECIDED, CandidateState, Phase, Source, Who
from core import audit, policy
from core.errors import Invalid, NotAllowed
from core.said import limit, said
from directory.models import Area
from suggestions.models import Category, Suggestion

MOST_A_PERSON = 5


@dataclass(frozen=True)
class Idea:
    """What somebody proposes; ``organisation`` is named when it speaks for one."""

    title: str
    text: str
    outcome: str = ""
    category: Category | None = None
    area: Area | None = None
    organisation: str = ""
    suggestion: Suggestion | None = None


@transaction.atomic
def nominate(edition: Edition, idea: Idea, *, user: Any, idempotency_key: str) -> Nomination:
    """Propose something new; the same form sent twice is one nomination.

    Raises: NotAllowed; NotNow outside the time for ideas; Invalid by field, or after five of one person.
    """
    edition, again = _begin(edition, user, idempotency_key)
    if again is not None:
        return again
    title = moves.words(idea.title, "title", limit(Candidate, "title"))
    organisation = said(idea.organisation, "organisation", limit(Nomination, "organisation"))
    wish = moves.words(idea.text, "text", limit(Nomination, "text"))
    candidate = Candidate.objects.create(
        edition=edition,
        slug=free_slug(edition, idea.category.code if idea.category else "idea"),
        source=_source(user, organisation),
        title=title,
        outcome=said(idea.outcome, "outcome", limit(Candidate, "outcome")),
        category=idea.category,
        area=idea.area,
    )
    return _nomination(candidate, wish, user, organisation, idempotency_key, idea.suggestion)


@transaction.atomic
def join(candidate: Candidate, *, user: Any, words: str, idempotency_key: str) -> Nomination:
    """Say that one proposes the same; once a person and candidate.

    Raises: NotAllowed; NotNow outside the time for ideas or for a candidate that is decided; Invalid.
    """
    edition, again = _begin(candidate.edition, user, idempotency_key)
    if again is not None:
        return again
    candidate = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    if candidate.edition_id != edition.pk or candidate.state not in UNDECIDED:
        raise NotNow
    if candidate.nominations.filter(user=user).exists():
        raise Invalid("text", _("You have proposed this already. Thank you."))
    return _nomination(
        candidate, moves.words(words, "text", limit(Nomination, "text")), user, "", idempotency_key, None
    )


def _begin(edition: Edition, user: Any, key: str) -> tuple[Edition, Nomination | None]:
    """The locked edition, and the nomination this form made before, if it was sent twice."""
    policy.require(user, "submit", "nomination")
    edition = moves.lock_edition(edition)
    again = Nomination.objects.select_related("candidate__edition").filter(idempotency_key=key).first()
    if again is not None:
        if again.user_id != user.pk or again.candidate.edition_id != edition.pk:
            raise Invalid("idempotency_key", _("This form was used already. Please open the page again."))
        return edition, again
    if edition.phase != Phase.COLLECTING or edition.is_frozen:
        raise NotNow(_("Ideas are not collected at this time. The timetable shows when."))
    if Nomination.objects.filter(candidate__edition=edition, user=user).count() >= MOST_A_PERSON:
        raise Invalid("title", _("You have made %(n)d proposals this year; that is the most.") % {"n": MOST_A_PERSON})
    return edition, None


def _source(user: Any, organisation: str) -> Source:
    if organisation:
        return Source.PARTNER
    return Source.STAFF if policy.is_staff_member(user) else Source.CITIZEN


def _nomination(
    candidate: Candidate, words: str, user: Any, organisation: str, key: str, suggestion: Suggestion | None
) -> Nomination:
    made = Nomination.objects.create(
        candidate=candidate,
        source=_source(user, organisation),
        user=user,
        organisation=organisation,
        text=words,
        suggestion=suggestion,
        idempotency_key=key,
    )
    audit.record("nomination.made", candidate, nomination=made.pk, source=made.source)
    return made


def free_slug(edition: Edition, base: str) -> str:
    """An address nobody in the edition has: ``base-1``, ``base-2``, … The edition must be locked."""
    base = base.replace("_", "-")[:50]
    taken = set(edition.candidates.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 1
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


@transaction.atomic
def take_back(candidate: Candidate, *, user: Any) -> Candidate:
    """Whoever proposed it alone takes it back, before anybody looked at it.

    Raises: NotAllowed when it is not theirs alone; Frozen; NotNow.
    """
    candidate = moves.lock_candidate(candidate)
    proposers = set(candidate.nominations.values_list("user", flat=True))
    if proposers != {user.pk}:
        raise NotAllowed
    moves.move(candidate, CandidateState.WITHDRAWN, who=Who.CITIZEN)
    return candidate

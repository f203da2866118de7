"""The freeze: one person proposes the list as it stands, another confirms exactly that list, and then it stands."""

import hashlib
import json
from datetime import UTC, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annual_projects.errors import NotNow
from annual_projects.models import Candidate, Edition
from annual_projects.services import moves, telling
from annual_projects.states import MOST_LISTED, UNDECIDED, CandidateState, Phase, Told
from core import audit, clock, outbox, policy
from core.errors import NotAllowed, Stale

ORDER = ("category__order", "category", "title", "pk")
PREPARING = timedelta(hours=1)  # what decides ties is committed to before voting opens, or there is no vote at all
READ_BY_VOTERS = ("number", "slug", "title", "summary", "outcome", "lead_unit__code", "target", "target_unit")


def digest(edition: Edition) -> str:
    """SHA-256 (hex) of the ballot as voters read it, with the rules it is voted by; one statement.

    The text hashed is JSON with sorted keys, no spaces and UTF-8, so that a stranger can compute it from open data.
    """
    rules = {
        "year": edition.year,
        "choose": [edition.choose_min, edition.choose_max],
        "winners": edition.winners,
        "voters": edition.who_may_vote,
        "opens": edition.voting_opens.astimezone(UTC).isoformat(),
        "closes": edition.voting_closes.astimezone(UTC).isoformat(),
        "candidates": list(edition.candidates.on_the_ballot().values(*READ_BY_VOTERS)),
    }
    line = json.dumps(rules, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.encode()).hexdigest()


def what_is_missing(edition: Edition) -> str:
    """Why the list cannot be frozen yet, in words; empty when it can."""
    if edition.phase != Phase.REVIEWING:
        return _("The list is frozen while proposals are looked at.")
    if clock.now() >= edition.voting_opens - PREPARING:
        return _("This list would come too late for the vote to be made ready. Please move its dates first.")
    undecided = edition.candidates.filter(state__in=UNDECIDED).count()
    if undecided:
        return _("%(n)d proposals are not decided yet.") % {"n": undecided}
    listed = edition.candidates.filter(state=CandidateState.ACCEPTED).count()
    if listed > MOST_LISTED:
        return _("There are %(n)d candidates; at most %(most)d fit on a ballot.") % {"n": listed, "most": MOST_LISTED}
    needed = max(edition.choose_max, edition.winners)
    if listed < needed:
        return _("There are %(n)d candidates; at least %(needed)d are needed.") % {"n": listed, "needed": needed}
    return ""


@transaction.atomic
def propose_freeze(edition: Edition, *, by: Any) -> Edition:
    """Number the accepted candidates and propose the list for the freeze.

    Raises: NotAllowed, Frozen, NotNow with what is missing.
    """
    policy.require(by, "prepare", "edition")
    edition = moves.lock_open_list(edition)
    missing = what_is_missing(edition)
    if missing:
        raise NotNow(missing)
    _number(edition)
    edition.freeze_proposed_by, edition.freeze_proposed_at = by, clock.now()
    edition.freeze_digest = digest(edition)
    edition.save(update_fields=["freeze_proposed_by", "freeze_proposed_at", "freeze_digest"])
    audit.record("edition.freeze_proposed", edition, by=by, digest=edition.freeze_digest)
    return edition


def _number(edition: Edition) -> None:
    """1, 2, 3 … in the order of the categories; numbers are for paper, the screen shuffles."""
    edition.candidates.update(number=None)
    listed = list(edition.candidates.filter(state=CandidateState.ACCEPTED).order_by(*ORDER))
    for number, candidate in enumerate(listed, start=1):
        candidate.number = number
    Candidate.objects.bulk_update(listed, ["number"])


@transaction.atomic
def confirm_freeze(edition: Edition, *, by: Any, seen: str) -> Edition:
    """A second person freezes exactly the list that was proposed; ``seen`` is the digest the page showed.

    Raises: NotAllowed, also for whoever proposed it; Frozen; NotNow without a proposal; Stale when the list changed.
    """
    policy.require(by, "freeze", "edition")
    edition = moves.lock_open_list(edition)
    if edition.freeze_proposed_by_id is None:
        raise NotNow(_("Nobody has proposed the list yet."))
    if edition.freeze_proposed_by_id == by.pk:
        raise NotAllowed(_("You proposed this list; somebody else must confirm it."))
    missing = what_is_missing(edition)
    if missing:
        raise NotNow(missing)
    if not seen or seen != edition.freeze_digest or digest(edition) != edition.freeze_digest:
        raise Stale(_("The list has changed since it was proposed. It must be proposed again."))
    edition.frozen_by, edition.frozen_at = by, clock.now()
    edition.save(update_fields=["frozen_by", "frozen_at"])
    audit.record("edition.frozen", edition, by=by, digest=edition.freeze_digest)
    outbox.emit("annual_projects.frozen", edition=edition.pk, year=edition.year)
    telling.later(edition.candidates.filter(state=CandidateState.ACCEPTED), Told.ACCEPTED)
    return edition


@transaction.atomic
def recall_freeze(edition: Edition, *, by: Any) -> Edition:
    """Take the proposal back, to work on the list again. Raises: NotAllowed, Frozen."""
    policy.require(by, "prepare", "edition")
    edition = moves.lock_open_list(edition)
    edition.freeze_proposed_by, edition.freeze_proposed_at, edition.freeze_digest = None, None, ""
    edition.save(update_fields=["freeze_proposed_by", "freeze_proposed_at", "freeze_digest"])
    audit.record("edition.freeze_recalled", edition, by=by)
    return edition

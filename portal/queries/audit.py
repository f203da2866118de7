"""The audit ledger for who may read it: an auditor all of it, a leader what their own staff did."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from annual_projects.queries.editions import visible_editions
from core import keyset, policy
from core.errors import Text
from core.keyset import Page
from core.models import AuditEntry
from core.policy import Scope
from core.workdays import midnight
from directory.models import Membership
from directory.queries import led_by
from evaluations.access import accountability
from evaluations.models import AccountabilityCase, AppraisalRun, Scheme, Wave
from portal.audit_words import GROUPS, words_for
from suggestions.models import IdentityOpening, Suggestion

NEWEST_FIRST = ("-at", "-pk")
CASE, OPENING, PERSON = "suggestions.suggestion", "suggestions.identityopening", "accounts.user"


def readable_by(user: Any) -> QuerySet[AuditEntry]:
    """The entries that are this person's to read."""
    reach = policy.scopes(user, "read", "audit")
    if Scope.ALL in reach:
        return AuditEntry.objects.all()
    return _of_own_staff(user) if Scope.OWN_STAFF in reach else AuditEntry.objects.none()


def _of_own_staff(user: Any) -> QuerySet[AuditEntry]:
    """What was done by whoever worked under this leader at that moment, on duty: nobody's own account, no opening of
    an identity (that log is the auditor's), and nothing of a case that complains of the leader."""
    working = Membership.objects.filter(led_by(user, "unit"), starts__lte=OuterRef("at"))
    working = working.filter(Q(ends=None) | Q(ends__gt=OuterRef("at")))
    theirs = working.annotate(actor=_actor("user_id")).filter(actor=OuterRef("actor"))
    complaints = Suggestion.objects.complaining_of(user)
    judged = AccountabilityCase.objects.exclude(pk__in=accountability.without_conflict(user).values("pk"))
    return (
        AuditEntry.objects.filter(Exists(theirs))
        .exclude(object_type__in=[PERSON, OPENING])
        .exclude(object_type=CASE, object_id__in=_ids(complaints))
        .exclude(object_type=AccountabilityCase._meta.label_lower, object_id__in=_ids(judged))
    )


def _actor(column: str) -> Concat:
    return Concat(Value("user:"), Cast(column, CharField()), output_field=CharField())


def _ids(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The keys of the rows as the ledger writes them."""
    return rows.order_by().annotate(as_text=Cast("pk", CharField())).values("as_text")


def entries(user: Any, wanted: Mapping[str, Any], cursor: str | None = None, size: int = 40) -> Page[AuditEntry]:
    """A page of the ledger, newest first; one statement. Filters: action (one, or a group of them), person (a badge
    number), object (the number of a case, or ``type:id``) and day."""
    found = readable_by(user)
    if action := wanted.get("action"):
        found = found.filter(action__in=GROUPS[action][1] if action in GROUPS else [action])
    if badge := wanted.get("person"):
        found = found.filter(actor__in=_staff(username=badge).annotate(actor=_actor("pk")).values("actor"))
    if thing := wanted.get("object"):
        found = found.filter(_about(thing))
    if day := wanted.get("day"):
        found = found.filter(at__gte=midnight(day), at__lt=midnight(day + timedelta(days=1)))
    return keyset.page(found, key=NEWEST_FIRST, cursor=cursor, size=size)


def _staff(**kind: Any) -> QuerySet[User]:
    """Accounts of people who hold or held a role, and of technicians: the only ones that are called by name."""
    held = Exists(Membership.objects.filter(user=OuterRef("pk")))
    return User.objects.filter(Q(is_staff=True) | held, **kind)


def _about(thing: str) -> Q:
    kind, _colon, key = thing.rpartition(":")
    if kind:
        return Q(object_type=kind, object_id=key)
    cases = Suggestion.objects.filter(number=thing)
    openings = IdentityOpening.objects.filter(suggestion__number=thing)
    return Q(object_type=CASE, object_id__in=_ids(cases)) | Q(object_type=OPENING, object_id__in=_ids(openings))


@dataclass(frozen=True)
class Thing:
    """What an act was about, by the name that people know, and its page where the reader may open it."""

    name: str
    url: str = ""


@dataclass(frozen=True)
class Opening:
    """Why an identity was to be opened, who asked and who agreed or did not."""

    reason: str
    asked_by: str
    approved_by: str
    refused_by: str


@dataclass(frozen=True)
class Line:
    """One entry as a person reads it."""

    entry: AuditEntry
    who: str
    what: Text
    about: Thing
    opening: Opening | None

    @property
    def same(self) -> str:
        """What to ask for to read everything about the same object."""
        return f"{self.entry.object_type}:{self.entry.object_id}"


def lines(user: Any, shown: Iterable[AuditEntry]) -> list[Line]:
    """The entries in words; one statement for the people, two for the cases, one for each other kind of object."""
    shown = list(shown)
    ids = defaultdict(set)
    for entry in shown:
        if entry.object_id.isdecimal():
            ids[entry.object_type].add(int(entry.object_id))
    openings = IdentityOpening.objects.in_bulk(ids[OPENING]) if policy.can(user, "log", "identity") else {}
    people = _names(
        {int(entry.actor.removeprefix("user:")) for entry in shown if entry.actor.startswith("user:")}
        | ids[PERSON]
        | {pk for one in openings.values() for pk in (one.requested_by_id, one.approved_by_id, one.refused_by_id) if pk}
    )
    things = {PERSON: {str(pk): Thing(people.get(pk, _("a citizen"))) for pk in ids[PERSON]}}
    cases = _cases(user, ids[CASE] | {one.suggestion_id for one in openings.values()})
    things[CASE] = {str(pk): case for pk, case in cases.items()}
    things[OPENING] = {str(pk): cases[one.suggestion_id] for pk, one in openings.items()}
    for kind, place in PLACES.items():
        if ids[kind] and policy.can(user, *place.needs):
            things[kind] = place.things(user, ids[kind])

    def line(entry: AuditEntry) -> Line:
        unnamed = Thing(_("No. %(id)s") % {"id": entry.object_id})
        about = things.get(entry.object_type, {}).get(entry.object_id, unnamed)
        opening = openings.get(int(entry.object_id)) if entry.object_type == OPENING else None
        return Line(
            entry, _who(entry, people), words_for(entry.action), about, _opening(opening, people) if opening else None
        )

    return [line(entry) for entry in shown]


def _names(people: set[int]) -> dict[int, str]:
    """Name and badge number of staff; a citizen has no name here."""
    found = _staff(pk__in=people).values_list("pk", "display_name", "username")
    return {pk: f"{name} {badge}".strip() for pk, name, badge in found}


def _who(entry: AuditEntry, people: Mapping[int, str]) -> str:
    if not entry.actor.startswith("user:"):
        return _("the portal")
    return people.get(int(entry.actor.removeprefix("user:")), _("a citizen"))


def _opening(opening: IdentityOpening, people: Mapping[int, str]) -> Opening:
    def name(pk: int | None) -> str:
        return people.get(pk, "") if pk else ""

    by = (name(opening.requested_by_id), name(opening.approved_by_id), name(opening.refused_by_id))
    return Opening(opening.reason, *by)


def _cases(user: Any, wanted: set[int]) -> dict[int, Thing]:
    """The numbers of cases, each with its page if the reader may open it."""
    cases = Suggestion.objects.filter(pk__in=wanted)
    opens = set(Suggestion.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    numbers = cases.values_list("pk", "number")
    return {pk: Thing(n, reverse("suggestions:desk_case", args=[n]) if pk in opens else "") for pk, n in numbers}


@dataclass(frozen=True)
class Place:
    """Where a kind of object has its page: which the reader may open, by which right, its name and its address."""

    needs: tuple[str, str]
    rows: Callable[[Any], QuerySet[Any]]
    name: str
    page: str
    by: str

    def things(self, user: Any, ids: set[int]) -> dict[str, Thing]:
        """The objects with these keys, by key as text; one statement."""
        found = self.rows(user).filter(pk__in=ids).values_list("pk", self.name, self.by)
        return {str(pk): Thing(str(name), reverse(self.page, args=[by])) for pk, name, by in found}


PLACES = {
    "annual_projects.edition": Place(
        ("inspect", "edition"), visible_editions, "year", "annual_projects:desk_edition", "year"
    ),
    "voting.poll": Place(("watch", "count"), visible_editions, "year", "voting:desk", "year"),
    "evaluations.wave": Place(
        ("inspect", "wave"), lambda _user: Wave.objects.all(), "code", "evaluations:desk_wave", "code"
    ),
    "evaluations.scheme": Place(
        ("read", "scheme"), lambda _user: Scheme.objects.all(), "year", "evaluations:scheme", "pk"
    ),
    "evaluations.appraisalrun": Place(
        ("inspect", "appraisal"), lambda _user: AppraisalRun.objects.all(), "scheme__year", "evaluations:run", "pk"
    ),
    "evaluations.accountabilitycase": Place(
        ("read", "accountability"),
        accountability.visible_cases,
        "number",
        "evaluations:desk_accountability_case",
        "number",
    ),
}

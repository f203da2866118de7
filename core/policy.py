"""Who may see or do what: one table, role × object × action, read by queries, services, pages, API, tests and docs.

A row says how far a role reaches (its *scope*). What a scope means for a model is the business of that model's
``visible_to``; a role that is not in a row may not. The superuser is a technician: no row names that role.
Source: the table "Who may do what" of the promises this product makes (``docs/policy.md`` is printed from here).
"""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.errors import NotAllowed


class Role(TextChoices):
    ANONYMOUS = "anonymous", _("visitor")
    CITIZEN = "citizen", _("citizen")
    VERIFIED = "verified", _("verified citizen")
    OFFICER = "officer", _("officer")
    TRIAGE = "triage", _("triage desk")
    LEADER = "leader", _("unit leader")
    ADMIN = "admin", _("public-work admin")
    POLLSTER = "pollster", _("pollster")
    AUDITOR = "auditor", _("auditor")


class Scope(TextChoices):
    ALL = "all", _("all")
    OWN = "own", _("own")
    CODE = "code", _("with the tracking code")
    ASSIGNED = "assigned", _("assigned to one's unit")
    SUBTREE = "subtree", _("one's unit and those below")
    COUNTS = "counts", _("counts only")
    SAMPLE = "sample", _("a sample")
    REASON = "reason", _("with a reason, logged")
    SECOND = "second", _("as second approver")
    NOT_OWN = "not_own", _("not one's own")
    CLERK = "clerk", _("as a clerk for somebody else")
    OWN_STAFF = "own_staff", _("about one's own staff")
    INSPECTED = "inspected", _("the units one's inspectorate inspects")


A, C, V, O, T, L, W, P, U = (  # noqa: E741  one letter a column keeps the table readable
    Role.ANONYMOUS,
    Role.CITIZEN,
    Role.VERIFIED,
    Role.OFFICER,
    Role.TRIAGE,
    Role.LEADER,
    Role.ADMIN,
    Role.POLLSTER,
    Role.AUDITOR,
)
STAFF = (O, T, L, W, P, U)
EVERYONE = dict.fromkeys(Role, Scope.ALL)
SIGNED_IN = {role: Scope.OWN for role in Role if role != A}

TABLE: dict[str, dict[str, dict[Role, Scope]]] = {
    "page": {
        "open": EVERYONE,
        "own": SIGNED_IN,
        "shut": {},
        "desk": {O: Scope.ASSIGNED, T: Scope.ALL, L: Scope.SUBTREE, W: Scope.COUNTS, U: Scope.SAMPLE},
        "inspect": {T: Scope.ALL, L: Scope.SUBTREE, W: Scope.COUNTS, U: Scope.ALL},
    },
    "suggestion": {
        "submit": {A: Scope.ALL, C: Scope.ALL, V: Scope.ALL, O: Scope.CLERK, T: Scope.CLERK},
        "intake": {O: Scope.CLERK, T: Scope.CLERK},
        "read": {
            A: Scope.CODE,
            C: Scope.OWN,
            V: Scope.OWN,
            O: Scope.ASSIGNED,
            T: Scope.ALL,
            L: Scope.SUBTREE,
            U: Scope.SAMPLE,
        },
        "count": {
            O: Scope.ASSIGNED,
            T: Scope.ALL,
            L: Scope.SUBTREE,
            W: Scope.COUNTS,
            U: Scope.SAMPLE,
        },
        "triage": {T: Scope.ALL},
        "assign": {T: Scope.ALL, L: Scope.SUBTREE},
        "ask": {O: Scope.ASSIGNED, T: Scope.ALL},
        "draft": {O: Scope.ASSIGNED},
        "sign": {L: Scope.NOT_OWN},
        "close": {A: Scope.CODE, C: Scope.OWN, V: Scope.OWN, T: Scope.ALL, L: Scope.SUBTREE},
        "note": {O: Scope.ASSIGNED, T: Scope.ALL, L: Scope.SUBTREE},
        "request extension": {O: Scope.ASSIGNED},
        "approve extension": {L: Scope.SUBTREE},
        "approve extension again": {W: Scope.SECOND},
        "follow": {A: Scope.CODE, C: Scope.OWN, V: Scope.OWN},
        "escalate": {T: Scope.ALL, W: Scope.COUNTS, U: Scope.SAMPLE},
        "follow up": {L: Scope.SUBTREE},
        "support": {C: Scope.OWN, V: Scope.OWN},
    },
    "published suggestion": {"read": EVERYONE},
    "identity": {
        "open": {T: Scope.REASON},
        "approve": {W: Scope.SECOND},
        "own": {C: Scope.OWN, V: Scope.OWN},
        "log": {U: Scope.ALL},
    },
    "routing": {"edit": {T: Scope.ALL}},
    "template": {
        "edit": {T: Scope.ALL, L: Scope.SUBTREE},
        "use": {O: Scope.ASSIGNED, T: Scope.ALL, L: Scope.SUBTREE},
    },
    "edition": {
        "read": EVERYONE,
        "inspect": {T: Scope.ALL, W: Scope.ALL, O: Scope.ASSIGNED, L: Scope.SUBTREE, U: Scope.ALL},
        "prepare": {T: Scope.ALL, W: Scope.ALL},
        "decide": {W: Scope.ALL},
        "freeze": {W: Scope.SECOND},
    },
    "demand": {"read": {T: Scope.COUNTS, W: Scope.COUNTS}},
    "nomination": {"submit": SIGNED_IN},
    "project": {
        "report": {O: Scope.ASSIGNED, L: Scope.SUBTREE, W: Scope.ALL},
        "settle": {W: Scope.ALL},
        "rate": {V: Scope.OWN},
    },
    "vote": {"cast": {C: Scope.OWN, V: Scope.OWN}},  # which of them, the rule of the edition says
    "paper ballot": {
        "account": {O: Scope.CLERK, T: Scope.ALL, W: Scope.ALL},  # what exactly, the service asks
        "issue": {T: Scope.ALL, W: Scope.ALL},
        "hand out": {O: Scope.CLERK, T: Scope.CLERK},
        "key": {O: Scope.CLERK, T: Scope.ALL},
        "verify": {W: Scope.ALL},
    },
    "roll": {"import": {W: Scope.ALL}},
    "count": {
        "read": EVERYONE,
        "watch": {O: Scope.CLERK, T: Scope.ALL, W: Scope.COUNTS, U: Scope.COUNTS},
        "close": {W: Scope.ALL},
        "publish": {W: Scope.ALL},
    },
    "wave": {
        "read": {W: Scope.ALL, P: Scope.OWN, U: Scope.ALL},
        "prepare": {W: Scope.ALL},
        "hand in": {P: Scope.OWN},
        "inspect": {W: Scope.ALL, U: Scope.ALL},
        "review": {W: Scope.ALL},
        "score": {W: Scope.ALL},
        "publish": {W: Scope.ALL},
    },
    "outcome": {"record": {W: Scope.ALL}},
    "figures of an officer": {"read": {O: Scope.OWN, L: Scope.SUBTREE, W: Scope.ALL, U: Scope.ALL}},
    "promotion": {
        "read": {O: Scope.OWN, T: Scope.OWN, L: Scope.SUBTREE, W: Scope.ALL, U: Scope.ALL},
        "record": {W: Scope.ALL},
        "decide": {L: Scope.SUBTREE, W: Scope.ALL},  # never about oneself
    },
    "accountability": {
        "read": {O: Scope.OWN, T: Scope.OWN, L: Scope.SUBTREE, W: Scope.ALL, U: Scope.ALL},
        "handle": {O: Scope.INSPECTED, L: Scope.INSPECTED, W: Scope.ALL},
        "speak": {O: Scope.OWN, T: Scope.OWN, L: Scope.OWN},
    },
    "public answer": {"read": EVERYONE},
    "scheme": {
        "read": {W: Scope.ALL, U: Scope.ALL},
        "propose": {W: Scope.ALL},
        "lock": {W: Scope.SECOND},
    },
    "appraisal": {
        "read": {O: Scope.OWN, L: Scope.NOT_OWN, W: Scope.ALL, U: Scope.ALL},  # a leader: of the subtree, not one's own
        "own": {O: Scope.OWN, L: Scope.OWN},
        "appeal": {O: Scope.OWN, L: Scope.OWN},
        "inspect": {W: Scope.ALL, U: Scope.ALL},
        "export": {O: Scope.OWN, L: Scope.OWN, U: Scope.ALL},
        "work out": {W: Scope.ALL},
        "freeze": {W: Scope.SECOND},
        "publish": {W: Scope.ALL},
        "decide": {W: Scope.SECOND},
    },
    "audit": {
        "read": {U: Scope.ALL, L: Scope.OWN_STAFF},
        "take": {U: Scope.ALL},
        "own": {C: Scope.OWN, V: Scope.OWN},  # who opened one's own identity
    },
    "account": {"confirm": {W: Scope.SECOND}},  # what a technician proposes for it, its roles or a programme's keys
    "notification": {"failures": {T: Scope.ALL, W: Scope.ALL}},
}


def memberships_of(user: Any) -> list[Any]:
    """The memberships that are in force now, read once a request (they hang on the user object)."""
    cached = getattr(user, "_current_memberships", None)
    if cached is None:
        cached = list(user.memberships.current().select_related("unit__parent"))
        user._current_memberships = cached
    return cached


# what a programme's token may be good for, and the one role that goes with it, if any
SCOPES: dict[str, Role | None] = {"suggestions:write": None, "open311": None, "polls:hand-in": Role.POLLSTER}


def roles_of(user: Any) -> set[Role]:
    """Every role the user has now; somebody not signed in is a visitor, and so is a programme, but for its scopes."""
    if not user.is_authenticated:
        return {Role.ANONYMOUS}
    token_scopes = getattr(user, "token_scopes", None)
    if token_scopes is not None:
        return {Role.ANONYMOUS, *(role for scope in token_scopes if (role := SCOPES.get(scope)) is not None)}
    roles = {Role(membership.role) for membership in memberships_of(user)}
    roles.add(Role.VERIFIED if user.is_verified else Role.CITIZEN)
    return roles


def is_staff_member(user: Any) -> bool:
    """Whether the user has any role beyond that of a citizen."""
    return not roles_of(user).isdisjoint(STAFF)


def scopes(user: Any, action: str, object_name: str) -> set[Scope]:
    """How far the user reaches with this action; empty when it is not theirs."""
    row = TABLE[object_name][action]
    return {row[role] for role in roles_of(user) if role in row}


def can(user: Any, action: str, object_name: str) -> bool:
    """Whether any role of the user is in the row."""
    return bool(scopes(user, action, object_name))


def require(user: Any, action: str, object_name: str) -> None:
    """Raises :class:`NotAllowed` unless the user may."""
    if not can(user, action, object_name):
        raise NotAllowed


def units_with(user: Any, *roles: Role) -> list[Any]:
    """The units in which the user has one of these roles now."""
    return [m.unit for m in memberships_of(user) if m.unit is not None and m.role in roles]

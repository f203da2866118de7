"""Reads about people and what they were told."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Notification, User
from accounts.sms import FileBackend
from core.policy import STAFF


def inbox(user: User) -> QuerySet[Notification]:
    """What the portal told this person, newest first."""
    return Notification.objects.inbox(user).order_by("-pk")


def unread_count(user: User) -> int:
    """How many of them are unread: one statement on a partial index, once it is known who reads."""
    return Notification.objects.inbox(user).unread().count()


def failed_notifications() -> QuerySet[Notification]:
    """What could not be sent, newest first. Says to whom only by account; addresses stay sealed."""
    return (
        Notification.objects.filter(state=Notification.State.FAILED)
        .select_related("user")
        .defer("address_sealed", "body")
        .order_by("-pk")
    )


@dataclass(frozen=True)
class DemoAccount:
    """One demo sign-in for the notice on the login page."""

    role: str
    login: str
    name: str


def demo_staff() -> list[DemoAccount]:
    """One made-up member of staff for each role, in the order of the policy table."""
    people = (
        User.objects.filter(is_demo=True, is_active=True, memberships__role__in=STAFF)
        .order_by("memberships__role", "pk")
        .distinct("memberships__role")
        .values_list("memberships__role", "username", "display_name")
    )
    found = {role: DemoAccount(str(role), login, name) for role, login, name in people}
    return [DemoAccount(str(role.label), found[role].login, found[role].name) for role in STAFF if role in found]


def demo_code(phone: str) -> str:
    """The code last sent to a number through the file backend, for the notice of the demo; empty when there is none."""
    return next((line["code"] for line in FileBackend().sent() if line["to"] == phone and line["code"]), "")

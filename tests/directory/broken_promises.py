"""How each promise about roles and accounts is broken, past every guard; returns what the check must name."""

from accounts.models import User
from core.policy import Role
from directory import invariants
from directory.models import Membership


def a_role_came_from_nobody(city) -> str:
    person = User.objects.create_staff("770001", None)
    role = Membership.objects.create(user=person, role=Role.TRIAGE, unit=city.desk)
    return f"membership {role.pk}"


def a_technician_came_from_nobody(city) -> str:
    person = User.objects.create_staff("770002", None, is_staff=True, is_superuser=True)
    return f"account {person.pk}"


SEEDS = {
    invariants.who_was_appointed_is_on_the_ledger: a_role_came_from_nobody,
    invariants.technicians_were_made_by_two: a_technician_came_from_nobody,
}

"""The table of who may do what: what it grants, and that its printed page is current."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from core import policy
from core.errors import NotAllowed
from core.management.commands.policy_doc import PAGE, document
from core.policy import Role, Scope
from tests import factories


def test_the_printed_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == document(), "run manage.py policy_doc --write"


def test_the_page_has_every_right_there_is():
    lines = document().splitlines()
    for thing, actions in policy.TABLE.items():
        assert f"## {thing}" in lines
        for action, row in actions.items():
            line = next(line for line in lines[lines.index(f"## {thing}") :] if line.startswith(f"| {action} |"))
            assert sum(bool(cell.strip()) for cell in line.split("|")[2:-1]) == len(row)


def test_somebody_with_several_roles_reaches_as_far_as_each(city):
    factories.Membership.objects.create(user=city.officer, role=Role.LEADER, unit=city.yuehe)
    fresh = User.objects.get(pk=city.officer.pk)
    assert policy.roles_of(fresh) == {Role.OFFICER, Role.LEADER, Role.CITIZEN}
    assert policy.scopes(fresh, "read", "suggestion") == {Scope.ASSIGNED, Scope.SUBTREE, Scope.OWN}


def test_a_role_begins_and_ends_by_the_clock(city):
    later = timezone.now() + timedelta(days=1)
    factories.Membership.objects.create(user=city.citizen, role=Role.TRIAGE, unit=city.desk, starts=later)
    assert not policy.is_staff_member(User.objects.get(pk=city.citizen.pk))
    city.officer.memberships.update(ends=timezone.now() - timedelta(seconds=1))
    assert policy.roles_of(User.objects.get(pk=city.officer.pk)) == {Role.CITIZEN}


def test_the_superuser_has_no_business(db):
    technician = User.objects.create_superuser("technician")
    assert policy.roles_of(technician) == {Role.CITIZEN}
    with pytest.raises(NotAllowed):
        policy.require(technician, "triage", "suggestion")


def test_memberships_are_read_once_a_request(city, django_assert_num_queries):
    user = User.objects.get(pk=city.triage.pk)
    with django_assert_num_queries(1):
        for _n in range(3):
            assert policy.can(user, "triage", "suggestion")

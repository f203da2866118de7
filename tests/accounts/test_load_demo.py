"""The made-up people."""

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import admission
from accounts.models import User
from core.policy import Role
from demo_city import accounts as demo
from directory.models import Membership
from tests.pages import page_of

pytestmark = pytest.mark.django_db


def test_loading_twice_is_loading_once():
    first = [user.pk for user in demo.citizens()]
    assert [user.pk for user in demo.citizens()] == first
    assert User.objects.count() == len(settings.DEMO_PHONES)


def test_they_are_marked_and_some_are_verified():
    people = demo.citizens()
    assert all(user.is_demo for user in people)
    assert {user.is_verified for user in people} == {True, False}
    assert all(user.phone.startswith("+861990000") for user in people)


def test_a_visitor_signs_in_with_what_the_demo_page_shows(client, settings, sign_in):
    settings.DEMO = True
    demo.citizens()
    shown = client.get("/accounts/login/").context["demo_phone"]
    sign_in(shown)
    assert client.session["_auth_user_id"]


def test_the_staff_page_shows_one_account_a_role(client, settings, unit):
    settings.DEMO = True
    for badge, role in [("330501", Role.OFFICER), ("330502", Role.OFFICER), ("330503", Role.LEADER)]:
        Membership.objects.create(user=demo.staff(badge, "钱明"), role=role, unit=unit)
    page = client.get("/accounts/staff/")
    assert [account.login for account in page.context["demo_staff"]] == ["330501", "330503"]
    client.post("/accounts/staff/", {"login": "330503", "password": page.context["demo_password"]})
    assert client.session["_auth_user_id"]


def test_the_real_portal_shows_no_account(client, unit):
    Membership.objects.create(user=demo.staff("330501", "钱明"), role=Role.OFFICER, unit=unit)
    page = page_of(client.get("/accounts/staff/"))
    assert "330501" not in page
    assert settings.DEMO_PASSWORD not in page


def test_each_member_of_staff_has_a_made_up_number_on_record():
    one = demo.staff("330501", "钱明")
    many = demo.staff_members([("330501", "钱明"), ("330502", "沈华")], joined=timezone.now())
    assert {person.is_demo for person in many.values()} == {True}
    kept = [User.objects.get(pk=person.pk).staff_phone for person in many.values()]
    assert [phone.startswith("+861990000") for phone in kept] == [True, True]
    assert one.staff_phone in kept, "a number stays"
    asked = admission.propose(one, "password", reason="忘记了密码", by=demo.technician())
    assert asked.kind == "password"

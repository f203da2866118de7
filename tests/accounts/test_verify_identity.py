"""Who one is, proved once: the number is checked, fingerprinted and forgotten."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import identity, services
from accounts.models import User
from core.errors import Invalid, WrongState
from core.models import AuditEntry, OutboxEvent
from tests.pages import page_of

pytestmark = pytest.mark.django_db
PAGE = "/accounts/verify/"
# made up with the right check digits: Wuxing 330502, Nanxun 330503
GOOD, WITH_X = "330502195603074017", "33050319900101111X"


@pytest.fixture
def signed_in(client, citizen):
    client.force_login(citizen)
    return client


def check_digit(first_17):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    total = sum(weight * int(digit) for weight, digit in zip(weights, first_17, strict=True))
    return "10X98765432"[total % 11]


def test_the_numbers_of_these_tests_follow_gb_11643():
    assert check_digit(GOOD[:17]) == GOOD[17]
    assert check_digit(WITH_X[:17]) == WITH_X[17]


@pytest.mark.parametrize("typed", [GOOD, f" {GOOD[:6]} {GOOD[6:14]} {GOOD[14:]} "])
def test_a_right_number_verifies(signed_in, citizen, typed):
    response = signed_in.post(PAGE, {"name": "沈建国", "id_number": typed})
    assert response.status_code == 302
    citizen.refresh_from_db()
    assert citizen.is_verified
    assert citizen.birth_year == 1956
    assert AuditEntry.objects.filter(action="accounts.verified", object_id=str(citizen.pk)).exists()
    assert OutboxEvent.objects.get(topic="accounts.verified").payload == {"user_id": citizen.pk}
    assert "verified" in page_of(signed_in.get(PAGE))


@pytest.mark.parametrize("typed", [WITH_X, WITH_X.lower(), "".join(chr(ord(c) + 0xFEE0) for c in WITH_X)])
def test_an_x_in_any_width_and_case_is_the_same_number(typed):
    assert identity.read(typed).fingerprint == identity.read(WITH_X).fingerprint


@pytest.mark.parametrize(
    "typed",
    [
        GOOD[:17] + "9",  # check digit
        GOOD[:15] + "107",  # two digits changed round
        "33050219560230401X",  # 30 February
        "330502209901014017",  # not born yet
        "110",
        "",
        "🙂" * 18,
        "\x00" * 18,
        "1" * 4000,
        "330502560307401",  # the old form with 15 digits
    ],
)
def test_a_wrong_number_gets_a_word_by_the_field(signed_in, citizen, typed):
    response = signed_in.post(PAGE, {"name": "沈建国", "id_number": typed})
    assert response.status_code == 422
    assert response.context["form"].errors["id_number"]
    citizen.refresh_from_db()
    assert not citizen.is_verified


def test_one_number_serves_one_account(signed_in, citizen):
    other = User.objects.create_citizen(phone="13900005678")
    services.verify_identity(other, name="沈建国", id_number=GOOD)
    response = signed_in.post(PAGE, {"name": "沈建国", "id_number": GOOD})
    assert "already verified" in str(response.context["form"].errors["id_number"])
    citizen.refresh_from_db()
    assert not citizen.is_verified


def test_in_raw_sql_too(citizen):
    other = User.objects.create_citizen(phone="13900005678")
    services.verify_identity(citizen, name="沈建国", id_number=GOOD)
    citizen.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user SET id_fingerprint = %s, id_verified_at = now() WHERE id = %s",
            [citizen.id_fingerprint, other.pk],
        )


def test_without_the_constraint_two_would_share_it(citizen):
    other = User.objects.create_citizen(phone="13900005678")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user DROP CONSTRAINT accounts_user_id_fingerprint_key")
    for user in (citizen, other):
        services.verify_identity(user, name="沈建国", id_number=GOOD)
    assert User.objects.filter(id_verified_at__isnull=False).count() == 2


def test_nobody_is_verified_without_a_fingerprint(citizen):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET id_verified_at = now() WHERE id = %s", [citizen.pk])


def test_once_is_enough(citizen):
    services.verify_identity(citizen, name="沈建国", id_number=GOOD)
    stale = User.objects.get(pk=citizen.pk)
    with pytest.raises(WrongState):
        services.verify_identity(stale, name="沈建国", id_number=WITH_X)


def test_the_number_is_nowhere_afterwards(signed_in, citizen, caplog):
    caplog.set_level(logging.DEBUG)
    signed_in.post(PAGE, {"name": "沈建国", "id_number": GOOD[:17] + "9"})
    signed_in.post(PAGE, {"name": "沈建国", "id_number": GOOD})
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(u::text, '') FROM accounts_user u")
        people = cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(string_agg(a::text, ''), '') FROM core_auditentry a")
        ledger = cursor.fetchone()[0]
    places = people + ledger + caplog.text + str(dict(signed_in.session))
    assert GOOD not in places
    assert GOOD[:17] not in places
    assert GOOD.encode().hex() not in people
    assert GOOD not in repr(identity.read(GOOD))


def test_guessing_numbers_is_slowed_down(signed_in):
    for _try in range(10):
        signed_in.post(PAGE, {"name": "沈建国", "id_number": GOOD[:17] + "9"})
    response = signed_in.post(PAGE, {"name": "沈建国", "id_number": GOOD})
    assert response.status_code == 422
    assert response.context["form"].non_field_errors()


def test_a_visitor_is_sent_to_sign_in(client):
    assert client.get(PAGE)["Location"] == "/accounts/login/?next=/accounts/verify/"


# --- a provincial service, made up -----------------------------------------------------------------------------------


@pytest.fixture
def province(settings):
    """A service on a loopback port that knows one person; ``answer`` changes what it says."""

    class Service(BaseHTTPRequestHandler):
        answer = None
        heard = []

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            Service.heard.append((self.headers["Authorization"], body))
            status, answer = Service.answer or (200, {"match": body == {"name": "沈建国", "id_number": GOOD}})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *args):
            """Say nothing."""

    Service.heard = []
    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.IDENTITY_VERIFIER = "accounts.identity.ServiceVerifier"
    settings.IDENTITY_URL = f"http://127.0.0.1:{server.server_port}/match"
    settings.IDENTITY_TOKEN = "secret"
    yield Service
    server.shutdown()
    server.server_close()


def test_the_service_is_asked(citizen, province):
    services.verify_identity(citizen, name="沈建国", id_number=GOOD)
    assert province.heard == [("Bearer secret", {"name": "沈建国", "id_number": GOOD})]


def test_a_name_that_is_not_the_numbers_is_refused(citizen, province):
    with pytest.raises(Invalid):
        services.verify_identity(citizen, name="别人", id_number=GOOD)
    citizen.refresh_from_db()
    assert not citizen.is_verified


@pytest.mark.parametrize("answer", [(500, {}), (200, {"match": "yes"}), (200, []), (302, {"match": True})])
def test_a_service_that_stammers_verifies_nobody(citizen, province, answer):
    province.answer = answer
    with pytest.raises(identity.VerifierAway):
        services.verify_identity(citizen, name="沈建国", id_number=GOOD)


def test_a_service_that_is_away_is_told_above_the_form(signed_in, province, settings):
    settings.IDENTITY_URL = "http://127.0.0.1:9/match"
    response = signed_in.post(PAGE, {"name": "沈建国", "id_number": GOOD})
    assert response.status_code == 422
    assert response.context["form"].non_field_errors()

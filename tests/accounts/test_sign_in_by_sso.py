"""Single sign-on, against a made-up issuer on a loopback port that signs its tokens."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone

from accounts.models import User
from directory.models import Membership
from tests.pages import page_of

pytestmark = pytest.mark.django_db
LOGIN, CALLBACK = "/accounts/oidc/sso/login/", "/accounts/oidc/sso/login/callback/"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """What the made-up province knows of whoever signs in next."""

    def __init__(self) -> None:
        self.claims = {"sub": "person-7", "badge_number": "330501", "name": "钱明", "phone_number": "13800001234"}
        self.token_claims: dict[str, object] = {}
        self.challenge = ""
        self.url = ""

    def id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": "plaza", "iat": now, "exp": now + 60, **self.claims, **self.token_claims}
        return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "k"})

    def answer(self, path: str, form: dict[str, list[str]]) -> tuple[int, object]:
        if path.endswith("openid-configuration"):
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            places = {name: f"{self.url}/{place}" for name, place in names.items()}
            return 200, {"issuer": self.url, "userinfo_endpoint": f"{self.url}/me", **places}
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            return 200, {"keys": [{**public, "kid": "k", "alg": "RS256", "use": "sig"}]}
        if path == "/me":
            return 200, self.claims
        verifier = form.get("code_verifier", [""])[0].encode()
        proof = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if form.get("code") != ["good"] or proof != self.challenge:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "t", "token_type": "Bearer", "expires_in": 60, "id_token": self.id_token()}


@pytest.fixture
def issuer(settings):
    known = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            size = int(self.headers.get("Content-Length") or 0)
            status, body = known.answer(urlsplit(self.path).path, parse_qs(self.rfile.read(size).decode()))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_GET

        def log_message(self, *args):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    known.url = f"http://127.0.0.1:{server.server_port}"
    app = {"provider_id": "sso", "name": "Province", "client_id": "plaza", "secret": "s"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [{**app, "settings": {"server_url": known.url}}]}
    }
    yield known
    server.shutdown()
    server.server_close()


@pytest.fixture
def come(client, issuer):
    """Go to the issuer and come back with its code, as a browser does."""

    def through(code: str = "good", state: str = ""):
        away = client.post(LOGIN)
        asked = parse_qs(urlsplit(away["Location"]).query)
        issuer.challenge = asked["code_challenge"][0]
        return client.get(CALLBACK, {"code": code, "state": state or asked["state"][0]})

    return through


def signed_in(client):
    return client.session.get("_auth_user_id")


def test_a_badge_number_we_know_signs_in_and_is_linked(client, come, make_staff):
    officer = make_staff()
    assert come()["Location"] == "/desk/"
    assert signed_in(client) == str(officer.pk)
    assert SocialAccount.objects.get().user == officer


def test_the_second_time_goes_by_the_link(client, come, make_staff, issuer):
    officer = make_staff()
    come()
    client.logout()
    issuer.claims.pop("badge_number")
    come()
    assert signed_in(client) == str(officer.pk)


def test_of_what_the_issuer_says_only_its_id_is_kept(come, make_staff):
    make_staff()
    come()
    come_again = SocialAccount.objects.get()
    assert come_again.extra_data == {"id_token": {"sub": "person-7"}}
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize("badge", ["999999", "", None, [], {"x": 1}, "' OR 1=1"])
def test_an_unknown_badge_gets_a_page_and_no_account(client, come, make_staff, issuer, badge):
    make_staff()
    issuer.claims["badge_number"] = badge
    assert come().status_code == 403
    assert signed_in(client) is None
    assert User.objects.count() == 1
    assert not SocialAccount.objects.exists()


def test_a_citizen_is_not_reached_by_claiming_their_account_name(client, come, citizen, issuer):
    issuer.claims["badge_number"] = citizen.username
    assert come().status_code == 403
    assert signed_in(client) is None


def test_nobody_comes_in_whose_role_has_ended(client, come, make_staff):
    officer = make_staff()
    come()
    client.logout()
    Membership.objects.filter(user=officer).update(ends=timezone.now())
    assert come().status_code == 403
    assert signed_in(client) is None


def test_nor_with_a_closed_account(client, come, make_staff):
    make_staff(is_active=False)
    assert come().status_code == 403


@pytest.mark.parametrize("claims", [{"iss": "http://evil.example"}, {"aud": "somebody-else"}, {"exp": 1}])
def test_a_token_for_somebody_else_or_from_somebody_else_is_refused(client, come, make_staff, issuer, claims):
    make_staff()
    issuer.token_claims = claims
    come()
    assert signed_in(client) is None


def test_a_wrong_code_and_a_foreign_state_are_refused(client, come, make_staff):
    make_staff()
    for answer in (come(code="bad"), come(state="made-up")):
        assert "single sign-on did not work" in page_of(answer).lower()
    assert signed_in(client) is None


def test_the_second_factor_is_asked_here_too(client, come, make_staff):
    TOTP.activate(make_staff(), "JBSWY3DPEHPK3PXP")
    assert come()["Location"] == "/accounts/2fa/authenticate/"
    assert signed_in(client) is None


def test_the_staff_page_offers_it_only_where_it_is_set_up(client, issuer, settings):
    assert "Province" in page_of(client.get("/accounts/staff/"))
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert "Province" not in page_of(client.get("/accounts/staff/"))

"""How a partner's programme proves which programme it is; it never acts for a person."""

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import tokens
from accounts.models import ApiToken, User


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer plaza_…``; without the header the session is asked."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, words = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.use(words.strip())
        if token is None:
            raise AuthenticationFailed(_("This token is not valid, or not any more."))
        account = token.client.account
        account.token_scopes = frozenset(token.scopes)
        return account, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="plaza"'


class BearerScheme(OpenApiAuthenticationExtension):
    """How the schema describes it."""

    target_class = "accounts.api.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of a partner's programme."}

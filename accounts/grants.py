"""What the portal may do with accounts, and with what signing in remembers."""

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken

from accounts.models import AccountRequest, ApiClient, ApiToken, Notification, User
from core.database_roles import ALL, declare

DECISION = "confirmed_by confirmed_at refused_by refused_at"  # of the second person

declare(User, changes=ALL)
declare(User.groups.through, changes=ALL, deletes=True)
declare(User.user_permissions.through, changes=ALL, deletes=True)
declare(
    ApiToken,
    changes=f"{DECISION} hint fingerprint revoked_at used_on",
    stands="id client name scopes created_at expires_at proposed_by proposed_at",
)
declare(ApiClient)
declare(
    AccountRequest,
    changes=f"{DECISION} open_until used_at",
    stands="id user kind reason phone_sealed proposed_by proposed_at",
)
declare(
    Notification,
    changes="state attempts not_before lease_until sent_at read_at last_error",
    stands="id user address_sealed channel subject body link dedupe_key created_at",
    deletes=True,
)

for of_allauth in (EmailAddress, EmailConfirmation, Authenticator, SocialAccount, SocialApp, SocialToken):
    declare(of_allauth, changes=ALL, deletes=True)

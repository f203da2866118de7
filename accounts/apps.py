from typing import Any

import pgtrigger
from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.times import kept_by_the_day


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("People")

    def ready(self) -> None:
        """Of the last sign-in the day is kept: its second would name what was said right after."""
        from allauth.mfa.models import Authenticator
        from allauth.socialaccount.models import SocialAccount

        pgtrigger.register(kept_by_the_day("created_at", "last_used_at"))(Authenticator)
        pgtrigger.register(kept_by_the_day("date_joined", "last_login"))(SocialAccount)
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_the_day, dispatch_uid="accounts.note_the_day")


def note_the_day(sender: Any, user: Any, **kwargs: Any) -> None:
    """Write the day of a sign-in, as its first moment."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if user.last_login != today:
        user.last_login = today
        user.save(update_fields=["last_login"])
